"""A stop keeps the limits of acceleration and jerk, ends at rest, and covers the distance that it says."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from robotics.safety.braking import braking_speed, fastest, motion_in, plan_stop

LIMITS = st.floats(0.05, 50.0)


@given(st.floats(0.0, 1e4))
def test_a_move_at_braking_speed_that_fades_by_one_a_tick_covers_the_distance(distance: float):
    remaining = braking_speed(distance)
    covered = 0.0
    while remaining > 0:
        covered += remaining
        remaining -= 1.0
    np.testing.assert_allclose(covered, distance, rtol=1e-6, atol=1e-6)


@settings(max_examples=300, deadline=None)
@given(
    step=st.floats(-300.0, 300.0),
    share=st.floats(-1.0, 1.0),
    max_change=LIMITS,
    max_jerk=st.floats(0.3, 50.0),
)
def test_a_stop_keeps_its_limits_and_ends_at_rest(
    step: float, share: float, max_change: float, max_jerk: float
):
    change = share * max_change
    stop, keeps_limits = plan_stop(step, change, max_change, max_jerk)
    ticks = np.arange(0.0, stop.length + 3.0)
    travel, steps, changes = np.array([motion_in(stop, tick) for tick in ticks]).T
    scale = 1.0 + abs(step)
    np.testing.assert_allclose(np.diff(travel), steps[1:], atol=1e-8 * scale * len(ticks))
    np.testing.assert_allclose(np.diff(steps), changes[1:], atol=1e-8 * scale)
    assert steps[-1] == 0.0 and changes[-1] == 0.0
    np.testing.assert_allclose(travel[-1], stop.travel, rtol=1e-9)
    if keeps_limits:
        assert np.abs(changes).max() <= max_change * 1.0001
        assert np.abs(np.diff(changes)).max() <= max_jerk * 1.0001
        assert np.abs(steps).max() <= fastest(stop) * (1.0 + 1e-9) + 1e-9


@settings(max_examples=100, deadline=None)
@given(speed=st.floats(1.0, 300.0), max_change=LIMITS, max_jerk=st.floats(0.3, 50.0))
def test_a_stop_takes_hardly_longer_than_in_continuous_time(speed: float, max_change: float, max_jerk: float):
    stop, keeps_limits = plan_stop(speed, 0.0, max_change, max_jerk)
    ramp = max_change / max_jerk
    exact = speed / max_change + ramp if speed > max_change * ramp else 2.0 * (speed / max_jerk) ** 0.5
    assert keeps_limits
    assert stop.length <= exact + 4.0
