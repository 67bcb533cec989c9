"""Arms that are about to meet, themselves or the table are stopped before; nobody is ever trapped."""

import dataclasses

import numpy as np
import pytest

from robotics.embodiment import Embodiment
from robotics.embodiments import load_embodiment
from robotics.errors import UnknownNameError
from robotics.kinematics.kinematics import Kinematics
from robotics.safety.collision import CollisionWatch
from robotics.safety.guard import Guard

ROBOTS = ("aloha2", "franka_duo")


@pytest.fixture(scope="module", params=ROBOTS)
def embodiment(request: pytest.FixtureRequest) -> Embodiment:
    return load_embodiment(request.param)


def shifted(embodiment: Embodiment, **changes: float) -> np.ndarray:
    """Home with some joints elsewhere; "left_elbow" is the action left/elbow."""
    position = embodiment.home.copy()
    for name, value in changes.items():
        position[embodiment.action_names.index(name.replace("_", "/", 1))] = value
    return position


ARMS_CROSSED = {
    "aloha2": {"left_shoulder": 0.9, "right_shoulder": 0.9, "left_elbow": 0.0, "right_elbow": 0.0},
    "franka_duo": {"left_joint2": 0.9, "right_joint2": 0.9, "left_joint4": -1.0, "right_joint4": -1.0},
}
INTO_TABLE = {
    "aloha2": {"left_shoulder": 1.2, "left_elbow": 0.3},
    "franka_duo": {"left_joint1": 1.3, "left_joint2": 1.7, "left_joint4": -1.0},
}
INTO_ITSELF = {
    "aloha2": {"left_shoulder": -1.8, "left_elbow": 1.6, "left_wrist_angle": 2.2},
    "franka_duo": {"left_joint4": -3.04, "left_joint6": 0.6},
}


def move(guard: Guard, goal: np.ndarray, ticks: int = 400) -> np.ndarray:
    """Ask for a jump to `goal`; returns all applied targets, with those of a stop where there was one."""
    start = guard.motion.position.copy()
    lower, upper = np.minimum(start, goal), np.maximum(start, goal)
    guard.motion.splice()
    rows = []
    for _ in range(ticks):
        rows.append(guard.follow(np.tile(goal, (guard.servo_ticks, 1)), lower, upper).copy())
        if guard.danger:
            rows += [guard.brake() for _ in range(40)]
            break
    return np.concatenate(rows)


@pytest.mark.parametrize("case", [ARMS_CROSSED, INTO_TABLE, INTO_ITSELF], ids=["arms", "table", "itself"])
def test_a_motion_into_a_collision_is_braked_before_it_comes_to_that(embodiment: Embodiment, case: dict):
    guard, kinematics = Guard(embodiment, "clock"), Kinematics(embodiment)
    goal = shifted(embodiment, **case[embodiment.name])
    assert kinematics.distance(goal) < 0.0
    applied = move(guard, goal)
    assert guard.danger is not None and guard.danger.startswith("predicted collision: ")
    assert "mm apart; margin 5 mm" in guard.danger
    assert guard.motion.at_rest
    assert guard.counts["collision"] == 1
    # Fingers may touch the table and each other; here something else would have touched first or with them.
    watch = CollisionWatch(embodiment)
    far = embodiment.home
    for position in applied[::3]:
        assert watch.find([position], far) is None


def test_the_bodies_are_named(embodiment: Embodiment):
    guard = Guard(embodiment, "clock")
    move(guard, shifted(embodiment, **INTO_TABLE[embodiment.name]))
    assert guard.danger is not None
    assert "left/" in guard.danger and " and table, " in guard.danger


def test_inside_the_margin_one_may_move_away_and_no_nearer(embodiment: Embodiment):
    watch = CollisionWatch(embodiment)
    home, bad = embodiment.home, shifted(embodiment, **INTO_TABLE[embodiment.name])
    shares = np.linspace(0.0, 1.0, 200)
    path = home + shares[:, None] * (bad - home)
    found = [watch.find([position], home) is not None for position in path]
    inside = found.index(True) + 2
    assert watch.find([path[inside - 1], path[inside - 2]], path[inside]) is None
    assert watch.find([path[inside]], path[inside]) is None
    assert watch.find([path[inside + 1]], path[inside]) is not None


def test_a_protective_stop_can_be_left(embodiment: Embodiment):
    guard = Guard(embodiment, "clock")
    move(guard, shifted(embodiment, **INTO_TABLE[embodiment.name]))
    assert guard.danger is not None
    move(guard, embodiment.home)
    assert guard.danger is None
    np.testing.assert_allclose(guard.motion.position, embodiment.home)


def test_a_tool_is_kept_in_its_box_and_may_come_back(embodiment: Embodiment):
    start = Kinematics(embodiment).tool_in_world(embodiment.home)["left"].position
    low, high = (tuple(float(v) for v in start + sign * 0.1) for sign in (-1.0, 1.0))
    boxed = dataclasses.replace(embodiment.guard, tool_box={"left": (low, high)})
    embodiment = dataclasses.replace(embodiment, guard=boxed)
    turn = next(i for i, name in enumerate(embodiment.action_names) if name.startswith("left/"))
    goal = embodiment.home.copy()
    goal[turn] += 1.0
    guard = Guard(embodiment, "clock")
    move(guard, goal)
    assert guard.danger is not None
    assert guard.danger.startswith("predicted exit: the tool of arm 'left' would leave its box by ")
    point = Kinematics(embodiment).tool_in_world(guard.motion.position)["left"].position
    assert (point > np.array(low) - 1e-6).all() and (point < np.array(high) + 1e-6).all()
    outside = embodiment.home.copy()
    outside[turn] += 0.9
    guard.motion.reset(outside)
    move(guard, embodiment.home)
    assert guard.danger is None
    np.testing.assert_allclose(guard.motion.position, embodiment.home)


def test_a_wrong_name_among_the_allowed_pairs_is_told_in_one_line(embodiment: Embodiment):
    wrong = dataclasses.replace(embodiment.guard, allowed=(("left/hnd", "table"),))
    with pytest.raises(UnknownNameError, match="left/hnd"):
        CollisionWatch(dataclasses.replace(embodiment, guard=wrong))
