"""A slow reader never slows the robot: of states it is cut off, of pictures it loses the oldest."""

import asyncio

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment

from robotics.bridge.frame_store import FrameStore
from robotics.bridge.shared_memory import SharedMemory
from robotics.bridge.statuses import SlowReaderError
from robotics.bridge.subscriptions import (
    MOST_UNREAD_FRAMES,
    MOST_UNREAD_STATES,
    FrameSubscription,
    StateSubscription,
)
from robotics.bridge.v1 import types_pb2
from robotics.errors import RoboticsError
from robotics.observation import CameraFrame


def put_states(subscription: StateSubscription, ticks: range) -> None:
    for tick in ticks:
        message = types_pb2.RobotState()
        message.joints.tick = tick
        subscription.put(message)


def test_every_tick_comes_in_order_until_the_end():
    async def read() -> list[int]:
        subscription = StateSubscription(set())
        put_states(subscription, range(5))
        ticks = []
        with pytest.raises(RoboticsError, match="it ends"):
            async for state in subscription.items():
                ticks.append(state.joints.tick)
                if len(ticks) == 5:
                    put_states(subscription, range(5, 8))
                if len(ticks) == 8:
                    subscription.fail(RoboticsError("it ends"))
        return ticks

    assert asyncio.run(read()) == list(range(8))


def test_a_reader_that_falls_behind_is_cut_off_and_forgotten():
    async def read() -> int:
        subscriptions: set[StateSubscription] = set()
        subscription = StateSubscription(subscriptions)
        put_states(subscription, range(MOST_UNREAD_STATES + 1))
        with pytest.raises(SlowReaderError, match="ticks behind"):
            async for _ in subscription.items():
                pass
        return len(subscriptions)

    assert asyncio.run(read()) == 0


@pytest.fixture
def store() -> FrameStore:
    memory = SharedMemory.create("test", FrameStore.size_for(fake_embodiment()))
    return FrameStore(memory, fake_embodiment())


def take_picture(store: FrameStore, number: int) -> None:
    store.write("overhead", CameraFrame(np.zeros((24, 32, 3), np.uint8), number), episode=0)


def read_frames(subscription: FrameSubscription, count: int) -> list[tuple[int, int]]:
    async def read() -> list[tuple[int, int]]:
        seen = []
        async for new in subscription.items():
            seen.append((new.frame.capture_time_ns, new.dropped))
            if len(seen) == count:
                break
        return seen

    return asyncio.run(read())


def test_pictures_from_the_subscription_on_are_read(store: FrameStore):
    take_picture(store, 1)
    subscription = FrameSubscription(set(), store, ["overhead"])
    for number in (2, 3):
        take_picture(store, number)
    subscription.look()
    assert read_frames(subscription, 2) == [(2, 0), (3, 0)]


def test_what_was_overwritten_before_it_was_looked_at_is_counted(store: FrameStore):
    subscription = FrameSubscription(set(), store, ["overhead"])
    for number in range(1, 11):
        take_picture(store, number)
    subscription.look()
    assert read_frames(subscription, 1) == [(5, 4)]


def test_a_slow_reader_loses_the_oldest_pictures(store: FrameStore):
    subscription = FrameSubscription(set(), store, ["overhead"])
    for number in range(1, MOST_UNREAD_FRAMES + 11):
        take_picture(store, number)
        subscription.look()
    assert read_frames(subscription, 1) == [(11, 10)]


def test_a_stream_that_fails_gives_what_there_is_and_then_says_why():
    async def read() -> list[int]:
        subscription, ticks = StateSubscription(set()), []
        put_states(subscription, range(3))
        subscription.fail(RoboticsError("the control process does not answer"))
        with pytest.raises(RoboticsError, match="does not answer"):
            async for state in subscription.items():
                ticks.append(state.joints.tick)
        return ticks

    assert asyncio.run(read()) == [0, 1, 2]
