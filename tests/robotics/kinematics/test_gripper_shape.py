"""Fingers and palms as measured on the models."""

import pytest

from robotics.embodiments import load_embodiment
from robotics.kinematics.gripper_shape import measure_gripper
from robotics.reasoning.reasoner import GripperShape


def test_the_default_gripper_is_aloha_2s():
    robot = load_embodiment("aloha2")
    for arm in robot.arm:
        measured = measure_gripper(robot, arm)
        for name in GripperShape.__dataclass_fields__:
            assert getattr(measured, name) == pytest.approx(getattr(GripperShape(), name), abs=0.001), name


def test_a_franka_hand_opens_to_80_mm_and_has_a_wide_palm():
    robot = load_embodiment("franka_duo")
    measured = measure_gripper(robot, robot.arm[0])
    assert measured.opening == pytest.approx(0.08)
    assert measured.finger_width == pytest.approx(0.021)
    assert measured.palm_width == pytest.approx(0.204)
    assert measured.tip_length == pytest.approx(0.011)
