"""`robotics data ls`: the episodes of datasets, one line each."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import tyro

from robotics.cli.data_shared import judgement_text, open_dataset, size_text

if TYPE_CHECKING:
    from demonstrations import DemonstrationDataset
    from demonstrations.index import IndexEntry


@dataclass(frozen=True)
class Arguments:
    """List the episodes of one or more datasets, with a summary of each.

    Numbers stay the same over edits. The last column marks what deserves a look: truncated, edited, frames
    dropped, ticks missing.

    Example:
      robotics data ls data/put_in_bowl
      robotics data ls data/put_in_bowl data/open_drawer --summary
      robotics data ls data/put_in_bowl --version 0
    """

    datasets: tyro.conf.Positional[tuple[Path, ...]]
    """Dataset folders."""
    summary: bool = False
    """Only the summaries."""
    hidden: bool = False
    """List what the version hides, too."""
    version: int | None = None
    """An older version; `robotics data versions` lists them."""

    def __post_init__(self):
        if not self.datasets:
            from robotics.cli.connect import UsageError

            raise UsageError("wanted at least one dataset folder, got none")


def main(arguments: Arguments) -> int:
    for path in arguments.datasets:
        dataset = open_dataset(path, arguments.version)
        if not arguments.summary:
            _print_episodes(dataset, arguments.hidden)
        _print_summary(dataset)
    return 0


HEADINGS = ("episode", "ticks", "s", "success", "instruction", "task", "seed", "source", "size", "marks")
_RIGHT = ("episode", "ticks", "s", "seed", "size")


def _print_episodes(dataset: "DemonstrationDataset", with_hidden: bool) -> None:
    shown = {entry.number for entry in dataset.entries}
    rate = dataset.description.control_rate_hz
    rows: list[tuple[str, ...]] = [HEADINGS]
    for listed in dataset.committed_entries if with_hidden else dataset.entries:
        entry = completed(dataset, listed)
        rows.append(
            (
                str(entry.number),
                str(entry.length),
                f"{entry.length / rate:.1f}",
                judgement_text(entry.success),
                entry.instruction,
                entry.task,
                "" if entry.seed is None else str(entry.seed),
                entry.source,
                size_text(entry.size_bytes or 0),
                ", ".join([*entry.marks, *(["hidden"] if entry.number not in shown else [])]),
            )
        )
    if len(rows) > 1:
        print("\n".join(_aligned(rows)))


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    """Plain columns: a library's table takes a second for a thousand rows."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = (
            cell.rjust(width) if heading in _RIGHT else cell.ljust(width)
            for heading, cell, width in zip(HEADINGS, row, widths, strict=True)
        )
        lines.append("  ".join(cells).rstrip())
    return lines


def completed(dataset: "DemonstrationDataset", entry: "IndexEntry") -> "IndexEntry":
    """The entry with size and marks, which an index from before they were kept does not have."""
    from dataclasses import replace

    from demonstrations.episode import Episode
    from demonstrations.index import index_entry
    from robotics.errors import DatasetError

    if entry.size_bytes is not None:
        return entry
    try:
        return index_entry(Episode(dataset.path / "episodes" / entry.name, entry.number))
    except (DatasetError, OSError):
        return replace(entry, marks=("damaged",))


def _print_summary(dataset: "DemonstrationDataset") -> None:
    from demonstrations.recovery import recordings_in_work

    entries, description = dataset.entries, dataset.description
    ticks = sum(entry.length for entry in entries)
    judged = [entry.success for entry in entries]
    yes, no, unknown = (judged.count(value) for value in (True, False, None))
    hidden = len(dataset.committed_entries) - len(entries)
    in_work = recordings_in_work(dataset.path)
    seconds = ticks / description.control_rate_hz
    cameras = ", ".join(f"{c.name} {c.height}x{c.width}" for c in description.cameras)
    of_all = "" if dataset.version is dataset.history.current else f" of {dataset.history.current.version}"
    hidden_text = f", {hidden} episodes hidden" if hidden else ""
    size = sum(completed(dataset, entry).size_bytes or 0 for entry in entries)
    print(
        f"{dataset.path}: {len(entries)} episodes, {seconds / 60:.1f} min, {ticks} ticks at "
        f"{description.control_rate_hz} Hz, {size_text(size)}\n"
        f"  judged      {yes} success, {no} failure, {unknown} not\n"
        f"  tasks       {', '.join(sorted({e.task for e in entries if e.task})) or '-'}\n"
        f"  robot       {description.embodiment}, interface {description.interface_fingerprint}\n"
        f"  cameras     {cameras or 'none'}\n"
        f"  version     {dataset.version.version}{of_all}{hidden_text}\n"
        f"  identity    {dataset.dataset_identity()[:16]}"
        + (f"\n  recording   {in_work} right now" if in_work else "")
    )
