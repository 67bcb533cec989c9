"""LeRobot's own reader and writer, where ROBOTICS_PEERS_PYTHON names a Python that has lerobot."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment
from contracts.interchange_round_trip import export, make_varied_dataset

from demonstrations.dataset import DemonstrationDataset
from demonstrations.interchange.foreign import ImportOptions
from demonstrations.interchange.importing import import_episodes, open_foreign
from demonstrations.interchange.selection import ExportOptions

PYTHON = os.environ.get("ROBOTICS_PEERS_PYTHON")
SCRIPTS = Path(__file__).parents[3] / "docs/peers"

pytestmark = pytest.mark.skipif(not PYTHON, reason="ROBOTICS_PEERS_PYTHON names no Python with lerobot")


def run_peer(script: str, *arguments: str, cwd: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    environment |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(cwd / "cache")}
    done = subprocess.run(
        [str(PYTHON), str(SCRIPTS / script), *arguments],
        env=environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_it_reads_rows_chunks_and_pictures_of_our_export(tmp_path):
    dataset = make_varied_dataset(tmp_path / "set")
    export(dataset, "lerobot", tmp_path / "out", ExportOptions(crf=10))
    read = json.loads(run_peer("lerobot_read.py", str(tmp_path / "out"), cwd=tmp_path).splitlines()[-1])
    assert (read["episodes"], read["rows"], read["fps"]) == (3, 60, 50)
    wanted = sum(e.intended.astype(np.float32).astype(float).sum() for e in dataset)
    assert read["action_sum"] == pytest.approx(wanted, abs=1e-6)
    for episode, first in zip(dataset, (0, 20, 51), strict=True):
        for camera in dataset.camera_names:
            for row in (0, len(episode) // 2, len(episode) - 1):
                shown = episode.frame(camera, int(episode.frame_of_rows(camera)[row]))
                got = read["pictures"][f"observation.images.{camera} {first + row}"]
                assert got == pytest.approx(shown.mean(), abs=2)


def test_what_it_writes_is_imported(tmp_path):
    robot = fake_embodiment()
    joints = [name.replace("/", "_") for name in robot.action_names]
    run_peer("lerobot_write.py", str(tmp_path / "theirs"), *joints, cwd=tmp_path)
    options = ImportOptions(robot, cameras={"cam_high": "overhead"})
    import_episodes(open_foreign(tmp_path / "theirs", "lerobot", options), tmp_path / "ours", robot)
    dataset = DemonstrationDataset.open(tmp_path / "ours", robot)
    assert [len(episode) for episode in dataset] == [12, 7]
    for number, episode in enumerate(dataset):
        rows = np.arange(len(episode))
        wanted = (rows[:, None] + np.arange(14) / 100 + 1000 * number).astype(np.float32)
        np.testing.assert_array_equal(episode.position, wanted.astype(float))
        np.testing.assert_array_equal(episode.applied, (wanted + np.float32(0.5)).astype(float))
        assert episode.metadata.instruction == f"task {number}"
        brightness = episode.frames("overhead", rows).mean(axis=(1, 2, 3))
        assert np.abs(brightness - (15 * rows + 20)).max() < 6
