"""Robot time never runs backwards, and each clock has its own name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotics.clock import NS_PER_S, MonotonicClock, SteppedClock, new_clock_id


@pytest.mark.parametrize("clock_type", [MonotonicClock, SteppedClock])
def test_every_clock_gets_an_id_of_its_own(clock_type):
    assert len({clock_type().clock_id for _ in range(100)}) == 100
    assert clock_type("shared").clock_id == "shared"


def test_ids_are_short_lower_case_hex():
    clock_id = new_clock_id()
    assert len(clock_id) == 16 and set(clock_id) <= set("0123456789abcdef")


def test_the_monotonic_clock_never_runs_backwards():
    clock = MonotonicClock()
    times = [clock.now_ns() for _ in range(1000)]
    assert times == sorted(times) and all(isinstance(t, int) for t in times)


def test_two_monotonic_clocks_of_one_machine_show_the_same_time():
    one, other = MonotonicClock(), MonotonicClock()
    before, between, after = one.now_ns(), other.now_ns(), one.now_ns()
    assert before <= between <= after


def test_the_stepped_clock_stands_still_until_told():
    clock = SteppedClock()
    assert [clock.now_ns() for _ in range(3)] == [0, 0, 0]


@given(st.lists(st.integers(0, 3600 * NS_PER_S)))
def test_the_stepped_clock_adds_up_exactly(durations):
    clock = SteppedClock()
    for duration in durations:
        clock.advance(duration)
    assert clock.now_ns() == sum(durations)


@given(st.integers(max_value=-1))
def test_the_stepped_clock_refuses_to_run_backwards_and_stays(duration):
    clock = SteppedClock()
    clock.advance(20)
    with pytest.raises(ValueError, match="never runs backwards"):
        clock.advance(duration)
    assert clock.now_ns() == 20
