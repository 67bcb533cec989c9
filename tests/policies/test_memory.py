"""Untouched things stay where the fixed camera saw them."""

import torch

from policies.backbone import Context
from policies.memory import LOOKS, SceneMemory

OPEN, CLOSED = (False, False), (False, True)


def look(at: float) -> Context:
    """Object and goal at a distance, in both cameras."""
    points = torch.full((1, 2, 2, 3), at)
    return Context(points, torch.ones(1, 2, 2), torch.full((1, 2, 6), at), torch.zeros(1, 4))


def test_later_looks_do_not_move_what_nobody_touched():
    memory = SceneMemory()
    for _ in range(LOOKS):
        memory.steady(look(1.0), OPEN)
    held = memory.steady(look(9.0), OPEN)  # an arm is in the way
    assert (held.points[:, 0] == 1.0).all()
    assert (held.rotation_axes == 1.0).all()
    assert (held.points[:, 1] == 9.0).all()  # the other camera, on the wrist, is as it is


def test_a_wrong_first_look_is_outvoted():
    memory = SceneMemory()
    memory.steady(look(9.0), OPEN)
    memory.steady(look(1.0), OPEN)
    assert (memory.steady(look(1.1), OPEN).points[:, 0] == 1.1).all()  # nearest to all of them


def test_an_object_in_the_hand_moves_its_goal_does_not():
    memory = SceneMemory()
    memory.steady(look(1.0), OPEN)
    for _ in range(LOOKS):
        memory.steady(look(2.0), CLOSED)
    held = memory.steady(look(3.0), CLOSED)
    assert (held.points[0, 0, 0] == 3.0).all() and (held.points[0, 0, 1] == 2.0).all()


def test_a_gripper_that_opens_starts_anew():
    memory = SceneMemory()
    for _ in range(LOOKS):
        memory.steady(look(1.0), OPEN)
    memory.steady(look(2.0), CLOSED)
    assert (memory.steady(look(3.0), OPEN).points[:, 0] == 3.0).all()
