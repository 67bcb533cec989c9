"""`robotics data verify`: is every byte of a dataset as it was committed?"""

from dataclasses import dataclass
from pathlib import Path

import tyro

from robotics.cli.connect import UsageError
from robotics.cli.data_shared import new_table


@dataclass(frozen=True)
class Arguments:
    """Check every file of every episode, hidden ones too, against the checksums of its commit.

    Exit code 0 only if nothing is wrong. Nothing is changed; `robotics data repair` does that.

    Example:
      robotics data verify data/put_in_bowl
      robotics data verify data/put_in_bowl data/open_drawer
    """

    datasets: tyro.conf.Positional[tuple[Path, ...]]
    """Dataset folders."""

    def __post_init__(self):
        if not self.datasets:
            raise UsageError("wanted at least one dataset folder, got none")


def main(arguments: Arguments) -> int:
    problems = sum(_verify(path) for path in arguments.datasets)
    return 1 if problems else 0


def _verify(path: Path) -> int:
    from demonstrations import DemonstrationDataset
    from demonstrations.index import episode_numbers
    from demonstrations.verify import verify
    from robotics.cli.progress import progress_bar, wide_console

    dataset = DemonstrationDataset.open(path, recover=False)
    count = len(episode_numbers(path / "episodes"))
    with progress_bar("verifying", count) as update:
        problems = verify(dataset, on_episode=lambda done, of: update(done))
    if not problems:
        print(f"{path}: {count} episodes, every file as it was committed")
        return 0
    table = new_table(("where", "problem"))
    for problem in problems:
        table.add_row(problem.episode or "dataset", problem.text)
    wide_console().print(table)
    damaged = len({problem.episode for problem in problems if problem.episode})
    print(
        f"{path}: {len(problems)} problems, {damaged} of {count} episodes damaged; "
        f"`robotics data repair {path}` keeps what is good"
    )
    return len(problems)
