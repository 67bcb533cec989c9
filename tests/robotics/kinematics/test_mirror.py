"""The mirror image of a two-armed robot."""

from dataclasses import replace

import numpy as np
import pytest

from robotics.embodiments import load_embodiment
from robotics.kinematics.mirror import find_mirror
from robotics.kinematics.sensors import SensorKinematics, poses_along
from robotics.pinhole import project


@pytest.mark.parametrize("name", ["aloha2", "franka_duo"])
def test_tools_of_the_mirrored_robot_are_the_mirrored_tools_and_cameras_see_the_mirrored_world(name):
    embodiment = load_embodiment(name)
    mirror = find_mirror(embodiment)
    assert mirror is not None
    assert mirror.cameras["overhead"] == "overhead"
    assert mirror.cameras["wrist_left"] == "wrist_right"
    rng = np.random.default_rng(3)
    positions = rng.uniform(embodiment.position_lower, embodiment.position_upper, (50, embodiment.action_dim))
    np.testing.assert_allclose(mirror.joints(mirror.joints(positions)), positions)
    kinematics = SensorKinematics(embodiment)
    tool_p, tool_r, camera_p, camera_r = poses_along(kinematics, positions)
    other_p, other_r, other_camera_p, other_camera_r = poses_along(kinematics, mirror.joints(positions))
    np.testing.assert_allclose(other_p, mirror.points(tool_p)[:, ::-1], atol=1e-3)
    np.testing.assert_allclose(other_r, mirror.tool_rotations(tool_r)[:, ::-1], atol=2e-3)
    point = np.array([0.1, 0.05, 0.2])
    for camera, partner in mirror.cameras.items():
        k = kinematics.intrinsics(camera)
        i, j = (embodiment.camera_names.index(c) for c in (camera, partner))
        pixel = project(point, camera_r[:, i], camera_p[:, i], k)
        other = project(mirror.points(point), other_camera_r[:, j], other_camera_p[:, j], k)
        before = pixel[:, 2] > 0.1
        np.testing.assert_allclose(other[before, 0], (2 * k.cx - pixel[before, 0]), atol=0.5)
        np.testing.assert_allclose(other[before, 1:], pixel[before, 1:], atol=0.5)


def test_a_robot_whose_arms_differ_has_none():
    embodiment = load_embodiment("aloha2")
    left, right = embodiment.arm
    joints = list(right.joint)
    joints[1], joints[2] = joints[2], joints[1]  # the right arm's dimensions mean other joints
    other = replace(embodiment, arm=(left, replace(right, joint=tuple(joints))))
    assert find_mirror(other) is None
