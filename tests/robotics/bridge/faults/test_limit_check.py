"""The check of limits finds each kind of violation, and nothing in a motion that keeps them."""

import numpy as np
import pytest

from robotics.bridge.faults.breaking_robot import DriverNotes
from robotics.bridge.faults.full_speed import full_speed_plan, sweeping_joints
from robotics.bridge.faults.limit_check import check_driver, check_states
from robotics.embodiment import Embodiment
from robotics.embodiments import load_embodiment
from robotics.observation import JointState
from robotics.session import RobotMode, RobotState

PERIOD_NS = 20_000_000


@pytest.fixture(scope="module")
def aloha2() -> Embodiment:
    return load_embodiment("aloha2")


@pytest.fixture
def plan(aloha2: Embodiment) -> np.ndarray:
    return full_speed_plan(aloha2, aloha2.home, 400)


def as_notes(aloha2: Embodiment, rows: np.ndarray, ticks: np.ndarray | None = None) -> DriverNotes:
    """Rows at servo rate, as a driver gets them."""
    servo_ticks = aloha2.servo_rate_hz // aloha2.control_rate_hz
    ticks = np.arange(len(rows)) // servo_ticks if ticks is None else ticks
    times = ticks * PERIOD_NS + 1000
    return DriverNotes(times, times, rows, 0, False)


def as_states(rows: np.ndarray, ticks: np.ndarray) -> list[RobotState]:
    def state(tick: int, row: np.ndarray) -> RobotState:
        joints = JointState(tick, tick * PERIOD_NS, row, row, row)
        return RobotState(joints, row, row, row, RobotMode.EXECUTING, 0, 1, "", 0, 0)

    return [state(int(tick), row) for tick, row in zip(ticks, rows, strict=True)]


def test_a_plan_at_full_speed_keeps_all_limits_and_reaches_them(aloha2: Embodiment, plan: np.ndarray):
    assert check_states(aloha2, as_states(plan, np.arange(len(plan)))) == ""
    speed = np.abs(np.diff(plan, axis=0)).max(axis=0) / 0.02
    joints = sweeping_joints(aloha2)
    assert joints.sum() == 6
    assert (speed[joints] > 0.95 * aloha2.velocity_limit[joints]).all()


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("velocity of left/waist", lambda rows: rows[:, 0].__iadd__(np.arange(len(rows)) * 0.07)),
        ("acceleration of left/elbow", lambda rows: rows[50:, 2].__iadd__(0.02)),
        ("position 0.", lambda rows: rows[:, 1].__iadd__(3.0)),
    ],
)
def test_a_violation_is_found_in_states(aloha2: Embodiment, name: str, spoil):
    rows = np.tile(aloha2.home, (100, 1))
    spoil(rows)
    rows[:, 0] = np.clip(rows[:, 0], -3.0, 3.0)
    assert name in check_states(aloha2, as_states(rows, np.arange(100)))


def test_jerk_is_found_at_the_driver(aloha2: Embodiment):
    rows = np.tile(aloha2.home, (100, 1))
    # from rest to 10 rad/s^2 in one servo tick of 10 ms: 1000 rad/s^3
    time_s = np.maximum(0.0, np.arange(100) - 50) * 0.01
    rows[:, 0] += np.minimum(0.5 * 10.0 * time_s**2, 0.2)
    assert "jerk of left/waist" in check_driver(aloha2, as_notes(aloha2, rows[:60]), 0)


def test_missed_ticks_part_the_record(aloha2: Embodiment, plan: np.ndarray):
    ticks = np.arange(len(plan))
    ticks[200:] += 3  # the plan itself jumps over nothing, but its time does
    jumped = plan.copy()
    jumped[200:, 0] += 0.5
    assert check_states(aloha2, as_states(jumped, ticks)) == ""
    assert "velocity" in check_states(aloha2, as_states(jumped, np.arange(len(plan))))
