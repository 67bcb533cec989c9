"""Pictures of the simulated world."""

import concurrent.futures
import multiprocessing

import numpy as np
import pytest

from robotics.embodiments import load_embodiment
from robotics.errors import RoboticsError, UnknownNameError
from sim import cameras
from sim.cameras import SimulatedCameraRig
from sim.robot import SimulatedRobot
from sim.tasks import task_names


@pytest.fixture(scope="module")
def rig(robot: SimulatedRobot):
    rig = SimulatedCameraRig(robot.embodiment)
    yield rig
    rig.close()


def test_every_camera_shows_every_task_in_its_size(robot: SimulatedRobot, rig: SimulatedCameraRig):
    rig.follow(robot)
    for task in task_names():
        robot.reset(task, 0)
        for camera in robot.embodiment.camera:
            frame = rig.capture(camera.name, 42)
            assert frame.image.shape == (camera.height, camera.width, 3)
            assert frame.image.dtype == np.uint8
            assert frame.capture_time_ns == 42
            assert frame.depth is None
            assert 40 < frame.image.mean() < 230  # neither black nor burnt out
            assert (frame.image.max(axis=2) < 8).mean() < 0.2  # no view into the void


def test_the_overhead_view_shows_the_named_colours(robot: SimulatedRobot, rig: SimulatedCameraRig):
    rig.follow(robot)
    robot.reset("stack_blocks", 0)
    image = rig.capture("overhead", 0).image.astype(int)
    for channel in range(3):
        others = np.delete(image, channel, axis=2).max(axis=2)
        assert (image[..., channel] > others + 60).sum() > 50


def test_a_rig_that_gets_the_world_state_draws_what_one_that_follows_draws(
    robot: SimulatedRobot, rig: SimulatedCameraRig
):
    rig.follow(robot)
    other = SimulatedCameraRig(robot.embodiment)
    for task in task_names():
        setup = robot.reset(task, 5)
        other.reset(task, 5, setup.instruction)
        robot.write(robot.embodiment.home + 0.1)
        robot.step(200_000_000)
        other.set_world_state(robot.world_state())
        for camera in robot.embodiment.camera_names:
            np.testing.assert_array_equal(rig.capture(camera, 0).image, other.capture(camera, 0).image)
    other.close()


def draw_elsewhere(embodiment: str, task: str, seed: int, state: np.ndarray) -> np.ndarray:
    rig = SimulatedCameraRig(load_embodiment(embodiment))
    rig.reset(task, seed)
    rig.set_world_state(state)
    image = rig.capture("overhead", 0).image
    rig.close()
    return image


def test_another_process_draws_the_same_picture(robot: SimulatedRobot, rig: SimulatedCameraRig):
    rig.follow(robot)
    robot.reset("put_in_bowl", 8)
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        drawn = pool.submit(
            draw_elsewhere, robot.embodiment.name, "put_in_bowl", 8, robot.world_state()
        ).result(timeout=60)
    np.testing.assert_array_equal(drawn, rig.capture("overhead", 0).image)


def test_depth_is_the_distance_along_the_view(robot: SimulatedRobot):
    rig = SimulatedCameraRig(robot.embodiment, depth=True)
    rig.follow(robot)
    robot.reset("hand_over_cube", 0)
    frame = rig.capture("overhead", 0)
    camera = robot.physics.model.ptr.camera(robot.embodiment.get_camera("overhead").model_camera)
    forward = -robot.physics.data.ptr.cam_xmat[camera.id].reshape(3, 3)[:, 2]
    to_table = robot.physics.data.ptr.cam_xpos[camera.id][2] / -forward[2]
    height, width = frame.image.shape[:2]
    assert frame.depth is not None
    assert frame.depth.dtype == np.float32
    assert frame.depth.shape == (height, width)
    assert frame.depth[height // 2, width // 2] == pytest.approx(to_table, abs=0.01)
    rig.close()


def test_an_unknown_camera_is_named_with_the_existing_ones(robot: SimulatedRobot, rig: SimulatedCameraRig):
    rig.follow(robot)
    with pytest.raises(UnknownNameError, match=r"no camera 'wrist'.*overhead"):
        rig.capture("wrist", 0)


def test_a_world_state_of_another_task_is_refused(robot: SimulatedRobot):
    rig = SimulatedCameraRig(robot.embodiment)
    rig.reset("open_drawer", 0)
    robot.reset("stack_blocks", 0)
    with pytest.raises(ValueError, match="shape"):
        rig.set_world_state(robot.world_state())
    rig.close()


def test_a_rig_may_be_closed_twice(robot: SimulatedRobot):
    rig = SimulatedCameraRig(robot.embodiment)
    rig.close()
    rig.close()


def test_a_missing_library_gives_one_line_with_the_command_that_installs_it(
    robot: SimulatedRobot, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(cameras, "missing_library", lambda: "libEGL.so.1")
    with pytest.raises(RoboticsError, match=r"libEGL\.so\.1.*apt-get install.*libegl1") as caught:
        SimulatedCameraRig(robot.embodiment)
    assert "\n" not in str(caught.value)
