"""A few recorded episodes of one robot whose cameras all take 480 x 640 pixels at the control rate."""

import contextlib
import os
import re
import shutil
from pathlib import Path

from demonstrations import DemonstrationDataset
from robotics.cli import record
from robotics.cli.connect import parse_robot
from robotics.embodiments import load_embodiment

HEIGHT, WIDTH = 480, 640
TASK = "put_in_bowl"


def with_large_cameras(embodiment: str, folder: Path) -> Path:
    """Copy a robot's folder to `folder`, cameras changed; returns its TOML."""
    source = load_embodiment(embodiment).source
    shutil.copytree(source.parent, folder)
    changed = folder / source.name
    text, cameras = changed.read_text().split("[[camera]]", 1)
    rate_hz = float(load_embodiment(embodiment).control_rate_hz)
    for key, value in (("width", WIDTH), ("height", HEIGHT), ("rate_hz", rate_hz)):
        cameras = re.sub(rf"(?m)^{key} *=.*$", f"{key} = {value}", cameras)
    changed.write_text(f"{text}[[camera]]{cameras}")
    return changed


def record_rendered_episodes(robot: str, episodes: int, folder: Path) -> DemonstrationDataset:
    """Let the expert demonstrate in `folder`, on a copy of the robot's file with the cameras changed."""
    changed = with_large_cameras(parse_robot(robot).value, folder / "robot")
    arguments = record.Arguments(
        TASK, folder / "data", robot=f"sim:{changed}", episodes=episodes, workers=os.cpu_count() or 1
    )
    with (
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        record.main(arguments)
    return DemonstrationDataset.open(folder / "data")
