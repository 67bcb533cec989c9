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


def record_rendered_episodes(robot: str, episodes: int, folder: Path) -> DemonstrationDataset:
    """Let the expert demonstrate in `folder`, on a copy of the robot's file with the cameras changed."""
    embodiment = load_embodiment(parse_robot(robot).value)
    shutil.copytree(embodiment.source.parent, folder / "robot")
    changed = folder / "robot" / embodiment.source.name
    text, cameras = changed.read_text().split("[[camera]]", 1)
    for key, value in (("width", WIDTH), ("height", HEIGHT), ("rate_hz", float(embodiment.control_rate_hz))):
        cameras = re.sub(rf"(?m)^{key} *=.*$", f"{key} = {value}", cameras)
    changed.write_text(f"{text}[[camera]]{cameras}")
    with (
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        record.main(
            record.Arguments(
                TASK, folder / "data", robot=f"sim:{changed}", episodes=episodes, workers=os.cpu_count() or 1
            )
        )
    return DemonstrationDataset.open(folder / "data")
