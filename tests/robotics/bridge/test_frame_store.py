"""Pictures reach the server as they were taken; a late reader finds the newest ones."""

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment

from robotics.bridge.frame_store import SLOTS, FrameStore
from robotics.bridge.shared_memory import SharedMemory
from robotics.observation import CameraFrame


@pytest.fixture
def store() -> FrameStore:
    memory = SharedMemory.create("test", FrameStore.size_for(fake_embodiment()))
    return FrameStore(memory, fake_embodiment())


def picture(value: int, depth: float | None = None) -> CameraFrame:
    image = np.full((24, 32, 3), value, np.uint8)
    return CameraFrame(image, 1000 + value, None if depth is None else np.full((24, 32), depth, np.float32))


def test_the_newest_picture_of_each_camera_is_read_with_time_and_episode(store: FrameStore):
    assert store.read_newest("overhead") is None
    store.write("overhead", picture(1), episode=1)
    store.write("overhead", picture(2), episode=2)
    store.write("wrist_left", picture(9), episode=2)
    frame, episode = store.read_newest("overhead") or (None, None)
    assert frame is not None and episode == 2
    assert frame.capture_time_ns == 1002 and (frame.image == 2).all() and frame.depth is None
    assert store.newest("overhead") == 2 and store.newest("wrist_left") == 1


def test_depth_comes_with_the_picture_that_has_it(store: FrameStore):
    store.write("overhead", picture(1, depth=0.75), episode=0)
    frame, _ = store.read_newest("overhead") or (None, None)
    assert frame is not None and frame.depth is not None and (frame.depth == 0.75).all()


def test_old_pictures_stay_for_a_while_and_then_are_gone(store: FrameStore):
    for value in range(1, 20):
        store.write("overhead", picture(value), episode=0)
    kept = [number for number in range(1, 20) if store.read("overhead", number) is not None]
    assert kept == list(range(20 - SLOTS, 20))


@pytest.mark.parametrize("image", [np.zeros((2, 2, 3), np.uint8), np.zeros((24, 32, 3), np.float32)])
def test_a_picture_of_another_size_or_kind_is_refused(store: FrameStore, image: np.ndarray):
    with pytest.raises(ValueError, match="'overhead'"):
        store.write("overhead", CameraFrame(image, 0), episode=0)
