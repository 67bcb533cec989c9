"""What a recorder tells of itself, for the operator's display."""

from dataclasses import dataclass

from demonstrations.writer import WriterLoad


@dataclass(frozen=True)
class RecorderStatus:
    """One moment."""

    recording: bool
    ticks: int
    """Of the episode in work."""
    committed: tuple[int, ...]
    """Indices of the episodes added so far."""
    load: WriterLoad
    frames: int
    """Kept of the episode in work, all cameras together."""
    missing_ticks: int
    """Of the episode in work: ticks that never came."""
    error: str
    """Why recording has ended, '' while all is well."""
