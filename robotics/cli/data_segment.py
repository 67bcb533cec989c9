"""`robotics data segment`: where states and action of demonstrations lie, and which are doubtful."""

import json as jsonlib
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tyro

from robotics.cli.connect import UsageError
from robotics.cli.data_shared import new_table, open_dataset, open_episode, say_version
from robotics.cli.progress import progress_bar, wide_console

if TYPE_CHECKING:
    from demonstrations import DemonstrationDataset, Episode
    from policies.reasoner.state_change_segmenting import Segmentation, SegmentedEpisode


@dataclass(frozen=True)
class Arguments:
    """Find in every episode its initial state, its action and its end state, and mark them as subtasks.

    Learned from the dataset itself, from the names of its tasks alone: nobody labels frames. Episodes in
    which the order of the three is improbable are doubtful: something else was done than the label says, or
    it failed. They get no marks. Marked episodes are new ones that share all files with the old, which are
    hidden; `robotics data restore` brings them back. docs/state_change.md tells how well it works.

    Example:
      robotics data segment data/put_in_bowl --dry-run
      robotics data segment data/put_in_bowl --pool data/open_drawer data/stack_blocks
      robotics data segment data/put_in_bowl --dry-run --json > segments.json
    """

    dataset: tyro.conf.Positional[Path]
    """Dataset folder."""
    episodes: tuple[str, ...] = ()
    """Mark and list only these: numbers, or ranges such as 5-9. All are learned from."""
    pool: tuple[Path, ...] = ()
    """Other datasets of the same robot to learn from, too: other tasks show what this one is not."""
    again: bool = False
    """Replace the subtask marks of episodes that have some; else those episodes are left as they are."""
    dry_run: bool = False
    """Only say what would be marked."""
    json: bool = False
    """Print everything as JSON instead of a table."""
    cache: Path | None = None
    """Where small pictures are kept; by default inside each dataset."""
    runs: int = 6
    """Trainings from other random weights; the best of each task count."""
    seed: int = 0

    def __post_init__(self):
        if self.runs < 1:
            raise UsageError(f"--runs wants at least 1, got {self.runs}")


def main(arguments: Arguments) -> int:
    from demonstrations.editing.selection import parse_numbers
    from policies.reasoner.state_change_segmenting import segment_datasets
    from policies.reasoner.state_change_training import TrainingConfig

    dataset = open_dataset(arguments.dataset)
    chosen = set(parse_numbers(arguments.episodes)) if arguments.episodes else None
    for number in chosen or ():
        dataset.index_of(number)
    pool = [open_dataset(path) for path in arguments.pool]
    with progress_bar("learning", 100) as update:
        segmentation = segment_datasets(
            dataset,
            pool,
            cache=arguments.cache,
            training=TrainingConfig(runs=arguments.runs, seed=arguments.seed),
            progress=lambda share: update(round(100 * share)),
        )
    listed = [e for e in segmentation.episodes if chosen is None or e.number in chosen]
    lines = [_Line(dataset, found, arguments) for found in listed]
    version = None
    to_mark = [line for line in lines if line.is_to_mark]
    if to_mark and not arguments.dry_run:
        version = _write_marks(dataset, to_mark)
    if arguments.json:
        print(jsonlib.dumps(_to_json(arguments, segmentation, lines, version), indent=1, ensure_ascii=False))
        return 0
    _print(arguments, segmentation, lines)
    if to_mark:
        say_version(dataset, version, f"marked {len(to_mark)} episodes")
    return 0


class _Line:
    """What there is to say about one episode."""

    def __init__(self, dataset: "DemonstrationDataset", found: "SegmentedEpisode", arguments: Arguments):
        from robotics.session import EventKind

        self.episode = open_episode(dataset, found.number)
        self.found = found
        has_marks = any(e.kind is EventKind.SUBTASK for e in self.episode.metadata.events)
        self.is_to_mark = not found.doubtful and (arguments.again or not has_marks)
        self.trim = _propose_trim(self.episode, dataset.description.action_names, found)
        self.remarks = []
        if found.doubtful:
            self.remarks.append(f"doubtful: {found.reason}")
        elif has_marks and not arguments.again:
            self.remarks.append("has subtask marks already; --again replaces them")

    @property
    def trim_command(self) -> str | None:
        if self.trim is None:
            return None
        start, end = self.trim
        folder = self.episode.path.parent.parent
        return f"robotics data trim {shlex.quote(str(folder))} {self.episode.number} {start}:{end}"


def _propose_trim(
    episode: "Episode", names: tuple[str, ...], found: "SegmentedEpisode"
) -> tuple[int, int] | None:
    """Rows to keep: without idle ends, but never without a part of the action."""
    from demonstrations.quality.check_idle import propose_trim
    from demonstrations.quality.signals import EpisodeSignals

    rows = propose_trim(EpisodeSignals(episode, names, limits=None))
    if rows is None or found.doubtful:
        return rows
    return min(rows[0], found.action_start), max(rows[1], min(found.end_start + 1, len(episode)))


def _write_marks(dataset: "DemonstrationDataset", lines: list[_Line]) -> Any:
    from demonstrations.editing.relabel import copy_relabelled
    from demonstrations.editing.transaction import Edit
    from demonstrations.index import number_ranges

    numbers = [line.found.number for line in lines]
    with Edit(dataset, f"segment {number_ranges(numbers)}") as edit:
        for line in lines:
            events = marked_events(line.episode, line.found)
            copy_relabelled(line.episode, edit.new_episode(), edit="segment", changes={"events": events})
        return edit.commit(numbers)


def marked_events(episode: "Episode", found: "SegmentedEpisode") -> tuple[Any, ...]:
    """The episode's events with three subtask marks in place of those that it had."""
    from robotics.session import Event, EventKind

    data = {"by": "state change", "order_score": f"{found.score:.3f}"}
    marks = [
        Event(EventKind.SUBTASK, text, int(episode.time_ns[row]), data)
        for text, row in (
            ("initial state", 0),
            ("action", found.action_start),
            ("end state", found.end_start),
        )
    ]
    kept = [event for event in episode.metadata.events if event.kind is not EventKind.SUBTASK]
    return tuple(sorted([*kept, *marks], key=lambda event: event.time_ns))


def _print(arguments: Arguments, segmentation: "Segmentation", lines: list[_Line]) -> None:
    table = new_table(
        ("episode", "task", "ticks", "action", "end state", "score", "remarks"),
        right=("episode", "ticks", "action", "end state", "score"),
    )
    for line in lines:
        found, remarks = line.found, list(line.remarks)
        if line.trim_command:
            remarks.append(line.trim_command)
        rate = line.episode.metadata.control_rate_hz
        table.add_row(
            str(found.number),
            found.task,
            str(found.length),
            f"{found.action_start} ({found.action_start / rate:.2f} s)",
            f"{found.end_start} ({found.end_start / rate:.2f} s)",
            f"{found.score:.2f}",
            "\n".join(remarks),
        )
    wide_console().print(table)
    for task, reason in segmentation.warnings.items():
        print(f"{task}: {reason}")
    doubtful = [line.found.number for line in lines if line.found.doubtful]
    print(
        f"{len(lines)} episodes, {len(doubtful)} doubtful; "
        f"learned from {segmentation.pool_size} episodes in {segmentation.seconds:.0f} s of CPU time"
    )
    if doubtful:
        listed = " ".join(map(str, doubtful))
        print(
            f"look at them, then: robotics data filter {shlex.quote(str(arguments.dataset))} --hide {listed}"
        )


def _to_json(
    arguments: Arguments, segmentation: "Segmentation", lines: list[_Line], version: Any
) -> dict[str, Any]:
    return {
        "dataset": str(arguments.dataset),
        "version": None if version is None else version.version,
        "learned_from": segmentation.pool_size,
        "mean_scores": segmentation.mean_scores,
        "cpu_seconds": round(segmentation.seconds, 2),
        "warnings": segmentation.warnings,
        "episodes": [
            {
                "episode": line.found.number,
                "task": line.found.task,
                "ticks": line.found.length,
                "action_start": line.found.action_start,
                "end_start": line.found.end_start,
                "score": round(line.found.score, 4),
                "weight": round(line.found.weight, 4),
                "doubtful": line.found.doubtful,
                "marked": line.is_to_mark and not arguments.dry_run,
                "trim": line.trim,
                "remarks": line.remarks,
            }
            for line in lines
        ],
    }
