"""`robotics data gc`: delete for good what the current version hides."""

import sys
from dataclasses import dataclass
from pathlib import Path

import tyro

from robotics.cli.data_shared import open_dataset, size_text


@dataclass(frozen=True)
class Arguments:
    """Delete hidden episodes for good, after asking. Versions that showed them cannot be restored then.

    Episodes that some program still shows, because it opened the dataset before they were hidden, stay.

    Example:
      robotics data gc data/put_in_bowl --dry-run
      robotics data gc data/put_in_bowl --yes
    """

    dataset: tyro.conf.Positional[Path]
    """Dataset folder."""
    yes: bool = False
    """Do not ask."""
    dry_run: bool = False
    """Only say what would be done."""


def main(arguments: Arguments) -> int:
    from demonstrations.editing.gc import collect_garbage, find_garbage
    from demonstrations.index import number_ranges
    from robotics.cli.connect import UsageError

    dataset = open_dataset(arguments.dataset)
    garbage = find_garbage(dataset)
    if garbage.held:
        print(f"hidden episodes {number_ranges(garbage.held)} stay: another program has them open")
    if not garbage.numbers:
        print(f"{dataset.path} hides nothing that could be deleted")
        return 0
    what = (
        f"{len(garbage.numbers)} hidden episodes ({number_ranges(garbage.numbers)}), "
        f"{size_text(garbage.freed_bytes)}"
    )
    if arguments.dry_run:
        print(f"would have: deleted {what} (--dry-run: nothing was changed)")
        return 0
    if not arguments.yes:
        if not sys.stdin.isatty():
            raise UsageError(f"this would delete {what} for good; say --yes where nobody can be asked")
        if input(f"delete {what} for good? [y/N] ").strip().lower() not in ("y", "yes"):
            print("nothing was deleted")
            return 1
    garbage = collect_garbage(dataset)
    print(f"deleted {len(garbage.numbers)} episodes, {size_text(garbage.freed_bytes)} freed")
    return 0
