"""A person at the controls: a policy that also tells what the person decided about the episode."""

from enum import Enum
from typing import Protocol

from robotics.policy import Policy


class TeleoperatorEvent(Enum):
    """What a person may say about an episode."""

    START = "start"
    SUCCESS = "success"
    FAILURE = "failure"
    RERECORD = "rerecord"
    """Forget this episode and do it again from the same start."""
    DISCARD = "discard"
    """Forget this episode and go on with the next start."""
    INTERVENTION_START = "intervention_start"
    """Take over from the policy; said again, as by the same key, it gives back."""
    INTERVENTION_END = "intervention_end"
    QUIT = "quit"


class Teleoperator(Policy, Protocol):
    """`act` turns the person's motion into a short chunk (often one step)."""

    def poll_events(self) -> tuple[TeleoperatorEvent, ...]:
        """Events since the last call, oldest first."""
        ...

    def close(self) -> None: ...
