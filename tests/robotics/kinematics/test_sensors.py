"""Tool and camera poses, and the pair project / unproject."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robotics.embodiments import embodiment_names, load_embodiment
from robotics.errors import UnknownNameError
from robotics.kinematics import Kinematics
from robotics.kinematics.sensors import SensorKinematics, poses_along
from robotics.pinhole import Intrinsics, project, unproject


@pytest.mark.parametrize("name", embodiment_names())
def test_tools_agree_with_the_kinematics_that_solves(name):
    embodiment = load_embodiment(name)
    sensors, kinematics = SensorKinematics(embodiment), Kinematics(embodiment)
    rng = np.random.default_rng(0)
    for _ in range(20):
        position = rng.uniform(embodiment.position_lower, embodiment.position_upper)
        sensors.set_position(position)
        points, rotations = sensors.tools()
        for index, pose in enumerate(kinematics.tool_in_world(position).values()):
            np.testing.assert_allclose(points[index], pose.position, atol=1e-9)
            np.testing.assert_allclose(rotations[index], pose.rotation, atol=1e-9)


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_a_point_before_a_camera_survives_the_round_trip(seed):
    rng = np.random.default_rng(seed)
    intrinsics = Intrinsics(470.0, 450.0, 240.0, 180.0, 480, 360)
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    rotation *= np.sign(np.linalg.det(rotation))
    position = rng.normal(size=3)
    inner = np.stack([rng.normal(size=5), rng.normal(size=5), rng.uniform(0.1, 2, 5)], axis=-1)
    points = inner @ rotation.T + position
    pixels = project(points, rotation, position, intrinsics)
    np.testing.assert_allclose(pixels[:, 2], inner[:, 2], atol=1e-9)
    np.testing.assert_allclose(unproject(pixels, rotation, position, intrinsics), points, atol=1e-9)


def test_a_resized_image_shows_the_same_ray_at_the_scaled_pixel():
    sensors = SensorKinematics(load_embodiment("aloha2"))
    sensors.set_position(sensors.embodiment.home)
    positions, rotations = sensors.cameras()
    full = sensors.intrinsics("overhead")
    half = full.resized(full.width // 2, full.height // 4)
    point = np.array([[0.05, 0.02, 0.01]])
    u, v, _ = project(point, rotations[0], positions[0], full)[0]
    np.testing.assert_allclose(project(point, rotations[0], positions[0], half)[0, :2], [u / 2, v / 4])


def test_the_overhead_camera_stands_still_and_wrist_cameras_move_with_their_arm():
    embodiment = load_embodiment("aloha2")
    moved = embodiment.home.copy()
    moved[0] += 0.3
    _, _, camera_position, _ = poses_along(SensorKinematics(embodiment), np.stack([embodiment.home, moved]))
    shift = np.linalg.norm(camera_position[1] - camera_position[0], axis=-1)
    by_name = dict(zip(embodiment.camera_names, shift, strict=True))
    assert by_name["overhead"] == by_name["wrist_right"] == by_name["worms_eye"] == 0
    assert by_name["wrist_left"] > 0.02


def test_an_unknown_camera_is_named():
    with pytest.raises(UnknownNameError, match="overhead"):
        SensorKinematics(load_embodiment("aloha2")).intrinsics("overhed")
