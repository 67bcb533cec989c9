"""Cameras keep their rates by absolute deadlines, and show the world of the control process."""

import dataclasses

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment
from contracts.fake_robot import TASKS, FakeCameraRig, joint_as_pixel

from robotics.bridge.camera_process import CameraBeat, SceneFollower
from robotics.bridge.control_link import World, write_world
from robotics.bridge.latest_value import LatestValue
from robotics.bridge.shared_memory import SharedMemory
from robotics.bridge.v1 import types_pb2

MS = 1_000_000


def two_rates() -> CameraBeat:
    """overhead at 25 Hz, wrist_left at 50 Hz, from 0 on."""
    embodiment = fake_embodiment()
    overhead, wrist = embodiment.camera
    cameras = (overhead, dataclasses.replace(wrist, rate_hz=50.0))
    return CameraBeat(dataclasses.replace(embodiment, camera=cameras), now_ns=0)


def test_each_camera_is_due_at_its_own_rate_without_drift():
    beat, due = two_rates(), {"overhead": 0, "wrist_left": 0}
    for _ in range(100):
        now_ns = beat.next_ns() + 3 * MS  # always late
        for camera in beat.take_due(now_ns):
            due[camera] += 1
    assert beat.next_ns() % (20 * MS) == 0
    assert due == {"overhead": 50, "wrist_left": 100}


def test_missed_pictures_are_left_out():
    beat = two_rates()
    assert beat.take_due(0) == ["overhead", "wrist_left"]
    assert beat.take_due(990 * MS) == ["overhead", "wrist_left"]
    assert beat.take_due(991 * MS) == []
    assert beat.next_ns() == 1000 * MS


class Follower:
    """A follower on a fake rig, and the control process's side."""

    def __init__(self):
        self.rig = FakeCameraRig()
        self.value = LatestValue(SharedMemory.create("world", 1 << 16))
        self.follower = SceneFollower(self.rig, self.value)

    def show(self, episode: int, time_ns: int, joint: float = 0.0, seed: int = 0) -> None:
        setup = types_pb2.EpisodeSetup(task=TASKS[0].name, seed=seed, instruction="x")
        state = np.full(14, joint)
        write_world(self.value, World(episode, time_ns, setup.SerializeToString(), state))


@pytest.fixture
def scene() -> Follower:
    return Follower()


def test_before_the_first_moment_there_is_nothing_to_show(scene: Follower):
    assert scene.follower.follow() is None


def test_a_moment_is_shown_once(scene: Follower):
    scene.show(1, 100, joint=0.5)
    world = scene.follower.follow()
    assert world is not None and (world.episode, world.time_ns) == (1, 100)
    assert scene.rig.capture("overhead", 0).image[0, 0, 0] == joint_as_pixel(0.5)
    assert scene.follower.follow() is None


def test_the_rig_is_led_into_every_new_episode(scene: Follower):
    scene.show(1, 100, seed=4)
    scene.follower.follow()
    assert scene.rig.episode == (TASKS[0].name, 4)
    scene.show(2, 200, seed=9)
    scene.follower.follow()
    assert scene.rig.episode == (TASKS[0].name, 9)


def test_an_episode_that_ends_while_its_scene_is_made_is_not_shown(scene: Follower, monkeypatch):
    reset = scene.rig.reset

    def slow_reset(task: str, seed: int, instruction: str | None = None) -> None:
        reset(task, seed, instruction)
        if seed == 4:
            scene.show(2, 200, seed=5)

    monkeypatch.setattr(scene.rig, "reset", slow_reset)
    scene.show(1, 100, seed=4)
    assert scene.follower.follow() is None
    world = scene.follower.follow()
    assert world is not None and world.episode == 2 and scene.rig.episode == (TASKS[0].name, 5)
