"""Answers in the image get the place that depth and calibration give them."""

import dataclasses
import math

import numpy as np
import pytest
from contracts.reasoner_contract import CAMERA_HEIGHT, make_view

from robotics.pinhole import project
from robotics.pose import Pose, quaternion_to_matrix
from robotics.reasoning.answers import Frame, Grasp, Point, Trajectory
from robotics.reasoning.lifting import TABLE_CLEARANCE, depth_at, lift_grasp, lift_point, lift_trajectory
from robotics.reasoning.reasoner import GripperShape
from robotics.reasoning.view import View


def oblique_view() -> View:
    """The table's plane seen from 45 degrees, with its exact depth."""
    view = make_view()
    position = np.array([0.0, -0.6, 0.6])
    forward = -position / np.linalg.norm(position)
    right = np.array([1.0, 0.0, 0.0])
    camera = Pose.from_matrix(np.column_stack([right, np.cross(forward, right), forward]), position)
    k = view.intrinsics
    assert k is not None
    columns, rows = np.meshgrid(np.arange(k.width) + 0.5, np.arange(k.height) + 0.5)
    rays = np.stack([(columns - k.cx) / k.fx, (rows - k.cy) / k.fy, np.ones_like(rows)], axis=-1)
    depth = -position[2] / (rays @ camera.rotation.T)[..., 2]
    return dataclasses.replace(view, depth=depth.astype(np.float32), camera_in_world=camera)


def test_a_point_lies_where_its_pixel_looks():
    view = oblique_view()
    assert view.intrinsics is not None and view.camera_in_world is not None
    lifted = lift_point(Point(60.5, 40.5, "mug", 0.7), view)
    assert (lifted.label, lifted.confidence, lifted.frame) == ("mug", 0.7, Frame.WORLD)
    assert lifted.position is not None and abs(lifted.position[2]) < 1e-5
    camera = view.camera_in_world
    back = project(np.array(lifted.position), camera.rotation, camera.position, view.intrinsics)
    np.testing.assert_allclose(back[:2], (60.5, 40.5), atol=1e-3)


def test_without_extrinsics_the_place_is_level_to_the_camera():
    view = dataclasses.replace(make_view(), camera_in_world=None)
    lifted = lift_point(Point(112.0, 84.0), view)
    assert lifted.frame is Frame.LEVEL
    assert lifted.position == pytest.approx((0, CAMERA_HEIGHT, 0), abs=1e-6)


@pytest.mark.parametrize("missing", ["depth", "intrinsics"])
def test_without_depth_or_intrinsics_there_is_no_place(missing: str):
    view = dataclasses.replace(make_view(), **{missing: None})
    assert lift_point(Point(112.0, 84.0), view).position is None


def test_a_hole_in_the_depth_is_bridged_and_a_large_one_is_not():
    depth = np.full((168, 224), 0.8, np.float32)
    depth[50, 50] = 0
    depth[60, 60] = np.nan
    depth[100:120, 100:120] = 0
    view = dataclasses.replace(make_view(), depth=depth)
    assert depth_at(view, 50.5, 50.5) == pytest.approx(0.8)
    assert depth_at(view, 60.5, 60.5) == pytest.approx(0.8)
    assert depth_at(view, 110.0, 110.0) is None
    assert depth_at(view, 224.0, 168.0) == pytest.approx(0.8)  # the image's very corner


def test_a_trajectory_is_lifted_point_by_point():
    lifted = lift_trajectory(Trajectory((Point(5, 5), Point(75, 70)), "push"), make_view())
    assert lifted.label == "push"
    heights = [p.position[2] for p in lifted.waypoints if p.position]
    np.testing.assert_allclose(heights, (0.0, 0.04), atol=1e-6)


@pytest.mark.parametrize("angle", [0.0, 0.5, math.pi / 2, -1.2])
def test_a_grasp_closes_along_its_line_in_the_picture(angle: float):
    view = oblique_view()
    assert view.intrinsics is not None and view.camera_in_world is not None
    grasp = lift_grasp(Grasp(90.5, 60.5, angle), view, None)
    assert grasp.rotation is not None and grasp.position is not None
    turned = quaternion_to_matrix(np.array(grasp.rotation))
    np.testing.assert_allclose(turned[:, 2], (0, 0, -1), atol=1e-9)
    assert np.linalg.det(turned) == pytest.approx(1)
    place = lift_point(Point(90.5, 60.5), view).position
    camera = view.camera_in_world
    ends = np.array(place) + np.outer([-0.005, 0.005], turned[:, 1])
    seen = project(ends, camera.rotation, camera.position, view.intrinsics)[:, :2]
    across, down = seen[1] - seen[0]
    assert math.isclose(math.sin(math.atan2(down, across) - angle), 0, abs_tol=0.02)


def test_fingertips_go_below_the_surface_but_not_to_the_table():
    view = make_view()
    gripper = GripperShape(opening=0.07, finger_length=0.03)
    on_block = lift_grasp(Grasp(75, 70, 0.0), view, gripper)
    on_table = lift_grasp(Grasp(200, 150, 0.0), view, gripper)
    assert on_block.position is not None and on_table.position is not None
    assert on_block.position[2] == pytest.approx(0.04 - 0.015)
    assert on_table.position[2] == pytest.approx(TABLE_CLEARANCE)
    assert on_block.opening == 0.07


def test_a_grasp_that_only_the_image_knows_stays_one():
    grasp = lift_grasp(Grasp(75, 70, 0.3), View(make_view().image), None)
    assert grasp.position is None and grasp.rotation is None and grasp.angle == 0.3
