"""A task as everyone but the simulator sees it: a name, instructions, and how far it has come."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TaskDescription:
    """A simulated task."""

    name: str
    summary: str
    instructions: tuple[str, ...]
    """Every phrasing that it knows, slots filled: one entry per (goal, phrasing)."""
    time_limit_s: float
    """An episode that takes longer has failed."""


@dataclass(frozen=True)
class EpisodeSetup:
    """One seeded start of a task."""

    task: str
    seed: int
    instruction: str


@dataclass(frozen=True)
class TaskStatus:
    """The judge's word at one moment."""

    success: bool
    progress: float
    """0..1, staged."""
    stage: str
    """Name of the stage being worked on."""
