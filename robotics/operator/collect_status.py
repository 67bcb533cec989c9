"""What an operator sees and hears while demonstrations are recorded: one line, and a bell."""

import sys
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from rich.console import Console
from rich.text import Text

_LOW_DISK_BYTES = 2_000_000_000


class Phase(Enum):
    """Where a recording session is."""

    RESET = "reset"
    READY = "ready"
    """Waits for the person to begin."""
    RECORDING = "REC"
    STOPPED = "STOPPED"


@dataclass(frozen=True)
class RecordingLoad:
    """How well the recorder keeps up."""

    ticks: int = 0
    """Of the episode in work."""
    frame_rate_hz: float = 0.0
    """Frames kept a second, all cameras together, over the episode in work."""
    dropped_frames: int = 0
    """Since the session began."""
    missing_ticks: int = 0
    """Control ticks that never came, of the episode in work."""
    queued_frames: int = 0
    capacity_frames: int = 0
    free_bytes: int = 0
    """On the disk."""
    bytes_per_s: float = 0.0
    """Of the episode in work."""


@dataclass(frozen=True)
class CollectStatus:
    """One moment of a recording session."""

    phase: Phase
    task: str
    instruction: str
    seed: int | None
    wanted: int = 0
    kept: int = 0
    failed: int = 0
    elapsed_s: float = 0.0
    """Of the episode in work, robot time."""
    left_s: float | None = None
    """Until enough succeeded, if it goes on as it did; None before the first success."""
    control_rate_hz: float = 0.0
    missed_deadlines: int = 0
    by_hand: bool = False
    load: RecordingLoad = RecordingLoad()


class CollectDisplay(Protocol):
    """Shows a recording session to its operator."""

    def show(self, status: CollectStatus) -> None: ...

    def say(self, text: str, trouble: bool = False) -> None: ...

    def beep(self, times: int) -> None: ...


def status_line(status: CollectStatus) -> Text:
    """The line; green while it records, red where something is lost."""
    load = status.load
    lost = load.dropped_frames or load.missing_ticks
    style = {
        Phase.RECORDING: "bold white on red" if lost else "bold black on green",
        Phase.STOPPED: "bold white on red",
    }.get(status.phase, "bold black on yellow")
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f" {status.phase.value}{' BY HAND' if status.by_hand else ''} ", style)
    line.append(f" {status.kept}/{status.wanted}", "bold")
    line.append(f" {status.failed} failed" if status.failed else "")
    if status.phase is Phase.RECORDING:
        line.append(
            f"  {status.elapsed_s:.1f} s  {status.control_rate_hz:.1f} Hz  {load.frame_rate_hz:.0f} f/s"
        )
        line.append(f"  lost {load.dropped_frames} f {load.missing_ticks} t", "bold red" if lost else "")
        line.append(f"  queue {load.queued_frames}/{load.capacity_frames}")
    low = load.free_bytes < _LOW_DISK_BYTES
    disk = f" ({duration(load.free_bytes / load.bytes_per_s)})" if load.bytes_per_s > 0 else ""
    line.append(f"  disk {load.free_bytes / 1e9:.0f} GB{disk}", "bold red" if low else "")
    if status.left_s is not None:
        line.append(f"  {duration(status.left_s)} to go")
    if status.seed is not None:
        line.append(f"  seed {status.seed}", "dim")
    return line


def duration(seconds: float) -> str:
    """Such as '45 s', '12 min', '3.5 h'."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


class TerminalDisplay:
    """Implements CollectDisplay: the line is drawn over and over; a log gets it every five seconds."""

    def __init__(self, console: Console | None = None, quiet: bool = False):
        self._console = console or Console(file=sys.stderr)
        self._quiet = quiet
        self._shown = 0
        self._logged: tuple[Phase, int] | None = None

    def show(self, status: CollectStatus) -> None:
        if not self._console.is_terminal:
            now = status.phase, int(status.elapsed_s // 5)
            if now != self._logged:
                self._logged = now
                self._console.print(status_line(status).plain, highlight=False, soft_wrap=True)
            return
        self._shown += 1
        if self._shown % 5 and status.phase is Phase.RECORDING:  # ten times a second are enough
            return
        line = status_line(status)
        line.truncate(self._console.width - 1, overflow="ellipsis")
        self._clear()
        self._console.print(line, end="", highlight=False)

    def say(self, text: str, trouble: bool = False) -> None:
        self._clear()
        self._console.print(Text(text, "bold red" if trouble else ""), highlight=False, soft_wrap=True)

    def beep(self, times: int) -> None:
        if not self._quiet and self._console.is_terminal:
            self._console.file.write("\a" * times)
            self._console.file.flush()

    def _clear(self) -> None:
        if self._console.is_terminal:
            self._console.file.write("\r\x1b[K")
