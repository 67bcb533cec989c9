"""`robotics scenes make`: render procedural scenes with ground truth into a folder."""

import re
import shlex
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import tyro

from robotics.cli.progress import progress_bar
from robotics.errors import RoboticsError


@dataclass(frozen=True)
class Arguments:
    """Render tabletop scenes with ground truth, to train and measure the reasoner on.

    Scene i depends on the seed + i and the options only. What an interrupted run left is kept: start the same
    command again. docs/scenes.md describes the folder.

    Example:
      robotics scenes make data/scenes --scenes 5000 --seed 1000000 --workers 2
    """

    folder: tyro.conf.Positional[Path]
    """A new or empty folder."""
    scenes: int = 1000
    """How many."""
    seed: int = 0
    """Of the first scene."""
    size: str = "224x168"
    """Width x height of the pictures [pixel]."""
    views: int = 2
    """Pictures of each scene."""
    held_out: Literal["absent", "allowed", "only"] = "absent"
    """Pairs of colour and family that training never sees."""
    tasks: float = 0.15
    """Share of scenes that look as those of the built-in tasks."""
    robots: float = 0.5
    """Share of scenes with a robot, seen by its cameras."""
    changes: float = 0.0
    """Share of scenes that come as a pair of before and after."""
    workers: int = 1
    """Processes that render."""


def main(arguments: Arguments) -> int:
    from sim.scenes.generator import SceneOptions
    from sim.scenes.writing import write_scenes

    width, height = parse_size(arguments.size)
    for name, least in (("scenes", 1), ("seed", 0), ("workers", 1)):
        if getattr(arguments, name) < least:
            raise RoboticsError(f"--{name} wants at least {least}, got {getattr(arguments, name)}")
    try:
        options = SceneOptions(
            width=width,
            height=height,
            views=arguments.views,
            held_out=arguments.held_out,
            tasks=arguments.tasks,
            robots=arguments.robots,
            changes=arguments.changes,
        )
    except ValueError as error:
        raise RoboticsError(str(error)) from None
    started = time.monotonic()
    with progress_bar("scenes", arguments.scenes) as update:
        report = write_scenes(
            arguments.folder,
            arguments.scenes,
            arguments.seed,
            options,
            arguments.workers,
            shlex.join(["robotics", *sys.argv[1:]]),
            lambda scenes, views: update(scenes, f"{views} views"),
        )
    line = f"{arguments.folder}: {report.views} views of {arguments.scenes} scenes"
    if report.made:
        wall = time.monotonic() - started
        line += f"; {report.made} made in {wall:.0f} s, {report.made / report.cpu_s:.0f} views a CPU second"
    print(line)
    return 0


def parse_size(text: str) -> tuple[int, int]:
    """Width and height of '224x168'.

    Raises:
        RoboticsError: It is not of that form.
    """
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    if found is None:
        raise RoboticsError(f"--size wants WIDTHxHEIGHT as in 224x168, got '{text}'")
    return int(found[1]), int(found[2])
