"""`robotics data repair`: make a damaged dataset whole again."""

from dataclasses import dataclass
from pathlib import Path

import tyro


@dataclass(frozen=True)
class Arguments:
    """Repair versions and index, finish what a crash interrupted, and deal with damaged episodes.

    A damaged episode moves to set_aside/ with a note; as far as its ticks and pictures are good, they become
    a new episode marked as truncated. Nothing is deleted.

    Example:
      robotics data repair data/put_in_bowl --dry-run
      robotics data repair data/put_in_bowl
    """

    dataset: tyro.conf.Positional[Path]
    """Dataset folder."""
    dry_run: bool = False
    """Only say what would be done."""


def main(arguments: Arguments) -> int:
    from demonstrations.editing.repair import repair
    from demonstrations.index import episode_numbers
    from robotics.cli.progress import progress_bar

    total = len(episode_numbers(arguments.dataset / "episodes"))
    with progress_bar("checking", total) as update:
        report = repair(
            arguments.dataset, dry_run=arguments.dry_run, on_episode=lambda done, of: update(min(done, total))
        )
    for line in report:
        print(line)
    if not report:
        print(f"{arguments.dataset}: nothing to repair, every file is as it was committed")
    elif arguments.dry_run:
        print("--dry-run: nothing was changed")
    return 0
