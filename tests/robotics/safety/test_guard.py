"""The guard refuses with a typed status, clamps what is small, counts, and latches a stop."""

import dataclasses

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment

from robotics.action import ActionChunk
from robotics.errors import ChunkRefusedError, StoppedError
from robotics.safety.chunk_check import ChunkLimits
from robotics.safety.guard import Guard
from robotics.safety.status import ChunkStatus

EMBODIMENT = fake_embodiment()
NOW_NS = 10_000_000_000


@pytest.fixture
def guard() -> Guard:
    return Guard(EMBODIMENT, "clock")


def chunk(**changes) -> ActionChunk:
    good = ActionChunk(
        positions=np.tile(EMBODIMENT.home, (5, 1)),
        start_time_ns=NOW_NS,
        period_ns=EMBODIMENT.control_period_ns,
        clock_id="clock",
        fingerprint=EMBODIMENT.interface_fingerprint,
    )
    return dataclasses.replace(good, **changes)


def with_value(value: float, dimension: int = 0) -> np.ndarray:
    positions = np.tile(EMBODIMENT.home, (5, 1))
    positions[3, dimension] = value
    return positions


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"fingerprint": ""}, ChunkStatus.WRONG_FINGERPRINT),
        ({"clock_id": ""}, ChunkStatus.WRONG_CLOCK),
        ({"period_ns": 10_000_000}, ChunkStatus.WRONG_PERIOD),
        ({"positions": np.zeros(14)}, ChunkStatus.WRONG_DIMENSION),
        ({"positions": np.zeros((2, 15))}, ChunkStatus.WRONG_DIMENSION),
        ({"positions": np.zeros((0, 14))}, ChunkStatus.WRONG_DIMENSION),
        ({"intended": np.zeros((4, 14))}, ChunkStatus.WRONG_DIMENSION),
        ({"positions": np.zeros((3001, 14))}, ChunkStatus.TOO_LONG),
        ({"positions": with_value(np.nan)}, ChunkStatus.NOT_FINITE),
        ({"positions": with_value(-np.inf)}, ChunkStatus.NOT_FINITE),
        ({"intended": with_value(np.nan)}, ChunkStatus.NOT_FINITE),
        ({"positions": with_value(3.121)}, ChunkStatus.OUT_OF_LIMITS),
        ({"positions": with_value(-0.03, 6)}, ChunkStatus.OUT_OF_LIMITS),
        ({"start_time_ns": NOW_NS - 2_100_000_000}, ChunkStatus.TOO_OLD),
        ({"start_time_ns": NOW_NS + 1_100_000_000}, ChunkStatus.TOO_FAR_AHEAD),
    ],
)
def test_a_bad_chunk_is_refused_with_its_status_and_counted(guard: Guard, changes: dict, status: ChunkStatus):
    with pytest.raises(ChunkRefusedError) as refused:
        guard.admit(chunk(**changes), NOW_NS)
    assert refused.value.status == status.value
    assert guard.counts == {"refused": 1, f"refused/{status.value}": 1}


def test_a_good_chunk_passes_uncounted(guard: Guard):
    guard.admit(chunk(), NOW_NS)
    assert not guard.counts


def test_a_position_slightly_outside_is_admitted_and_counted(guard: Guard):
    guard.admit(chunk(positions=with_value(3.119)), NOW_NS)
    assert guard.counts == {"position": 1}


def test_a_refusal_names_the_joint_and_its_limits(guard: Guard):
    with pytest.raises(ChunkRefusedError, match=r"right/elbow at step 3 wants 1\.700, .*\[-1\.700, 1\.600\]"):
        guard.admit(chunk(positions=with_value(1.7, 9)), NOW_NS)


def test_chunks_from_before_a_void_moment_are_refused(guard: Guard):
    guard.void_before(NOW_NS)
    guard.void_before(NOW_NS - 1_000_000_000)
    guard.admit(chunk(start_time_ns=NOW_NS), NOW_NS)
    with pytest.raises(ChunkRefusedError) as refused:
        guard.admit(chunk(start_time_ns=NOW_NS - 1), NOW_NS)
    assert refused.value.status == "voided"


def test_a_stop_latches_until_released(guard: Guard):
    guard.stop("red button")
    for _ in range(2):
        with pytest.raises(StoppedError, match="red button"):
            guard.admit(chunk(), NOW_NS)
    guard.release()
    guard.admit(chunk(), NOW_NS)
    assert guard.counts == {"refused": 2, "refused/stopped": 2}


@pytest.mark.parametrize("field", ["max_age_s", "max_ahead_s", "max_horizon"])
def test_limits_of_a_chunk_are_checked(field: str):
    with pytest.raises(ValueError, match=field):
        ChunkLimits(**{field: 0})
