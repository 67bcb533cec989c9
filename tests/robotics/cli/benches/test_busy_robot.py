"""What `bench control` and `bench soak` load a robot with, and how they read its log."""

from pathlib import Path

import numpy as np

from robotics.cli.benches.busy_robot import BusyRobot, WatchedRobot, with_load
from robotics.embodiments import load_embodiment

ALOHA = load_embodiment("aloha2")


def test_the_same_robot_gets_another_servo_rate_and_larger_pictures(tmp_path: Path):
    loaded = with_load(ALOHA, 500, tmp_path)
    assert loaded.servo_rate_hz == 500 and loaded.control_rate_hz == ALOHA.control_rate_hz
    assert loaded.interface_fingerprint == ALOHA.interface_fingerprint
    assert loaded.model_path.is_file()
    assert {(c.height, c.width, c.rate_hz) for c in loaded.camera} == {(480, 640, 30.0)}


def test_lateness_is_counted_from_each_servo_ticks_own_deadline(tmp_path: Path):
    busy = BusyRobot(ALOHA, 200)
    busy.embodiment = with_load(ALOHA, 200, tmp_path)
    times, reads = [], []
    for tick, late_us in enumerate((100, 200, 9_000, 0)):
        start_us = 1_000 + tick * 20_000
        times += [start_us + late_us, start_us + late_us + 400]  # read; work; first write
        times += [start_us + j * 5_000 + late_us for j in (1, 2, 3)]
        reads += [True, False, False, False, False]
    busy._seen = np.array(times) * 1_000, np.array(reads)
    late = busy.lateness_ms(1_000_000, 61_000_000)
    np.testing.assert_allclose(late, np.repeat([0.1, 0.2, 9.0], 4))


def test_the_watched_robot_leaves_its_log(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("ROBOTICS_BENCH_LOG", str(tmp_path / "log.npz"))
    robot = WatchedRobot(ALOHA)
    robot.read()
    robot.write(ALOHA.home)
    robot.close()
    with np.load(tmp_path / "log.npz") as log:
        assert log["is_read"].tolist() == [True, False]
        assert (np.diff(log["times_ns"]) >= 0).all()
