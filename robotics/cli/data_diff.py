"""`robotics data diff`: which episodes two datasets, or two versions of one, do not have in common."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from robotics.cli.connect import UsageError
from robotics.cli.data_shared import open_dataset


@dataclass(frozen=True)
class Arguments:
    """Compare two datasets, or two versions of one: which episodes differ, and in what.

    Exit code 0 if they are equal, 1 if not.

    Example:
      robotics data diff data/put_in_bowl data/copy
      robotics data diff data/put_in_bowl --versions 0 2
    """

    datasets: tyro.conf.Positional[tuple[Path, ...]]
    """One or two dataset folders."""
    versions: tuple[int, ...] = ()
    """Two versions of the one dataset, or one of each; the current ones by default."""

    def __post_init__(self):
        if len(self.datasets) not in (1, 2):
            raise UsageError(f"wanted one or two dataset folders, got {len(self.datasets)}")
        if len(self.versions) != 2 and (self.versions or len(self.datasets) == 1):
            raise UsageError(f"wanted --versions with two numbers, got {len(self.versions)}")


def main(arguments: Arguments) -> int:
    from demonstrations.editing.diff import compare_datasets

    first_path, second_path = arguments.datasets[0], arguments.datasets[-1]
    first_version, second_version = arguments.versions or (None, None)
    first, second = open_dataset(first_path, first_version), open_dataset(second_path, second_version)
    difference = compare_datasets(first, second)
    for line in difference.description:
        print(f"dataset.json  {line}")
    for change in difference.changed:
        numbers = f"{change.before.number} -> {change.after.number}"
        print(f"changed       {numbers}: {change.after.instruction}")
        for line in change.differences:
            print(f"                {line}")
    for sign, entries in (("only in first", difference.removed), ("only in second", difference.added)):
        for entry in entries:
            marks = f" ({', '.join(entry.marks)})" if entry.marks else ""
            print(f"{sign}  {entry.number}: {entry.instruction}, {entry.length} ticks{marks}")
    print(
        f"{difference.equal} episodes equal, {len(difference.changed)} changed, "
        f"{len(difference.removed)} only in the first, {len(difference.added)} only in the second"
    )
    return 0 if difference.nothing else 1
