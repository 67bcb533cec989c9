"""A stop keeps the limits of acceleration and jerk, ends at rest, and covers the distance that it says."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from robotics.safety.braking import Stop, braking_speed

LIMITS = st.floats(0.05, 50.0)


def stop_of_one_joint(step: float, change: float, max_change: float, max_jerk: float) -> Stop:
    return Stop(np.array([step]), np.array([change]), np.array([max_change]), np.array([max_jerk]))


@given(st.floats(0.0, 1e4))
def test_a_move_at_braking_speed_that_fades_by_one_a_tick_covers_the_distance(distance: float):
    remaining = float(braking_speed(np.array(distance)))
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
    stop = stop_of_one_joint(step, change, max_change, max_jerk)
    ticks = np.arange(0.0, float(stop.length[0]) + 3.0)
    travel, steps, changes = (rows[:, 0] for rows in stop.after(ticks[:, None]))
    scale = 1.0 + abs(step)
    np.testing.assert_allclose(np.diff(travel), steps[1:], atol=1e-8 * scale * len(ticks))
    np.testing.assert_allclose(np.diff(steps), changes[1:], atol=1e-8 * scale)
    assert steps[-1] == 0.0 and changes[-1] == 0.0
    np.testing.assert_allclose(travel[-1], stop.travel[0], rtol=1e-9)
    if stop.within_limits[0]:
        assert np.abs(changes).max() <= max_change * 1.0001
        assert np.abs(np.diff(changes)).max() <= max_jerk * 1.0001
        assert np.abs(steps).max() <= stop.fastest[0] * (1.0 + 1e-9) + 1e-9


@settings(max_examples=100, deadline=None)
@given(speed=st.floats(1.0, 300.0), max_change=LIMITS, max_jerk=st.floats(0.3, 50.0))
def test_a_stop_takes_hardly_longer_than_in_continuous_time(speed: float, max_change: float, max_jerk: float):
    stop = stop_of_one_joint(speed, 0.0, max_change, max_jerk)
    ramp = max_change / max_jerk
    exact = speed / max_change + ramp if speed > max_change * ramp else 2.0 * (speed / max_jerk) ** 0.5
    assert stop.within_limits[0]
    assert stop.length[0] <= exact + 4.0


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_stops_that_were_planned_together_are_those_that_are_planned_alone(seed: int):
    rng = np.random.default_rng(seed)
    step, change = rng.normal(0.0, 5.0, (3, 6)), rng.uniform(-1.0, 1.0, (3, 6))
    limits = rng.uniform(1.0, 3.0, 6), rng.uniform(0.2, 3.0, 6)
    together, alone = Stop(step, change, *limits), [Stop(step[i], change[i], *limits) for i in range(3)]
    ticks = np.arange(8.0)[:, None]
    which, where = rng.integers(0, 2, 6), rng.random(6) < 0.5
    picked = together.pick(where, which, old=alone[2]).after(ticks)
    for kind, values in enumerate(picked):
        single = [stop.after(ticks)[kind] for stop in alone]  # each (ticks, joints)
        expected = np.where(where, np.where(which == 0, single[0], single[1]), single[2])
        np.testing.assert_array_equal(values, expected)
        np.testing.assert_array_equal(together.part(1).after(ticks)[kind], single[1])
    some = rng.random((3, 6)) < 0.5
    np.testing.assert_array_equal(together.only(some).travel, np.array([a.travel for a in alone])[some])
