"""Exports a selection of episodes: the same rules for every format."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from demonstrations.interchange.atomic_output import atomic_output
from demonstrations.interchange.formats import find_format, load_writer
from demonstrations.interchange.selection import ExportOptions, Selection

Progress = Callable[[int, int], None]
"""Called after each episode with (episodes done, of how many)."""


@dataclass(frozen=True)
class ExportReport:
    """What was written."""

    path: Path
    episodes: int
    bytes: int
    notes: tuple[str, ...]
    """One line for each thing that the format cannot say and that these episodes have."""


def export_episodes(
    selection: Selection,
    format_name: str,
    out: Path,
    options: ExportOptions | None = None,
    progress: Progress | None = None,
) -> ExportReport:
    """Write the episodes to `out`, a new folder.

    Raises:
        UnknownNameError: No such format.
        MissingPackageError: The format needs a package that is not installed.
        DatasetError: `out` exists, an episode is damaged, or the options do not fit.
        StorageFullError: The disk is too full.
    """
    options = options or ExportOptions()
    writer = load_writer(find_format(format_name))
    with atomic_output(out, writer.estimate_bytes(selection, options)) as staging:
        writer.write(selection, staging, options, progress or _ignore)
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    return ExportReport(out, len(selection), size, tuple(_notes(selection, format_name)))


def _ignore(done: int, total: int) -> None: ...


def _notes(selection: Selection, format_name: str) -> Sequence[str]:
    if format_name == "mcap":  # it has time of its own
        return []
    gaps = [(e.number, e.metadata.missing_ticks) for e in selection if e.metadata.missing_ticks]
    return [
        f"episode {number} lacks {ticks} ticks; rows after the gap follow at once in this format"
        for number, ticks in gaps
    ]
