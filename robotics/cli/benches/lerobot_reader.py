"""LeRobotDataset in a Python of its own, on our frames; docs/peers/lerobot_reading.py does the work."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from robotics.cli.benches.policy_wire import PEERS_PYTHON

if TYPE_CHECKING:
    from demonstrations.windows import DemonstrationWindows

_SCRIPT = Path(__file__).parents[3] / "docs" / "peers" / "lerobot_reading.py"
CODECS = ("libsvtav1", "h264")
"""LeRobot's default, and ours."""


class LeRobotReader:
    """Answers as long as it is open; see the script for what it measures."""

    def __init__(self, process: "subprocess.Popen[str]", written: dict):
        self._process = process
        self.sizes: dict[str, int] = written["bytes"]
        """Of each codec's dataset [byte]."""
        self.seconds: dict[str, float] = written["seconds"]
        """That writing it took."""

    @staticmethod
    def start(folder: Path, windows: "DemonstrationWindows", rate_hz: int) -> "LeRobotReader | None":
        """Write our frames, states and actions to `folder`, from which the peer makes its datasets.

        None where ROBOTICS_PEERS_PYTHON names no Python with lerobot.
        """
        python = os.environ.get(PEERS_PYTHON, "")
        if not python or not _SCRIPT.is_file():
            return None
        folder.mkdir()
        samples = [windows[index] for index in range(len(windows))]
        for camera in windows.format.cameras:
            np.save(folder / f"images_{camera}.npy", np.stack([s["images"][camera][0] for s in samples]))
        for key in ("state", "action"):
            np.save(folder / f"{key}.npy", np.stack([s[key][0] for s in samples]))
        np.save(folder / "episode.npy", np.array([s["episode"] for s in samples]))
        (folder / "about.json").write_text(json.dumps({"fps": rate_hz, "horizon": windows.format.horizon}))
        try:
            process = subprocess.Popen(
                [python, str(_SCRIPT), str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        except FileNotFoundError:
            return None
        assert process.stdout
        line = process.stdout.readline()
        if not line:
            said = process.communicate()[1].strip().splitlines()
            print(f"peer not measured: {said[-1] if said else 'it said nothing'}", file=sys.stderr)
            return None
        return LeRobotReader(process, json.loads(line))

    def sample(self, codec: str, count: int) -> list[float]:
        """Times of so many samples at random [ms]."""
        return self._ask(f"{codec} sample {count}")

    def load(self, codec: str, count: int, workers: int) -> float:
        """Samples a second through a DataLoader."""
        return self._ask(f"{codec} loader {count} {workers}")

    def _ask(self, question: str):
        assert self._process.stdin and self._process.stdout
        print(question, file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(self._process.communicate()[1])
        return json.loads(line)

    def close(self) -> None:
        self._process.communicate()
