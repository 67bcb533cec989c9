"""`robotics data trim`: an episode without its beginning or its end."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from robotics.cli.data_shared import open_dataset, open_episode, say_version


@dataclass(frozen=True)
class Arguments:
    """Keep a part of an episode, as a new episode; the whole one is hidden, and `restore` brings it back.

    Pictures are copied as they are stored, never encoded again. Where the end is cut off before the
    judgement was given, the part has none; `relabel` gives one.

    Example:
      robotics data trim data/put_in_bowl 3 25:210
      robotics data trim data/put_in_bowl 3 0.5s:4.2s --dry-run
      robotics data trim data/put_in_bowl 3 :4.2s
    """

    dataset: tyro.conf.Positional[Path]
    """Dataset folder."""
    episode: tyro.conf.Positional[int]
    """Number of the episode."""
    range: tyro.conf.Positional[str]
    """START:END in ticks (25:210) or seconds (0.5s:4.2s) since its beginning; END itself is dropped."""
    dry_run: bool = False
    """Only say what would be done."""


def main(arguments: Arguments) -> int:
    from demonstrations.editing.rows import RowRange, check_can_be_cut, copy_rows
    from demonstrations.editing.selection import parse_moment
    from demonstrations.editing.transaction import Edit
    from robotics.errors import DatasetError

    dataset = open_dataset(arguments.dataset)
    episode = open_episode(dataset, arguments.episode)
    length, rate = len(episode), dataset.description.control_rate_hz
    start_word, colon, end_word = arguments.range.partition(":")
    if not colon:
        raise DatasetError(f"wanted START:END such as 25:210 or 0.5s:4.2s, got '{arguments.range}'")
    start = parse_moment(start_word or "0", length, rate)
    end = parse_moment(end_word or str(length), length, rate)
    rows = RowRange(start, end)
    if (start, end) == (0, length):
        raise DatasetError(f"{arguments.range} is all of episode {arguments.episode}; nothing was changed")
    check_can_be_cut(episode)
    kept = f"ticks {start}:{end} of {length} ({(end - start) / rate:.2f} s)"
    if arguments.dry_run:
        say_version(dataset, None, f"kept {kept} of episode {arguments.episode} as a new episode")
        return 0
    command = f"trim {arguments.episode} {start}:{end}"
    with Edit(dataset, command) as edit:
        metadata = copy_rows(
            episode, rows, edit.new_episode(), dataset.description, edit=f"trim {start}:{end}"
        )
        version = edit.commit([episode.number])
    lost = episode.metadata.success is not None and metadata.success is None
    judgement = "; its judgement lies in what was cut off: `relabel --success` gives one" if lost else ""
    say_version(dataset, version, f"episode {version.made[0]} is {kept} of {episode.number}{judgement}")
    return 0
