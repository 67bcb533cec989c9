"""Hindsight labels from joint positions alone."""

import numpy as np

from policies.hindsight import find_grasps, label_by_hindsight
from robotics.embodiments import load_embodiment

ALOHA = load_embodiment("aloha2")
LEFT, RIGHT = ALOHA.gripper_indices["left"], ALOHA.gripper_indices["right"]


def pick_and_place(rows: int = 150) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The right arm grips a thing from row 58 to 110; its tool moves on a line."""
    position = np.tile(ALOHA.home, (rows, 1))
    target = position.copy()
    target[50:110, RIGHT] = 0.0
    position[50:58, RIGHT] = np.linspace(1.0, 0.45, 8)
    position[58:110, RIGHT] = 0.45
    position[110:116, RIGHT] = np.linspace(0.45, 1.0, 6)
    tool = np.zeros((rows, 2, 3))
    tool[:, 1, 0] = np.linspace(0.3, -0.3, rows)
    return position, target, tool


def test_a_grip_is_found_from_the_first_blocked_row_to_the_opening_command():
    position, target, _ = pick_and_place()
    (grasp,) = find_grasps(ALOHA, position, target)
    assert grasp.arm == 1
    assert 57 <= grasp.start <= 60
    assert 109 <= grasp.end <= 111


def test_closing_on_nothing_is_no_grasp():
    position, target, _ = pick_and_place()
    position[58:110, RIGHT] = 0.0
    position[50:58, RIGHT] = np.linspace(1.0, 0.0, 8)
    assert find_grasps(ALOHA, position, target) == []


def test_the_object_waits_moves_with_the_tool_and_stays_where_it_was_let_go():
    position, target, tool = pick_and_place()
    rotation = np.tile(np.eye(3), (150, 2, 1, 1))
    labels = label_by_hindsight(ALOHA, position, target, tool, rotation)
    (grasp,) = find_grasps(ALOHA, position, target)
    np.testing.assert_allclose(
        labels.position[: grasp.start, 0], np.tile(tool[grasp.start, 1], (grasp.start, 1))
    )
    np.testing.assert_allclose(labels.position[80, 0], tool[80, 1])
    np.testing.assert_allclose(labels.position[140, 0], tool[grasp.end, 1])
    np.testing.assert_allclose(labels.position[10, 1], tool[grasp.end, 1])
    assert labels.known.all()


def test_in_a_hand_over_the_object_follows_the_receiver():
    position, target, tool = pick_and_place()
    target[90:, LEFT] = 0.0
    position[90:98, LEFT] = np.linspace(1.0, 0.45, 8)
    position[98:, LEFT] = 0.45
    tool[:, 0, 1] = np.linspace(0, 0.2, 150)
    labels = label_by_hindsight(ALOHA, position, target, tool, np.tile(np.eye(3), (150, 2, 1, 1)))
    np.testing.assert_allclose(labels.position[80, 0], tool[80, 1])
    np.testing.assert_allclose(labels.position[130, 0], tool[130, 0])
    np.testing.assert_allclose(labels.position[130, 1], tool[149, 0])


def test_without_a_grasp_nothing_is_labelled():
    position = np.tile(ALOHA.home, (40, 1))
    labels = label_by_hindsight(
        ALOHA, position, position, np.zeros((40, 2, 3)), np.tile(np.eye(3), (40, 2, 1, 1))
    )
    assert not labels.known.any()
