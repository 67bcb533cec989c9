"""What a planted fault is: its name, the check that must find it, and how it gets into a recording."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from demonstrations.quality.planted.recording import Recording
from robotics.embodiment import Embodiment

Change = Callable[[Recording, Embodiment], Recording]


def unchanged(recording: Recording, embodiment: Embodiment) -> Recording:
    return recording


@dataclass(frozen=True)
class Fault:
    """One way in which an episode can be bad."""

    name: str
    check: str
    """The check that must find it."""
    change: Change = unchanged
    """Plants it into a clean recording."""
    also: tuple[str, ...] = ()
    """Checks that may find it, too, because it has that consequence."""
    alter: Callable[[Path], None] | None = None
    """What is done to the episode's files after the commit."""
    of_first: bool = False
    """Planted into the first of the clean episodes, of which it becomes a copy."""
