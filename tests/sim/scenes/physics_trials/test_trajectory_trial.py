"""Pushing, pulling, placing and handing over in physics, along paths that are plainly right or wrong."""

import mujoco
import numpy as np
import pytest
from trial_things import SURFACE, add_box, straight_down

from robotics.embodiments import load_embodiment
from robotics.pose import Pose
from robotics.reasoning.answers import Grasp, Point, Trajectory
from sim.props import CABINET, add_cabinet
from sim.scenes.physics_trials.trajectory_trial import run_trajectory_trial
from sim.scenes.physics_trials.trial_table import TrialTable, new_table

ROBOT = load_embodiment("aloha2")


def path(*places: tuple[float, float, float]) -> Trajectory:
    return Trajectory(tuple(Point(0, 0, position=place) for place in places))


def grasp_at(tool: Pose, opening: float = 0.06) -> Grasp:
    return Grasp(0, 0, 0, tuple(tool.position), tuple(tool.quaternion), opening)


@pytest.fixture(scope="module")
def table() -> TrialTable:
    """A cube at the origin, a wall across x = 0.1, two hands."""
    spec = new_table()
    add_box(spec, "cube", (0.02, 0.02, 0.02))
    spec.worldbody.add_body(name="wall").add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.01, 0.1, 0.05], pos=[0.12, 0, 0.05], **SURFACE
    )
    table = TrialTable(spec, ROBOT, hands=2)
    assert table.settle()
    return table


CUBE_GRASP = grasp_at(straight_down(0, 0, 0.018))


def test_a_cube_is_pushed_where_the_way_is_free(table):
    outcome = run_trajectory_trial(table, "push", "cube", path((0, 0, 0.02), (-0.15, 0.05, 0.02)))
    assert outcome.achieved, outcome
    assert outcome.missed_m < 0.02


def test_a_cube_is_pushed_around_a_corner(table):
    way = path((0, 0, 0.02), (0, -0.16, 0.02), (0.15, -0.16, 0.02))
    assert run_trajectory_trial(table, "push", "cube", way).achieved


def test_a_wall_stops_a_push(table):
    outcome = run_trajectory_trial(table, "push", "cube", path((0, 0, 0.02), (0.2, 0, 0.02)))
    assert not outcome.achieved


def test_a_cube_is_placed_behind_the_wall_by_an_arc_and_not_through_it(table):
    over = path((0, 0, 0.02), (0, 0, 0.2), (0.2, 0, 0.2), (0.2, 0, 0.026))
    outcome = run_trajectory_trial(table, "place", "cube", over, CUBE_GRASP)
    assert outcome.achieved, outcome
    through = path((0, 0, 0.02), (0, 0, 0.04), (0.2, 0, 0.04), (0.2, 0, 0.026))
    assert not run_trajectory_trial(table, "place", "cube", through, CUBE_GRASP).achieved


def test_what_is_placed_on_something_must_end_there(table):
    way = path((0, 0, 0.02), (0, 0, 0.2), (-0.15, 0, 0.2), (-0.15, 0, 0.026))
    assert not run_trajectory_trial(table, "place", "cube", way, CUBE_GRASP, support="wall").achieved


def test_a_cube_goes_from_hand_to_hand(table):
    meeting = path((0, 0, 0.02), (0, 0, 0.4))
    giver = grasp_at(straight_down(0, 0, 0.026))  # closes along y
    from_below = np.stack([[0, 1.0, 0], [-1.0, 0, 0], [0, 0, 1.0]], axis=1)  # closes along x
    receiver = grasp_at(Pose.from_matrix(from_below, np.array([0, 0, 0.382])))
    outcome = run_trajectory_trial(table, "hand over", "cube", meeting, giver, receiver)
    assert outcome.achieved, outcome
    in_the_way = grasp_at(straight_down(0, 0, 0.4))
    assert not run_trajectory_trial(table, "hand over", "cube", meeting, giver, in_the_way).achieved


def test_a_drawer_is_pulled_by_its_handle():
    spec = new_table()
    add_cabinet(spec)
    table = TrialTable(spec, ROBOT)
    table.set_start()
    handle = (CABINET.handle_reach, 0.0, CABINET.handle_height)
    opened = (CABINET.handle_reach + 0.11, 0.0, CABINET.handle_height)
    grasp = grasp_at(straight_down(*handle))
    assert run_trajectory_trial(table, "pull", "prop/drawer", path(handle, opened), grasp).achieved
    aside = (CABINET.handle_reach, 0.11, CABINET.handle_height)
    assert not run_trajectory_trial(table, "pull", "prop/drawer", path(handle, aside), grasp).achieved


def test_what_a_trial_lacks_is_named(table):
    way = path((0, 0, 0.02), (0.1, 0, 0.02))
    with pytest.raises(ValueError, match="no verb 'throw'; there are: push, pull, place, hand over"):
        run_trajectory_trial(table, "throw", "cube", way)
    with pytest.raises(ValueError, match="'place' needs a grasp"):
        run_trajectory_trial(table, "place", "cube", way)
    with pytest.raises(ValueError, match="needs a receiver's grasp"):
        run_trajectory_trial(table, "hand over", "cube", way, CUBE_GRASP)
    with pytest.raises(ValueError, match="positions in the world frame"):
        run_trajectory_trial(table, "push", "cube", Trajectory((Point(1, 1), Point(2, 2))))
