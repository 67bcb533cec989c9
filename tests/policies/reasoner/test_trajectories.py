"""Ways along and over a table with things on it."""

from dataclasses import replace

import numpy as np
import pytest
from depth_views import look, standing

from policies.reasoner.trajectories import WAYPOINTS, path_of, predict_trajectory
from robotics.pinhole import project
from robotics.reasoning.answers import Frame, Point, Trajectory
from robotics.reasoning.errors import MissingInputError, QueryError

CUBE = standing(-0.12, 0, (0.02, 0.02, 0.02))
WALL = standing(0, 0, (0.01, 0.06, 0.06))
GOAL = np.array([0.12, 0.0, 0.0])


def scene(*others):
    return look([[CUBE], *[[other] for other in others]], eye=(0.0, -0.4, 0.9), width=240, height=180)


def test_a_free_push_is_straight_and_stays_on_the_table():
    view, masks = scene()
    found = predict_trajectory(view, "push", CUBE.box, GOAL, masks[0])
    path = path_of(found)
    assert len(path) == WAYPOINTS
    assert path[0] == pytest.approx([-0.12, 0, 0.02], abs=1e-6)
    assert path[-1] == pytest.approx([0.12, 0, 0.02], abs=1e-6)
    assert np.ptp(path[:, 1]) < 1e-6
    assert np.ptp(path[:, 2]) < 1e-6
    assert found.confidence > 0.8


def test_a_push_goes_around_what_stands_there():
    view, masks = scene(WALL)
    found = predict_trajectory(view, "push", CUBE.box, GOAL, masks[0], count=60)
    for x, y, _ in path_of(found):
        assert not (abs(x) < 0.01 + 0.02 and abs(y) < 0.06 + 0.02), "the cube would touch the wall"
    assert found.confidence > 0.8


def test_a_push_without_a_way_says_so():
    ring = [standing(0.12 + dx, dy, (0.02, 0.02, 0.03)) for dx, dy in ((-0.07, 0), (0.0, 0.0))]
    view, masks = scene(*ring)
    assert predict_trajectory(view, "push", CUBE.box, GOAL, masks[0]).confidence < 0.5


def test_placing_goes_over_the_wall_and_ends_on_the_table():
    view, masks = scene(WALL)
    path = path_of(predict_trajectory(view, "place", CUBE.box, GOAL, masks[0], count=60))
    over = path[np.abs(path[:, 0]) < 0.03]
    assert over[:, 2].min() > 2 * WALL.half[2] + CUBE.half[2]
    assert path[-1] == pytest.approx([0.12, 0, 0.026], abs=0.003)


def test_placing_on_a_thing_ends_on_its_top():
    base = standing(0.12, 0, (0.04, 0.04, 0.025))
    view, masks = scene(base)
    path = path_of(predict_trajectory(view, "place", CUBE.box, GOAL, masks[0]))
    assert path[-1, 2] == pytest.approx(0.05 + 0.02 + 0.006, abs=0.006)


def test_a_hand_over_ends_in_the_air():
    view, masks = scene()
    goal = np.array([0.0, 0.1, 0.25])
    path = path_of(predict_trajectory(view, "hand over", CUBE.box, goal, masks[0]))
    assert path[-1] == pytest.approx(goal)
    assert path[:, 2].min() >= 0.02 - 1e-9


def test_a_pull_is_straight():
    view, masks = scene(WALL)
    goal = np.array([-0.12, -0.1, 0.02])
    path = path_of(predict_trajectory(view, "pull", CUBE.box, goal, masks[0]))
    assert np.ptp(path[:, 0]) < 1e-9
    assert path[-1] == pytest.approx(goal)


def test_waypoints_lie_where_they_are_seen():
    view, masks = scene(WALL)
    found = predict_trajectory(view, "place", CUBE.box, GOAL, masks[0])
    camera = view.camera_in_world
    assert camera is not None and view.intrinsics is not None
    pixels = project(path_of(found), camera.rotation, camera.position, view.intrinsics)
    assert np.array([(p.column, p.row) for p in found.waypoints]) == pytest.approx(pixels[:, :2])


def test_without_a_mask_the_thing_is_no_obstacle_to_itself():
    view, _ = scene()
    assert predict_trajectory(view, "push", CUBE.box, GOAL).confidence > 0.8


def test_bad_questions_are_named():
    view, masks = scene()
    with pytest.raises(QueryError, match="'throw'; there are: push, pull, place, hand over"):
        predict_trajectory(view, "throw", CUBE.box, GOAL, masks[0])
    with pytest.raises(MissingInputError, match="depth"):
        predict_trajectory(replace(view, depth=None), "push", CUBE.box, GOAL, masks[0])
    with pytest.raises(ValueError, match="world frame"):
        predict_trajectory(view, "push", replace(CUBE.box, frame=Frame.LEVEL), GOAL, masks[0])
    with pytest.raises(ValueError, match="no position"):
        path_of(Trajectory((Point(1, 1),)))
