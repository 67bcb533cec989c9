"""`robotics data merge`: several datasets become a new one."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from robotics.cli.connect import UsageError
from robotics.cli.data_shared import open_dataset, quoted, size_text


@dataclass(frozen=True)
class Arguments:
    """Make a new dataset of what several ones show; they stay as they are.

    Episodes are hard links where the file system allows, else copies, and verified. One that several
    datasets hold is taken once. All must be of one robot interface and store the same cameras.

    Example:
      robotics data merge data/put_in_bowl data/open_drawer --out data/both
    """

    datasets: tyro.conf.Positional[tuple[Path, ...]]
    """Dataset folders."""
    out: Path
    """The new dataset; must not exist."""
    dry_run: bool = False
    """Only say what would be done."""

    def __post_init__(self):
        if not self.datasets:
            raise UsageError("wanted at least one dataset folder, got none")


def main(arguments: Arguments) -> int:
    from demonstrations.editing.merge import check_alike, merge_datasets
    from robotics.cli.progress import progress_bar
    from robotics.errors import DatasetError

    datasets = [open_dataset(path) for path in arguments.datasets]
    check_alike(datasets)
    total = sum(map(len, datasets))
    if arguments.out.exists():
        raise DatasetError(f"{arguments.out} already exists; choose another name")
    if arguments.dry_run:
        distinct = len({entry.checksum for dataset in datasets for entry in dataset.entries})
        print(f"would have: merged {distinct} episodes into {arguments.out} (--dry-run: nothing was changed)")
        return 0
    command = quoted(["merge", *arguments.datasets])
    with progress_bar("merging", total) as update:
        merged = merge_datasets(datasets, arguments.out, command=command, on_episode=update)
    twice = f", {merged.duplicates} duplicates left out" if merged.duplicates else ""
    print(
        f"{arguments.out}: {merged.episodes} episodes of {len(datasets)} datasets{twice}, verified; "
        f"{size_text(merged.copied_bytes)} copied, the rest linked"
    )
    return 0
