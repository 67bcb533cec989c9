"""The second hand of a hand-over."""

import numpy as np
import pytest
from depth_views import look, standing

from policies.reasoner.grasping import predict_grasps
from policies.reasoner.handing import hand_boxes, receiving_grasps
from robotics.pose import quaternion_to_matrix
from robotics.reasoning.answers import Grasp
from robotics.reasoning.reasoner import GripperShape

GRIPPER = GripperShape()
SHIFT = np.array([0.05, 0.0, 0.3])


def inside_of(points: np.ndarray, grasp: Grasp, shift: np.ndarray) -> bool:
    """Whether a world point (point, 3) lies in the hand of a grasp that was carried by `shift`."""
    rotation = quaternion_to_matrix(np.array(grasp.rotation))
    local = (points - np.array(grasp.position) - shift) @ rotation
    assert grasp.opening is not None
    boxes = hand_boxes(GRIPPER, grasp.opening)
    return any(bool((np.abs(local - centre) <= half).all(axis=-1).any()) for centre, half in boxes)


def hand_points(grasp: Grasp) -> np.ndarray:
    """Random points in the hand of a grasp, in the world."""
    assert grasp.opening is not None
    rng = np.random.default_rng(0)
    rotation = quaternion_to_matrix(np.array(grasp.rotation))
    local = np.concatenate(
        [centre + rng.uniform(-1, 1, (400, 3)) * half for centre, half in hand_boxes(GRIPPER, grasp.opening)]
    )
    return np.array(grasp.position) + local @ rotation.T


@pytest.fixture(scope="module")
def handed():
    bar = standing(0, 0, (0.05, 0.016, 0.02), yaw=0.4)
    view, (mask,) = look([[bar]])
    giver = predict_grasps(view, mask, bar.box, GRIPPER, 1)[0]
    return bar, giver, receiving_grasps(view, mask, bar.box, giver, SHIFT, GRIPPER, 4)


def test_the_receiver_closes_on_the_thing_where_it_was_carried(handed):
    bar, _, found = handed
    assert found
    for grasp in found:
        local = (np.array(grasp.position) - SHIFT - np.array(bar.centre)) @ bar.rotation
        assert (np.abs(local) <= np.array(bar.half) + 0.02).all()


def test_the_receiver_stays_out_of_the_giver(handed):
    _, giver, found = handed
    for grasp in found:
        assert not inside_of(hand_points(grasp), giver, SHIFT)


def test_the_most_promising_comes_first(handed):
    chances = [grasp.confidence for grasp in handed[2]]
    assert chances == sorted(chances, reverse=True)


def test_a_giver_without_a_place_is_refused(handed):
    bar, _, _ = handed
    view, (mask,) = look([[bar]])
    with pytest.raises(ValueError, match="the giver's grasp must have a pose"):
        receiving_grasps(view, mask, bar.box, Grasp(0, 0, 0), SHIFT, GRIPPER, 1)
