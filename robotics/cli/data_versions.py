"""`robotics data versions`: what was done to a dataset."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from robotics.cli.data_shared import new_table, open_dataset


@dataclass(frozen=True)
class Arguments:
    """List the versions of a dataset: what each edit did, added and hid.

    Example:
      robotics data versions data/put_in_bowl
    """

    dataset: tyro.conf.Positional[Path]
    """Dataset folder."""


def main(arguments: Arguments) -> int:
    from demonstrations.index import number_ranges
    from robotics.cli.progress import wide_console

    dataset = open_dataset(arguments.dataset)
    history = dataset.history
    numbers = [entry.number for entry in dataset.committed_entries]
    deleted = {n for version in history.versions for n in version.deleted} - {*numbers}
    table = new_table(("version", "made", "edit", "shows", "adds", "hides"), ("version", "shows"))
    before: frozenset[int] = frozenset()
    for version in history.versions:
        lost = sum(history.shows(version, n) for n in deleted)
        shows = str(sum(history.shows(version, n) for n in numbers))
        table.add_row(
            f"{version.version}{' (current)' if version is history.current else ''}",
            version.utc,
            version.command,
            f"{shows}, {lost} deleted" if lost else shows,
            number_ranges(version.made),
            number_ranges(version.hidden - before),
        )
        before = version.hidden
    wide_console().print(table)
    return 0
