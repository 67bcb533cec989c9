"""Frames of answers are turned into one another the way the contract of `Frame` says."""

import numpy as np
import pytest

from robotics.pose import Pose
from robotics.reasoning.answers import Frame
from robotics.reasoning.errors import MissingInputError
from robotics.reasoning.frames import TEXT_IN_CAMERA, frame_in_camera, level_in_camera


def looking(at: np.ndarray, position: np.ndarray, roll: float = 0.0) -> Pose:
    """A camera in the world that looks at a place, turned about its axis [rad]."""
    forward = (at - position) / np.linalg.norm(at - position)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    c, s = np.cos(roll), np.sin(roll)
    return Pose.from_matrix(np.column_stack([c * right + s * down, c * down - s * right, forward]), position)


def test_the_text_frame_of_a_level_camera_is_its_level_frame():
    level = looking(np.array([0.0, 5.0, 1.0]), np.array([0.0, 0.0, 1.0]))
    np.testing.assert_allclose(level_in_camera(level).rotation, TEXT_IN_CAMERA.rotation, atol=1e-9)
    np.testing.assert_allclose(level_in_camera(None).rotation, TEXT_IN_CAMERA.rotation)


@pytest.mark.parametrize("roll", [0.0, 0.7, -2.0])
@pytest.mark.parametrize("height", [0.1, 0.5, 3.0])
def test_up_in_the_level_frame_is_up_in_the_world(roll: float, height: float):
    camera = looking(np.zeros(3), np.array([0.3, -0.8, height]), roll)
    level_in_world = camera.rotation @ level_in_camera(camera).rotation
    np.testing.assert_allclose(level_in_world[:, 2], [0, 0, 1], atol=1e-9)
    away = -camera.position * [1, 1, 0]
    np.testing.assert_allclose(level_in_world[:, 1], away / np.linalg.norm(away), atol=1e-9)
    assert np.linalg.det(level_in_world) == pytest.approx(1)


def test_looking_straight_down_away_is_the_picture_s_up_direction():
    down = Pose(np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0, 0.0]))
    level_in_world = down.rotation @ level_in_camera(down).rotation
    np.testing.assert_allclose(level_in_world, np.eye(3), atol=1e-9)


def test_the_world_of_an_unplaced_camera_is_missing():
    with pytest.raises(MissingInputError, match="camera_in_world"):
        frame_in_camera(Frame.WORLD, None)
    np.testing.assert_array_equal(frame_in_camera(Frame.CAMERA, None).position, np.zeros(3))
