"""`robotics data split`: one episode becomes several."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from robotics.cli.data_shared import open_dataset, open_episode, say_version


@dataclass(frozen=True)
class Arguments:
    """Cut an episode into parts, each a new episode; the whole one is hidden, and `restore` brings it back.

    The judgement stays with the part in which it was given.

    Example:
      robotics data split data/stack_blocks 7 120
      robotics data split data/stack_blocks 7 2.4s 5.1s
    """

    dataset: tyro.conf.Positional[Path]
    """Dataset folder."""
    episode: tyro.conf.Positional[int]
    """Number of the episode."""
    at: tyro.conf.Positional[tuple[str, ...]]
    """Where the next part begins, in ticks (120) or seconds (2.4s) since the episode's beginning."""
    dry_run: bool = False
    """Only say what would be done."""


def main(arguments: Arguments) -> int:
    from itertools import pairwise

    from demonstrations.editing.rows import RowRange, check_can_be_cut, copy_rows
    from demonstrations.editing.selection import parse_moment
    from demonstrations.editing.transaction import Edit
    from demonstrations.index import number_ranges
    from robotics.errors import DatasetError

    dataset = open_dataset(arguments.dataset)
    episode = open_episode(dataset, arguments.episode)
    length = len(episode)
    cuts = [parse_moment(word, length, dataset.description.control_rate_hz) for word in arguments.at]
    if not cuts or any(a >= b for a, b in pairwise((0, *cuts, length))):
        raise DatasetError(
            f"wanted rising moments inside the episode (ticks 1 .. {length - 1}), got "
            f"{' '.join(map(str, cuts)) or 'none'}"
        )
    check_can_be_cut(episode)
    ranges = [RowRange(a, b) for a, b in pairwise((0, *cuts, length))]
    parts = ", ".join(f"{rows.start}:{rows.end}" for rows in ranges)
    if arguments.dry_run:
        say_version(dataset, None, f"split episode {episode.number} into ticks {parts}")
        return 0
    with Edit(dataset, f"split {episode.number} {' '.join(map(str, cuts))}") as edit:
        for rows in ranges:
            copy_rows(
                episode,
                rows,
                edit.new_episode(),
                dataset.description,
                edit=f"split {rows.start}:{rows.end}",
            )
        version = edit.commit([episode.number])
    made = number_ranges(version.made)
    say_version(dataset, version, f"episodes {made} are ticks {parts} of episode {episode.number}")
    return 0
