"""Grasps of boxes, balls and rims seen by one depth camera."""

from dataclasses import replace

import numpy as np
import pytest
from depth_views import look, standing

from policies.reasoner.grasping import in_image, predict_grasps
from robotics.pose import Pose, quaternion_to_matrix
from robotics.reasoning.answers import Box3D, Frame, Grasp
from robotics.reasoning.errors import MissingInputError
from robotics.reasoning.reasoner import GripperShape

GRIPPER = GripperShape()


def axes(grasp: Grasp) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tool point, closing and approach of a grasp in the world."""
    rotation = quaternion_to_matrix(np.array(grasp.rotation))
    return np.array(grasp.position), rotation[:, 1], rotation[:, 2]


def test_a_bar_is_taken_from_above_across_its_short_side():
    bar = standing(0.03, 0.02, (0.06, 0.015, 0.02), yaw=0.5)
    view, (mask,) = look([[bar]])
    best = predict_grasps(view, mask, bar.box, GRIPPER, 3)[0]
    tool, closing, approach = axes(best)
    assert approach[2] < -0.99
    assert abs(closing @ bar.rotation[:, 1]) > 0.95
    assert np.linalg.norm(tool[:2] - [0.03, 0.02]) < 0.02
    assert tool[2] - GRIPPER.tip_length > 0.0
    assert best.opening is not None and 0.03 < best.opening <= GRIPPER.opening
    assert best.frame is Frame.WORLD
    assert 0.5 < best.confidence <= 1.0


def test_without_a_box_the_thing_is_as_large_as_it_is_seen():
    cube = standing(-0.05, 0.05, (0.02, 0.02, 0.02), yaw=0.3)
    view, (mask,) = look([[cube]])
    tool, closing, _ = axes(predict_grasps(view, mask, None, GRIPPER, 1)[0])
    assert np.linalg.norm(tool[:2] - [-0.05, 0.05]) < 0.015
    assert np.abs(closing @ cube.rotation).max() > 0.9


def test_a_ball_is_taken_at_its_equator():
    ball = standing(0.0, 0.0, (0.025, 0.025, 0.025), round=True)
    view, (mask,) = look([[ball]])
    tool, _, _ = axes(predict_grasps(view, mask, ball.box, GRIPPER, 1)[0])
    assert np.linalg.norm(tool[:2]) < 0.012
    assert tool[2] - GRIPPER.tip_length < 0.025 < tool[2] - GRIPPER.tip_length + GRIPPER.pad_length


def test_what_is_wider_than_the_gripper_is_taken_by_its_wall():
    wall, half, height = 0.004, 0.06, 0.03
    box = [
        standing(0, 0, (half, half, 0.002)),
        *(standing(s * half, 0, (wall / 2, half, height)) for s in (-1, 1)),
        *(standing(0, s * half, (half, wall / 2, height)) for s in (-1, 1)),
    ]
    view, (mask,) = look([box], eye=(0.0, -0.3, 0.9), width=240, height=180)
    whole = standing(0, 0, (half, half, height)).box
    tool, closing, _ = axes(predict_grasps(view, mask, whole, GRIPPER, 1)[0])
    assert np.abs(tool[:2]).max() == pytest.approx(half, abs=0.012)
    assert np.abs(closing[:2]).max() > 0.9


def test_what_is_solid_and_too_wide_has_only_doubtful_grasps():
    slab = standing(0, 0, (0.06, 0.06, 0.03))
    view, (mask,) = look([[slab]])
    assert all(grasp.confidence < 0.6 for grasp in predict_grasps(view, mask, slab.box, GRIPPER, 5))


def test_fingers_keep_off_neighbours():
    cube = standing(0, 0, (0.02, 0.02, 0.02))
    walls = [standing(s * 0.032, 0, (0.006, 0.05, 0.03)) for s in (-1, 1)]
    view, masks = look([[cube], [walls[0]], [walls[1]]], eye=(0.0, -0.3, 0.8), width=240, height=180)
    for grasp in predict_grasps(view, masks[0], cube.box, GRIPPER, 10):
        _, closing, approach = axes(grasp)
        if approach[2] < -0.99:
            assert abs(closing[1]) > 0.8, "between cube and walls is no room for a finger"


def test_a_part_is_taken_where_it_is():
    head, stem = standing(0.07, 0, (0.015, 0.03, 0.012)), standing(0, 0, (0.07, 0.01, 0.01))
    view, (mask,) = look([[head, stem]])
    whole = Box3D((0.0075, 0, 0.012), (0.155, 0.06, 0.024), (1, 0, 0, 0), Frame.WORLD)
    part = Box3D((-0.045, 0, 0.01), (0.05, 0.02, 0.02), (1, 0, 0, 0), Frame.WORLD)
    for grasp in predict_grasps(view, mask, whole, GRIPPER, 5, part_box=part):
        tool, _, _ = axes(grasp)
        assert -0.085 < tool[0] < 0.0


def test_grasps_differ_and_the_most_promising_comes_first():
    bar = standing(0, 0, (0.06, 0.015, 0.02))
    view, (mask,) = look([[bar]])
    found = predict_grasps(view, mask, bar.box, GRIPPER, 6)
    assert len(found) == 6
    chances = [grasp.confidence for grasp in found]
    assert chances == sorted(chances, reverse=True)
    places = np.array([grasp.position for grasp in found])
    turns = np.array([axes(grasp)[1] for grasp in found])
    for i in range(len(found)):
        for j in range(i):
            near = np.linalg.norm(places[i] - places[j]) < 0.014
            assert not (near and abs(turns[i] @ turns[j]) > 0.92)


def test_the_image_angle_is_that_of_the_fingertips():
    view, _ = look([[standing(0, 0, (0.02, 0.02, 0.02))]], eye=(0.0, -0.01, 0.8))
    down = np.diag([1.0, -1.0, -1.0])
    column, row, angle = in_image(view, Pose.from_matrix(down, np.zeros(3)))
    assert (column, row) == pytest.approx((80, 60), abs=0.5)
    assert abs(angle) == pytest.approx(np.pi / 2, abs=0.02)  # closing along world y: up in the image
    sideways = np.stack([[0, 1.0, 0], [1.0, 0, 0], [0, 0, -1.0]], axis=1)
    assert in_image(view, Pose.from_matrix(sideways, np.zeros(3)))[2] == pytest.approx(0.0, abs=0.02)


def test_a_thing_of_too_few_pixels_has_no_grasps():
    view, _ = look([[standing(0, 0, (0.02, 0.02, 0.02))]])
    assert predict_grasps(view, np.zeros((120, 160), bool), None, GRIPPER, 3) == []


def test_what_is_missing_is_named():
    cube = standing(0, 0, (0.02, 0.02, 0.02))
    view, (mask,) = look([[cube]])
    with pytest.raises(MissingInputError, match="need a view with depth"):
        predict_grasps(replace(view, depth=None), mask, cube.box, GRIPPER, 1)
    with pytest.raises(MissingInputError, match="camera_in_world"):
        predict_grasps(replace(view, camera_in_world=None), mask, cube.box, GRIPPER, 1)
    with pytest.raises(ValueError, match="world frame, got 'camera'"):
        predict_grasps(view, mask, replace(cube.box, frame=Frame.CAMERA), GRIPPER, 1)
    with pytest.raises(ValueError, match="mask has shape \\(3, 3\\)"):
        predict_grasps(view, np.zeros((3, 3), bool), cube.box, GRIPPER, 1)
