"""A client takes pictures from shared memory only where it is certainly the robot's own."""

import os

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment

from robotics.bridge.backend import FrameNumber
from robotics.bridge.frame_store import SLOTS, FrameStore
from robotics.bridge.image_codec import encode_frame_number
from robotics.bridge.shared_frames import MEMORY_NAME, SharedFrames, offer
from robotics.bridge.shared_memory import SharedMemory
from robotics.bridge.v1 import robot_service_pb2
from robotics.errors import RoboticsError
from robotics.observation import CameraFrame

EMBODIMENT = fake_embodiment()


@pytest.fixture
def memory() -> SharedMemory:
    return SharedMemory.create(MEMORY_NAME, FrameStore.size_for(EMBODIMENT))


def picture(shade: int) -> CameraFrame:
    camera = EMBODIMENT.get_camera("overhead")
    return CameraFrame(np.full((camera.height, camera.width, 3), shade, np.uint8), shade)


def find(told: robot_service_pb2.SharedFrames, **changes: object) -> SharedFrames | None:
    changed = robot_service_pb2.SharedFrames()
    changed.CopyFrom(told)
    for name, value in changes.items():
        setattr(changed, name, value)
    return SharedFrames.find(changed, EMBODIMENT)


def test_a_picture_is_read_by_its_number_until_it_is_gone(memory: SharedMemory):
    frames, store = find(offer(memory)), FrameStore(memory, EMBODIMENT)
    assert frames is not None
    store.write("overhead", picture(7), episode=0)
    message = encode_frame_number("overhead", FrameNumber(1, 7))
    found = frames.read(message)
    assert found is not None and found.capture_time_ns == 7
    np.testing.assert_array_equal(found.image, picture(7).image)
    for shade in range(8, 8 + SLOTS):
        store.write("overhead", picture(shade), episode=0)
    assert frames.read(message) is None
    assert frames.read_newest(message).capture_time_ns == 7 + SLOTS


def test_before_the_first_picture_there_is_none(memory: SharedMemory):
    frames = find(offer(memory))
    assert frames is not None
    with pytest.raises(RoboticsError, match="overhead"):
        frames.read_newest(encode_frame_number("overhead", FrameNumber(1, 0)))


def test_the_client_cannot_write_into_it(memory: SharedMemory):
    frames = find(offer(memory))
    assert frames is not None
    with pytest.raises(TypeError, match="read-only"):
        frames._memory.bytes[0] = 1


def test_another_memory_is_not_taken_for_the_robots(memory: SharedMemory):
    told = offer(memory)
    other = SharedMemory.create(MEMORY_NAME, FrameStore.size_for(EMBODIMENT))
    foreign = SharedMemory.create("something else", FrameStore.size_for(EMBODIMENT))
    small = SharedMemory.create(MEMORY_NAME, 8192)
    small.bytes[4080:4096] = told.token
    read_end, write_end = os.pipe()
    assert find(told) is not None
    assert find(told, token=b"") is None
    assert find(told, token=bytes(16)) is None
    for descriptor in (other.descriptor, foreign.descriptor, small.descriptor, read_end, write_end, 9999):
        assert find(told, descriptor=descriptor) is None
    assert find(told, process_id=2**22 + 1) is None
    assert find(told, process_id=1, descriptor=0) is None
