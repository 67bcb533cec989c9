"""Each camera keeps its own rate, in ticks and in real time."""

from dataclasses import replace

import pytest
from contracts.fake_embodiment import fake_embodiment
from hypothesis import given
from hypothesis import strategies as st

from demonstrations.camera_schedule import CameraSchedule, FrameThinning
from demonstrations.schema import CameraFormat


def camera(name: str, rate_hz: float) -> CameraFormat:
    return CameraFormat(name, 24, 32, rate_hz)


def test_cameras_are_due_at_the_first_tick_after_their_time():
    schedule = CameraSchedule(50, [camera("a", 25), camera("b", 30), camera("c", 50)])
    due = {name: [] for name in "abc"}
    for tick in range(12):
        for name in schedule.take(tick):
            due[name].append(tick)
    assert due["a"] == [0, 2, 4, 6, 8, 10]
    assert due["b"] == [0, 2, 4, 5, 7, 9, 10]
    assert due["c"] == list(range(12))


@given(st.lists(st.floats(1, 120), min_size=1, max_size=4))
def test_jumping_from_due_tick_to_due_tick_misses_none(rates):
    cameras = [camera(str(i), rate) for i, rate in enumerate(rates)]
    jumping, walking = CameraSchedule(50, cameras), CameraSchedule(50, cameras)
    tick, jumped = 0, {}
    while tick < 200:
        jumped[tick] = jumping.take(tick)
        following = jumping.next_tick()
        assert following is not None
        assert following > tick
        tick = following
    walked = {tick: taken for tick in range(200) if (taken := walking.take(tick))}
    assert jumped == walked


def test_without_cameras_none_is_ever_due():
    schedule = CameraSchedule(50, [])
    assert schedule.take(0) == []
    assert schedule.next_tick() is None


@pytest.mark.parametrize(("wanted_hz", "camera_hz"), [(12.5, 30), (10, 25), (5, 60), (20, 25)])
def test_thinning_keeps_the_wanted_rate_on_average(wanted_hz, camera_hz):
    cameras = tuple(replace(c, rate_hz=camera_hz) for c in fake_embodiment().camera)
    thinning = FrameThinning(replace(fake_embodiment(), camera=cameras), [camera("overhead", wanted_hz)])
    period_ns = 1e9 / camera_hz
    times = [int(k * period_ns + (k * 7919 % 11 - 5) * 1e5) for k in range(camera_hz * 20)]
    kept = [t for t in times if thinning.keep("overhead", t)]
    assert abs(len(kept) - 20 * wanted_hz) <= 0.03 * 20 * wanted_hz + 1


def test_a_camera_at_its_own_rate_is_never_thinned():
    thinning = FrameThinning(fake_embodiment(), [camera("overhead", 25)])
    assert all(thinning.keep("overhead", t) for t in (0, 1, 2, 40_000_000, 41_000_000))
