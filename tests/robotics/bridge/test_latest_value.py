"""A reader sees whole values only, the newest one."""

import threading

import pytest

from robotics.bridge.latest_value import LatestValue
from robotics.bridge.shared_memory import SharedMemory, SharedMemoryError


@pytest.fixture
def memory():
    return SharedMemory.create("test", 1 << 16)


def test_before_the_first_value_there_is_none(memory: SharedMemory):
    assert LatestValue(memory).read() is None


def test_the_newest_value_is_read_and_changes_the_version(memory: SharedMemory):
    value = LatestValue(memory)
    value.write(b"first", b" value")
    version = value.version
    assert value.read() == b"first value"
    value.write(b"2")
    assert value.read() == b"2" and value.version != version


def test_two_values_in_one_block_do_not_touch(memory: SharedMemory):
    left, right = LatestValue(memory, 0, 4096), LatestValue(memory, 4096, 4096)
    left.write(bytes([1]) * 3000)
    right.write(bytes([2]) * 3000)
    assert left.read() == bytes([1]) * 3000 and right.read() == bytes([2]) * 3000


def test_a_value_without_room_is_refused(memory: SharedMemory):
    with pytest.raises(ValueError, match="at most"):
        LatestValue(memory, 0, 4096).write(bytes(4096))


def test_no_reader_sees_half_a_value(memory: SharedMemory):
    value, ended = LatestValue(memory), threading.Event()
    value.write(bytes(20_000))

    def write() -> None:
        number = 0
        while not ended.is_set():
            number = (number + 1) % 256
            value.write(*[bytes([number]) * 1000] * 20)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        seen = set()
        while len(seen) < 20:
            read = value.read()
            assert read is not None and len(set(read)) == 1
            seen.add(read[0])
    finally:
        ended.set()
        thread.join()


def test_a_writer_that_died_in_the_middle_is_noticed(memory: SharedMemory):
    value = LatestValue(memory)
    value.write(b"x")
    memory.words[0] |= 1
    with pytest.raises(SharedMemoryError, match="does not finish"):
        value.read()
