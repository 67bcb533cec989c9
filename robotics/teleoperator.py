"""A person at the controls: a policy that also tells what the person decided about the episode."""

from enum import Enum
from typing import Protocol

from robotics.policy import Policy


class TeleoperatorEvent(Enum):
    """What a person may say during an episode."""

    SUCCESS = "success"
    FAILURE = "failure"
    RERECORD = "rerecord"
    INTERVENTION_START = "intervention_start"
    INTERVENTION_END = "intervention_end"
    QUIT = "quit"


class Teleoperator(Policy, Protocol):
    """`act` turns the person's motion into a short chunk (often one step)."""

    def poll_events(self) -> tuple[TeleoperatorEvent, ...]:
        """Events since the last call, oldest first."""
        ...

    def close(self) -> None: ...
