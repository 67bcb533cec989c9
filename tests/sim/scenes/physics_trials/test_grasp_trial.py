"""What physics says about grasps that are plainly right or wrong."""

import numpy as np
import pytest
from trial_things import add_box, straight_down

from robotics.embodiments import load_embodiment
from robotics.reasoning.answers import Frame, Grasp
from sim.scenes.physics_trials.grasp_trial import run_grasp_trial, try_grasp
from sim.scenes.physics_trials.trial_table import TrialTable, new_table

ROBOTS = ("aloha2", "franka_duo")


@pytest.fixture(scope="module", params=ROBOTS)
def table(request) -> TrialTable:
    """A cube at (0.1, 0), a second cube right beside it at y = 0.06, a bar too wide for any gripper."""
    spec = new_table()
    add_box(spec, "cube", (0.02, 0.02, 0.02), at=(0.1, 0.0))
    add_box(spec, "beside", (0.02, 0.02, 0.02), at=(0.1, 0.06))
    add_box(spec, "wide", (0.05, 0.05, 0.02), at=(-0.15, 0.0))
    table = TrialTable(spec, load_embodiment(request.param))
    assert table.settle()
    return table


def test_a_cube_is_held_from_above_along_the_free_sides(table):
    outcome = try_grasp(table, straight_down(0.1, 0.0, 0.018, np.pi / 2), 0.06, "cube")
    assert outcome.held, outcome
    assert outcome.stage == "held"
    assert outcome.rise_m == pytest.approx(0.1, abs=0.01)
    assert outcome.disturbed_m < 0.005


def test_a_finger_that_lands_on_the_thing_is_blocked(table):
    outcome = try_grasp(table, straight_down(0.085, 0.0, 0.018, np.pi / 2), 0.05, "cube")
    assert not outcome.held
    assert outcome.stage == "approach"


def test_a_finger_that_lands_on_a_neighbour_is_blocked(table):
    assert try_grasp(table, straight_down(0.1, 0.0, 0.018), 0.07, "cube").stage == "approach"


def test_a_grasp_into_the_table_is_blocked(table):
    assert try_grasp(table, straight_down(0.1, 0.0, -0.02, np.pi / 2), 0.06, "cube").stage == "approach"


def test_closing_over_the_thing_holds_nothing(table):
    assert try_grasp(table, straight_down(0.1, 0.0, 0.07, np.pi / 2), 0.06, "cube").stage == "close"


def test_a_thing_wider_than_the_gripper_is_not_held(table):
    assert not try_grasp(table, straight_down(-0.15, 0.0, 0.018), 0.08, "wide").held


def test_every_trial_starts_from_the_same_state(table):
    tool = straight_down(0.1, 0.0, 0.018, np.pi / 2)
    first = try_grasp(table, tool, 0.06, "cube", hold_s=0.1)
    try_grasp(table, straight_down(0.1, 0.0, 0.018), 0.07, "cube", hold_s=0.1)
    assert try_grasp(table, tool, 0.06, "cube", hold_s=0.1) == first


def test_a_grasp_as_reasoners_answer_it_is_tried(table):
    tool = straight_down(0.1, 0.0, 0.018, np.pi / 2)
    grasp = Grasp(0, 0, 0, tuple(tool.position), tuple(tool.quaternion), 0.06)
    assert run_grasp_trial(table, grasp, "cube", hold_s=0.1).held


def test_a_grasp_without_a_place_in_the_world_is_refused(table):
    with pytest.raises(ValueError, match="world frame"):
        run_grasp_trial(table, Grasp(1.0, 1.0, 0.0), "cube")
    camera = Grasp(1.0, 1.0, 0.0, (0, 0, 1), (1, 0, 0, 0), frame=Frame.CAMERA)
    with pytest.raises(ValueError, match="world frame"):
        run_grasp_trial(table, camera, "cube")


def test_only_what_is_free_or_mocap_can_be_placed(table):
    finger = f"hand0/{table.hands[0].arm.gripper.model_joint}"
    body = table.model.body(int(table.model.joint(finger).bodyid[0])).name
    with pytest.raises(ValueError, match=f"'{body}' is neither free nor mocap"):
        table.place(body, straight_down(0, 0, 0))
