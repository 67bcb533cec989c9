"""Chunk steps fall on plan time: what has been executed since a state was observed is skipped."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotics.action import ActionChunk
from robotics.bridge.schedule import ChunkSchedule, PlannedStep
from robotics.errors import ChunkRefusedError

PERIOD_NS = 20_000_000
HOLD = np.array([-1.0, -1.0])


def chunk(values, start_time_ns: int, chunk_id: int = 1, intended=None) -> ActionChunk:
    """A chunk of two dimensions whose step k is (values[k], values[k])."""
    positions = np.repeat(np.asarray(values, float)[:, None], 2, axis=1)
    return ActionChunk(positions, start_time_ns, PERIOD_NS, "clock", "fingerprint", intended, chunk_id)


def submit(schedule: ChunkSchedule, chunk: ActionChunk, tick: int) -> None:
    """As if the plan had been executed at full speed since tick 0."""
    schedule.submit(chunk, tick, -(-chunk.start_time_ns // PERIOD_NS), HOLD, PERIOD_NS)


def execute(schedule: ChunkSchedule, tick: int) -> PlannedStep | None:
    if schedule.is_in_force(tick) or schedule.follow_up(tick, HOLD, PERIOD_NS):
        return schedule.execute(tick, tick + 1)
    return None


def executed(schedule: ChunkSchedule, ticks: range) -> list[tuple[float, int] | None]:
    steps = (execute(schedule, tick) for tick in ticks)
    return [step and (step.requested[0], step.chunk_id) for step in steps]


@pytest.fixture
def schedule() -> ChunkSchedule:
    return ChunkSchedule(2)


@given(
    horizon=st.integers(1, 20),
    start_ns=st.integers(0, 40 * PERIOD_NS),
    arrival=st.integers(0, 60),
)
def test_the_step_of_a_tick_is_the_one_whose_interval_contains_its_start(horizon, start_ns, arrival):
    schedule = ChunkSchedule(2)
    values = np.arange(1, horizon + 1)
    end_ns = start_ns + horizon * PERIOD_NS
    if arrival * PERIOD_NS >= end_ns:
        with pytest.raises(ChunkRefusedError) as refused:
            submit(schedule, chunk(values, start_ns), arrival)
        assert refused.value.status == "stale"
        assert execute(schedule, arrival) is None
        return
    submit(schedule, chunk(values, start_ns), arrival)
    for tick in range(arrival, arrival + 70):
        time_ns, step = tick * PERIOD_NS, execute(schedule, tick)
        if time_ns >= end_ns:
            assert step is None
        elif time_ns < start_ns:
            assert step is not None and step.chunk_id == 0
            np.testing.assert_array_equal(step.requested, HOLD)
        else:
            assert step is not None and step.chunk_id == 1
            assert step.requested[0] == values[(time_ns - start_ns) // PERIOD_NS]


def test_a_new_chunk_replaces_the_part_not_yet_executed(schedule: ChunkSchedule):
    submit(schedule, chunk([1, 2, 3, 4], 0, chunk_id=1), tick=0)
    assert executed(schedule, range(2)) == [(1, 1), (2, 1)]
    submit(schedule, chunk([20, 30, 40, 50], PERIOD_NS, chunk_id=2), tick=2)
    assert executed(schedule, range(2, 6)) == [(30, 2), (40, 2), (50, 2), None]


def test_the_old_plan_stays_until_a_later_chunk_starts(schedule: ChunkSchedule):
    submit(schedule, chunk([1, 2, 3, 4], 0, chunk_id=1), tick=0)
    submit(schedule, chunk([30, 40], 2 * PERIOD_NS, chunk_id=2), tick=1)
    assert executed(schedule, range(1, 5)) == [(2, 1), (30, 2), (40, 2), None]


def test_a_gap_between_two_plans_keeps_the_last_position(schedule: ChunkSchedule):
    submit(schedule, chunk([1, 2], 0, chunk_id=1), tick=0)
    submit(schedule, chunk([50], 4 * PERIOD_NS, chunk_id=2), tick=1)
    assert executed(schedule, range(1, 6)) == [(2, 1), (2, 0), (2, 0), (50, 2), None]


def test_intended_travels_with_its_step_and_defaults_to_the_request(schedule: ChunkSchedule):
    submit(schedule, chunk([1, 2], 0, intended=np.array([[5.0, 5], [6, 6]])), tick=1)
    step = execute(schedule, 1)
    assert step is not None and (step.requested[0], step.intended[0]) == (2, 6)
    submit(schedule, chunk([7], 2 * PERIOD_NS), tick=2)
    step = execute(schedule, 2)
    assert step is not None and step.intended[0] == 7


def test_consumed_counts_executed_ticks_only(schedule: ChunkSchedule):
    submit(schedule, chunk([1, 2, 3, 4], 0), tick=2)
    executed(schedule, range(2, 10))
    assert schedule.consumed == 2


def test_what_remains_is_counted_from_a_tick(schedule: ChunkSchedule):
    submit(schedule, chunk([1, 2, 3], 0), tick=0)
    assert schedule.remaining(1)[:, 0].tolist() == [2, 3]
    assert [schedule.steps_left(tick) for tick in range(5)] == [3, 2, 1, 0, 0]
    assert schedule.remaining(9).shape == (0, 2)


def test_the_remaining_plan_cannot_be_written_to(schedule: ChunkSchedule):
    values = chunk([1, 2, 3], 0)
    submit(schedule, values, tick=0)
    with pytest.raises(ValueError, match="read-only"):
        schedule.remaining(0)[0] = 9
    values.positions[:] = 9
    assert schedule.remaining(0)[:, 0].tolist() == [1, 2, 3]


def test_a_cleared_plan_is_empty(schedule: ChunkSchedule):
    submit(schedule, chunk([1, 2, 3], 0), tick=0)
    schedule.clear()
    assert execute(schedule, 0) is None and schedule.remaining(0).shape == (0, 2)
