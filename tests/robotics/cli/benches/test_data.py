"""The parts of `bench data`: real renders at full size, a peer that is missing or broken is said to be."""

import json
import sys

import numpy as np
import pytest
from contracts.demonstration_episodes import make_dataset

from demonstrations.view import CameraView
from demonstrations.windows import DemonstrationWindows, WindowConfig
from robotics.cli.benches.lerobot_reader import LeRobotReader
from robotics.cli.benches.policy_wire import PEERS_PYTHON
from robotics.cli.benches.rendered_episodes import with_large_cameras


@pytest.fixture
def windows(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=2, ticks=6)
    return DemonstrationWindows(dataset, WindowConfig({"overhead": CameraView(8, 8)}, horizon=4))


def test_every_camera_is_made_large_and_nothing_else_is_changed(tmp_path):
    from robotics.embodiment import load_embodiment_file
    from robotics.embodiments import load_embodiment

    for name in ("aloha2", "franka_duo"):
        before, after = load_embodiment(name), load_embodiment_file(with_large_cameras(name, tmp_path / name))
        assert {(c.height, c.width, c.rate_hz) for c in after.camera} == {(480, 640, before.control_rate_hz)}
        assert (after.arm, after.action_names) == (before.arm, before.action_names)
        assert after.model_path.exists()


@pytest.mark.parametrize("python", ["", "/nowhere/python"])
def test_a_peer_that_is_not_installed_is_none(monkeypatch, windows, tmp_path, python):
    monkeypatch.setenv(PEERS_PYTHON, python)
    assert LeRobotReader.start(tmp_path / "peer", windows, 50) is None


def test_a_peer_that_fails_is_none_and_its_last_words_are_kept(monkeypatch, windows, tmp_path, capsys):
    monkeypatch.setenv(PEERS_PYTHON, sys.executable)  # has no lerobot
    assert LeRobotReader.start(tmp_path / "peer", windows, 50) is None
    assert "No module named 'lerobot'" in capsys.readouterr().err


def test_the_peer_gets_our_frames_states_and_actions(monkeypatch, windows, tmp_path):
    monkeypatch.setenv(PEERS_PYTHON, sys.executable)
    LeRobotReader.start(tmp_path / "peer", windows, 50)
    load = lambda name: np.load(tmp_path / "peer" / f"{name}.npy")  # noqa: E731
    assert json.loads((tmp_path / "peer/about.json").read_text()) == {"fps": 50, "horizon": 4}
    assert load("episode").tolist() == [0] * 6 + [1] * 6
    for index in (0, 7):
        sample = windows[index]
        np.testing.assert_array_equal(load("images_overhead")[index], sample["images"]["overhead"][0])
        np.testing.assert_array_equal(load("action")[index], sample["action"][0])
        np.testing.assert_array_equal(load("state")[index], sample["state"][0])
