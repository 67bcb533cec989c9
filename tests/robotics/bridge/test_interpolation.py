"""The servo path goes through every step, smoothly, inside limits and hull."""

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment
from hypothesis import given, settings
from hypothesis import strategies as st

from robotics.bridge.interpolation import ServoPath
from robotics.safety.motion import MotionLimiter

EMBODIMENT = fake_embodiment()


def random_plan(seed: int, steps: int, scale: float) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, scale, (steps, EMBODIMENT.action_dim))
    return np.clip(EMBODIMENT.home + noise, EMBODIMENT.position_lower, EMBODIMENT.position_upper)


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    steps=st.integers(1, 12),
    servo_ticks=st.sampled_from([1, 2, 4, 10]),
    scale=st.sampled_from([0.001, 0.1, 3.0]),
)
def test_every_step_is_reached_exactly_at_the_end_of_its_tick(seed, steps, servo_ticks, scale):
    plan = random_plan(seed, steps, scale)
    path = ServoPath(plan, servo_ticks, MotionLimiter(EMBODIMENT, 50 * servo_ticks))
    assert path.targets.shape == (steps, servo_ticks, EMBODIMENT.action_dim)
    np.testing.assert_array_equal(path.targets[:, -1], plan)
    assert (path.targets >= EMBODIMENT.position_lower).all()
    assert (path.targets <= EMBODIMENT.position_upper).all()
    for step in range(steps):
        assert (path.targets[step:] <= path.upper[step]).all()
        assert (path.targets[step:] >= path.lower[step]).all()


@pytest.mark.parametrize("servo_ticks", [2, 10])
def test_constant_acceleration_stays_constant_at_servo_rate(servo_ticks: int):
    acceleration, servo_rate_hz = 12.0, 50 * servo_ticks
    times_s = np.arange(1, 11) / 50
    plan = np.tile(EMBODIMENT.home, (10, 1))
    plan[:, 0] += 0.5 * acceleration * times_s**2
    path = ServoPath(plan, servo_ticks, MotionLimiter(EMBODIMENT, servo_rate_hz))
    samples = path.targets[:, :, 0].ravel()
    found = np.diff(samples, 2) * servo_rate_hz**2
    # The last segment does not know what follows, so it ends straight.
    np.testing.assert_allclose(found[: -servo_ticks - 1], acceleration, rtol=1e-6)


@pytest.mark.parametrize("servo_ticks", [1, 2, 10])
def test_smoothing_does_not_go_past_the_step_that_a_plan_jumps_to(servo_ticks: int):
    plan = np.tile(EMBODIMENT.home, (6, 1))
    plan[2:, 0] += 0.7
    path = ServoPath(plan, servo_ticks, MotionLimiter(EMBODIMENT, 50 * servo_ticks))
    assert path.targets[:, :, 0].max() <= plan[-1, 0] + 1e-12
    assert path.targets[:, :, 0].min() >= plan[0, 0] - 1e-12


def test_a_plan_that_ends_in_motion_leaves_room_to_brake_beyond_its_end():
    limiter = MotionLimiter(EMBODIMENT, 100)
    plan = np.tile(EMBODIMENT.home, (10, 1))
    plan[:, 0] += 0.02 * np.arange(1, 11)
    path = ServoPath(plan, 2, limiter)
    speed = 1.0
    assert path.upper[0, 0] == pytest.approx(plan[-1, 0] + speed**2 / (2 * 15.0), abs=speed / 100)
    assert path.lower[0, 0] == pytest.approx(path.targets[:, :, 0].min())
