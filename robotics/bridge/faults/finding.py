"""What one injected fault did to the robot: one row of the suite's table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from robotics.session import RobotMode, RobotState

_LONGEST_REPORT = 160


@dataclass(frozen=True)
class Finding:
    """What was seen of a fault; times count from its injection."""

    problem: str = ""
    """What did not hold, in one line; '' where all did."""
    report: str = ""
    """What a healthy client was told: events, status, modes."""
    slowing_s: float | None = None
    """Until the first tick that braked [s]; None where none did."""
    standstill_s: float | None = None
    """Until the first tick in which nothing moved [s]."""
    recovered: bool | None = None
    """Whether the robot moved again without a restart; None where it had ended or never stopped."""


@dataclass(frozen=True)
class Fault:
    """One way to fail, and what must hold all the same."""

    party: str
    """Who fails: client, policy, lease, endpoint, wire, process, driver, camera, machine."""
    how: str
    """'kind: what was done', of a kind in `KINDS`."""
    must: str
    inject: Callable[[Any], Finding]
    """Gets the scene, or for a fault with `own_robot` the embodiment."""
    own_robot: bool = False
    """It ends its robot, or needs another one than the rest."""
    quick: bool = False
    """Part of the fast run."""

    def __post_init__(self):
        if self.how.partition(":")[0] not in KINDS:
            raise ValueError(f"no kind of fault in '{self.how}'; there are: {', '.join(KINDS)}")


KINDS = ("off", "stuck", "garbage", "wrong", "slow", "delayed", "intermittent")


def first_problem(*problems: str) -> str:
    """The first that is none."""
    return next(filter(None, problems), "")


def report_of(states: Sequence[RobotState]) -> str:
    """Modes and events of a row of ticks, each once, oldest first."""
    told: dict[str, None] = {}
    for state in states:
        for event in state.events:
            told[f"{event.kind.name} {event.text}"] = None
        if state.mode is not RobotMode.EXECUTING:
            told[state.mode.value] = None
    text = "; ".join(told)
    return text if len(text) <= _LONGEST_REPORT else f"{text[: _LONGEST_REPORT - 3]}..."
