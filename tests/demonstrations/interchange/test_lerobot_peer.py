"""LeRobot's own reader opens our export, where ROBOTICS_PEERS_PYTHON names a Python that has lerobot."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from contracts.interchange_round_trip import export, make_varied_dataset

from demonstrations.interchange.selection import ExportOptions

PYTHON = os.environ.get("ROBOTICS_PEERS_PYTHON")
SCRIPT = Path(__file__).parents[3] / "docs/peers/lerobot_read.py"


@pytest.mark.skipif(not PYTHON, reason="ROBOTICS_PEERS_PYTHON names no Python with lerobot")
def test_lerobots_own_dataset_reads_rows_chunks_and_pictures(tmp_path):
    dataset = make_varied_dataset(tmp_path / "set")
    export(dataset, "lerobot", tmp_path / "out", ExportOptions(crf=10))
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    environment |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(tmp_path / "cache")}
    done = subprocess.run(
        [str(PYTHON), str(SCRIPT), str(tmp_path / "out")],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    read = json.loads(done.stdout.splitlines()[-1])
    assert (read["episodes"], read["rows"], read["fps"]) == (3, 60, 50)
    wanted = sum(e.intended.astype(np.float32).astype(float).sum() for e in dataset)
    assert read["action_sum"] == pytest.approx(wanted, abs=1e-6)
    for episode, first in zip(dataset, (0, 20, 51), strict=True):
        for camera in dataset.camera_names:
            for row in (0, len(episode) // 2, len(episode) - 1):
                shown = episode.frame(camera, int(episode.frame_of_rows(camera)[row]))
                got = read["pictures"][f"observation.images.{camera} {first + row}"]
                assert got == pytest.approx(shown.mean(), abs=2)
