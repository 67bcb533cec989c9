"""Records come out of a ring as they went in, through any number of wraps; damage is noticed."""

from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robotics.bridge.shared_memory import RecordRing, SharedMemory, SharedMemoryError


@pytest.fixture
def memory():
    block = SharedMemory.create("test", 4096)
    yield block
    block.close()


@settings(max_examples=60)
@given(st.lists(st.one_of(st.none(), st.binary(max_size=1200)), max_size=200))
def test_records_come_out_in_order_whatever_is_written_and_read(steps: list[bytes | None]):
    memory = SharedMemory.create("test", 4096)
    writer, reader, waiting = RecordRing(memory), RecordRing(memory), deque()
    for step in steps:
        if step is None:
            assert reader.read() == (waiting.popleft() if waiting else None)
        elif writer.write(step[:5], step[5:]):
            waiting.append(step)
    while waiting:
        assert reader.read() == waiting.popleft()
    assert reader.read() is None
    assert writer.write(b"there is room again" * 50)
    del writer, reader


def test_a_full_ring_takes_nothing_and_loses_nothing(memory: SharedMemory):
    writer, reader = RecordRing(memory), RecordRing(memory)
    written = 0
    while writer.write(written.to_bytes(100, "little")):
        written += 1
    assert written > 20
    assert [int.from_bytes(reader.read() or b"", "little") for _ in range(written)] == list(range(written))


def test_a_record_that_could_never_fit_is_an_error(memory: SharedMemory):
    with pytest.raises(ValueError, match="at most"):
        RecordRing(memory).write(bytes(4000))


def test_a_damaged_record_is_noticed(memory: SharedMemory):
    writer, reader = RecordRing(memory), RecordRing(memory)
    writer.write(b"a command")
    memory.bytes[memory.bytes.tobytes().index(b"command")] = 0
    with pytest.raises(SharedMemoryError, match="damaged"):
        reader.read()


def test_a_block_is_seen_through_another_mapping(memory: SharedMemory):
    import os

    again = SharedMemory(os.dup(memory.descriptor))
    RecordRing(memory).write(b"hello")
    assert RecordRing(again).read() == b"hello"
    again.close()


def test_the_heartbeat_is_seen(memory: SharedMemory):
    writer, reader = RecordRing(memory), RecordRing(memory)
    assert reader.last_beat_ns == 0
    writer.beat(12345)
    assert reader.last_beat_ns == 12345
