"""Plan time counts what was executed, not what time it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotics.bridge.plan_time import PlanTime


def test_a_tick_without_a_plan_takes_no_plan_time():
    time = PlanTime(50, 2.0)
    for tick in range(10):
        time.begin(tick)
        if tick >= 6:
            time.advance()
    assert [time.at(tick, 10) for tick in (0, 5, 6, 7, 9, 10, 12)] == [0, 0, 0, 1, 3, 4, 6]


def test_a_missed_tick_counts_like_the_next_that_was_executed():
    time = PlanTime(50, 2.0)
    for tick in (0, 1, 5):
        time.begin(tick)
        time.advance()
    assert [time.at(tick, 6) for tick in range(7)] == [0, 1, 2, 2, 2, 2, 3]


def test_a_tick_before_memory_counts_like_the_oldest():
    time = PlanTime(50, 0.2)
    for tick in range(100):
        time.begin(tick)
        time.advance()
    assert time.at(0, 100) == time.at(88, 100) == 88


@given(speeds=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=6))
def test_speed_changes_gently_and_what_lies_ahead_is_what_comes(speeds):
    time, ticks = PlanTime(50, 2.0), iter(range(10_000))
    passed = [0.0]
    for speed in speeds:
        time.wanted_speed = speed
        ahead = time.ahead(40)
        for expected in ahead:
            time.begin(next(ticks))
            time.advance()
            assert time.now == pytest.approx(expected, abs=1e-6)
            passed.append(time.now)
        assert time.speed == speed
    steps = np.diff(passed)
    assert (steps >= 0.0).all() and (steps <= 1.0 + 1e-6).all()
    assert (np.abs(np.diff(steps)) <= 1 / 25 + 1e-6).all()  # from 0 to 1 in half a second of 50 Hz
