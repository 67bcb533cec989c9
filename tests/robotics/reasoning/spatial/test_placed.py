"""Boxes, viewers and footprints."""

import math

import numpy as np
import pytest

from robotics.pose import Pose, matrix_to_quaternion
from robotics.reasoning.answers import Box3D, Frame
from robotics.reasoning.spatial import Placed, level_in_world, viewer_axes
from robotics.reasoning.spatial.footprints import corners, distance_to_footprint, gap, is_over


def camera(forward: tuple[float, float, float], roll: float = 0.0, at=(0.0, -0.6, 0.5)) -> Pose:
    """A camera that looks along `forward`, turned by `roll` about it [rad]; OpenCV axes."""
    z = np.array(forward, float) / np.linalg.norm(forward)
    up = np.array([0.0, 1.0, 0.0]) if abs(z[2]) > 0.999 else np.array([0.0, 0.0, 1.0])
    y = -(up - (up @ z) * z)
    y /= np.linalg.norm(y)
    x = np.cross(y, z)
    c, s = math.cos(roll), math.sin(roll)
    return Pose.from_matrix(np.column_stack([c * x + s * y, -s * x + c * y, z]), np.array(at))


@pytest.mark.parametrize("forward", [(0, 1, 0), (0, 1, -1), (0, 0.2, -1), (0, 0, -1)])
def test_who_looks_along_y_has_x_at_the_right(forward):
    viewer = viewer_axes(camera(forward))
    np.testing.assert_allclose(viewer.right, (1, 0), atol=1e-9)
    np.testing.assert_allclose(viewer.away, (0, 1), atol=1e-9)


def test_who_looks_straight_down_has_away_at_the_images_top():
    viewer = viewer_axes(camera((0, 0, -1), roll=math.pi / 2))
    top_of_image = -camera((0, 0, -1), roll=math.pi / 2).rotation[:2, 1]
    np.testing.assert_allclose(viewer.away, top_of_image, atol=1e-9)


def test_roll_does_not_tilt_the_level_frame():
    level = level_in_world(camera((0, 1, -0.3), roll=0.3))
    np.testing.assert_allclose(level.rotation[:, 2], (0, 0, 1), atol=1e-9)
    assert np.linalg.det(level.rotation) == pytest.approx(1)
    assert level.rotation[1, 1] > 0.95


def test_a_camera_mounted_a_little_askew_still_has_away_at_the_images_top():
    for askew in ((0.01, 0.0), (-0.01, 0.0), (0.0, -0.01)):
        assert viewer_axes(camera((*askew, -1.0))).away[1] > 0.95


@pytest.mark.parametrize("forward", [(0, 0, 1), (0, 1e-9, 1)])
def test_who_looks_straight_up_still_has_axes(forward):
    assert np.linalg.norm(viewer_axes(camera(forward)).away) == pytest.approx(1)


def test_a_lying_thing_lies():
    rng = np.random.default_rng(0)
    size = (0.2, 0.03, 0.03)
    for _ in range(50):
        yaw = rng.uniform(-np.pi, np.pi)
        turn = np.array([[math.cos(yaw), -math.sin(yaw), 0], [math.sin(yaw), math.cos(yaw), 0], [0, 0, 1]])
        upright = turn @ np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]])  # its x points down
        standing = Placed.from_box((0, 0, 0.1), size, matrix_to_quaternion(upright))
        assert standing.size[2] == pytest.approx(0.2)
        lying = Placed.from_box((0, 0, 0.015), size, matrix_to_quaternion(turn))
        assert lying.size == pytest.approx(size)
        rolled = turn @ np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])
        np.testing.assert_allclose(
            sorted(
                map(
                    tuple,
                    np.round(corners(Placed.from_box((0, 0, 0), size, matrix_to_quaternion(rolled))), 6),
                )
            ),
            sorted(map(tuple, np.round(corners(Placed((0, 0, 0), size, yaw)), 6))),
            atol=1e-5,
        )


def test_a_box_in_a_cameras_frame_has_no_up():
    with pytest.raises(ValueError, match="camera"):
        Placed.from_box3d(Box3D((0, 0, 1), (1, 1, 1), (1, 0, 0, 0), Frame.CAMERA))


def test_the_gap_between_footprints_is_the_distance_of_their_nearest_points():
    rng = np.random.default_rng(1)
    steps = np.linspace(-0.5, 0.5, 41)
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    for _ in range(100):
        a, b = (
            Placed(
                (*rng.uniform(-0.2, 0.2, 2), 0),
                (*rng.uniform(0.03, 0.2, 2), 0.1),
                rng.uniform(-3, 3),
                is_round=bool(rng.random() < 0.3),
            )
            for _ in range(2)
        )
        c, s = math.cos(a.yaw), math.sin(a.yaw)
        inner = grid * np.array(a.size[:2])
        if a.is_round:
            angles = grid[:, 0] * 2 * np.pi
            inner = np.stack([np.cos(angles), np.sin(angles)], -1) * (a.size[0] + a.size[1]) / 4
        points = inner @ np.array([[c, s], [-s, c]]) + np.array(a.center[:2])
        sampled = max(0.0, distance_to_footprint(b, points).min())
        assert max(0.0, gap(a, b)) == pytest.approx(sampled, abs=0.006)
        assert max(0.0, gap(a, b)) == pytest.approx(max(0.0, gap(b, a)), abs=1e-9)


def test_over_is_about_the_footprints_centre():
    tray = Placed((0, 0, 0.01), (0.3, 0.2, 0.02), math.pi / 4)
    assert is_over(Placed((0.05, 0.05, 0.05), (0.4, 0.4, 0.1)), tray)
    assert not is_over(Placed((0.13, -0.13, 0.05), (0.01, 0.01, 0.1)), tray)
