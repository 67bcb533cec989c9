"""What is wanted of a recording session, and what became of each of its episodes."""

from dataclasses import dataclass
from enum import Enum

from robotics.task import EpisodeSetup


class Ending(Enum):
    """What became of an attempt."""

    SUCCESS = "success"
    FAILURE = "failure"
    """Kept, and marked as failed."""
    RERECORD = "rerecord"
    DISCARD = "discard"
    QUIT = "quit"


@dataclass(frozen=True)
class Attempt:
    """One episode from its reset on."""

    setup: EpisodeSetup
    ending: Ending
    text: str
    """Why it ended."""
    duration_s: float
    interventions: int


@dataclass(frozen=True)
class CollectConfig:
    """What to collect, and who is there."""

    task: str
    instruction: str | None
    """Of every episode; None in simulation: each seed draws its own."""
    wanted: int
    """Successful episodes at the end."""
    kept: int
    """Of them, there already."""
    attended: bool
    """A person begins each episode; else it begins by itself."""
    time_limit_s: float | None
    """Robot time; None: as long as the person wants."""
    settle_s: float = 0.5
    """The judge's success must last so long, and so much is recorded after it."""
