"""`robotics data import`: demonstrations from the format of another project."""

import time
from dataclasses import dataclass
from pathlib import Path

import tyro

from robotics.errors import DatasetError


@dataclass(frozen=True)
class Arguments:
    """Make a dataset of ours from another project's: LeRobot v3, or ALOHA's HDF5 episodes.

    Example:
        robotics data import exports/put_in_bowl --format lerobot --robot aloha2 --out data/again
        robotics data import aloha_data --format aloha --robot aloha2 --out data/cube \\
            --instruction "put the cube into the bowl" --cameras cam_high=overhead cam_left_wrist=wrist_left
    """

    path: tyro.conf.Positional[Path]
    """The foreign dataset: a folder, or one HDF5 episode."""
    format: str
    """lerobot or aloha."""
    robot: str
    """Whose joints they are: a built-in robot, or the path of your TOML."""
    out: Path
    """New dataset folder; it appears when all is written."""
    cameras: tuple[str, ...] = ()
    """THEIRS=OURS for each camera to keep; by default all, and their names must be the robot's."""
    same_order: bool = False
    """Their joint names differ, but order and units are the robot's."""
    instruction: str = ""
    """Of every episode, where the format has none."""
    task: str = ""
    """Of every episode, where the format has none."""
    rate: float | None = None
    """aloha: rows a second [Hz]; the robot's control rate by default."""


def main(arguments: Arguments) -> int:
    """Import; exit code 0 when the whole dataset is there."""
    from demonstrations.interchange.foreign import ImportOptions
    from demonstrations.interchange.importing import import_episodes, open_foreign
    from robotics.cli.progress import progress_bar
    from robotics.embodiments import load_embodiment

    options = ImportOptions(
        load_embodiment(arguments.robot),
        cameras=dict(_pair(word) for word in arguments.cameras),
        same_order=arguments.same_order,
        instruction=arguments.instruction,
        task=arguments.task,
        rate_hz=arguments.rate,
    )
    started = time.monotonic()
    foreign = open_foreign(arguments.path, arguments.format, options)
    with progress_bar(f"import from {arguments.format}", len(foreign)) as update:
        report = import_episodes(
            foreign, arguments.out, options.embodiment, lambda done, _total: update(done)
        )
    for note in report.notes:
        print(f"note: {note}")
    print(
        f"{report.episodes} episodes, {report.ticks} ticks, {time.monotonic() - started:.1f} s: {report.path}"
    )
    return 0


def _pair(word: str) -> tuple[str, str]:
    theirs, equals, ours = word.partition("=")
    if not (theirs and equals and ours):
        raise DatasetError(f"--cameras wants THEIRS=OURS, got '{word}'")
    return theirs, ours
