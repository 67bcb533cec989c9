"""Memory that the robot's processes share, and a ring of records in it for one writer and one reader.

The memory has no name: it is a file descriptor that children inherit, so that it vanishes with the
last process, however that ends.
"""

import mmap
import os
import struct
import time
import zlib

from robotics.errors import RoboticsError

_RECORD = struct.Struct("=IIQ")  # length, CRC-32 of the rest, number of the record
_WRAP = 0xFFFFFFFF
_HEAD, _TAIL, _BEAT = 0, 8, 16  # indices of 8-byte words, each on a cache line of its own
_DATA = 192
_RETRIES = 100


class SharedMemoryError(RoboticsError):
    """Shared memory holds what its writer cannot have written."""


class SharedMemory:
    """A block of zeros at first, seen by every process that maps its descriptor."""

    def __init__(self, descriptor: int, writable: bool = True):
        """Map the block of an inherited descriptor, which `close` closes."""
        self.descriptor = descriptor
        self.size = os.fstat(descriptor).st_size
        protection = mmap.PROT_READ | (mmap.PROT_WRITE if writable else 0)
        self._map = mmap.mmap(descriptor, self.size, prot=protection)
        self.bytes = memoryview(self._map)
        # Aligned 8-byte words are written and read whole, unlike bytes and unlike struct's "<Q".
        self.words = self.bytes[: self.size // 8 * 8].cast("Q")

    @staticmethod
    def create(name: str, size: int) -> "SharedMemory":
        """A new block of at least `size` bytes; `name` shows in /proc only."""
        descriptor = os.memfd_create(name)
        os.ftruncate(descriptor, -(-size // mmap.PAGESIZE) * mmap.PAGESIZE)
        return SharedMemory(descriptor)

    def close(self) -> None:
        """Unmap it here."""
        self.words.release()
        self.bytes.release()
        self._map.close()
        os.close(self.descriptor)


class RecordRing:
    """Records of any length, read in order by one process, written by another, neither ever waiting."""

    def __init__(self, memory: SharedMemory):
        self._words = memory.words
        self._data = memory.bytes[_DATA:]
        self._capacity = len(self._data) // 8 * 8
        self._number = 0

    def write(self, *parts: bytes | memoryview) -> bool:
        """Append one record, the parts joined; False where there is no room and nothing was written.

        Raises:
            ValueError: The record would not even fit into the empty ring.
        """
        length = sum(len(part) for part in parts)
        size = -(-(_RECORD.size + length) // 8) * 8
        if size > self._capacity // 2:
            raise ValueError(f"a record has at most {self._capacity // 2 - _RECORD.size} bytes, got {length}")
        head, tail = self._words[_HEAD], self._words[_TAIL]
        offset = head % self._capacity
        skipped = self._capacity - offset if offset + size > self._capacity else 0
        if head + skipped + size - tail > self._capacity:
            return False
        if skipped:
            self._data[offset : offset + 4] = _WRAP.to_bytes(4, "little")
            head, offset = head + skipped, 0
        check = zlib.crc32(self._number.to_bytes(8, "little"))
        at = offset + _RECORD.size
        for part in parts:
            check = zlib.crc32(part, check)
            self._data[at : at + len(part)] = part
            at += len(part)
        _RECORD.pack_into(self._data, offset, length, check, self._number)
        self._number += 1
        self._words[_HEAD] = head + size  # the record exists from here on
        return True

    def read(self) -> bytes | None:
        """The oldest unread record; None where there is none.

        Raises:
            SharedMemoryError: The record is damaged.
        """
        head, tail = self._words[_HEAD], self._words[_TAIL]
        if head == tail:
            return None
        for attempt in range(_RETRIES):
            found = self._look(tail)
            if found is not None:
                record, tail = found
                self._words[_TAIL] = tail
                self._number += 1
                return record
            if attempt:  # another processor's writes may become visible out of order, but soon
                time.sleep(1e-5)
        raise SharedMemoryError(f"record {self._number} of a shared ring is damaged")

    def _look(self, tail: int) -> tuple[bytes, int] | None:
        offset = tail % self._capacity
        if self._data[offset : offset + 4] == _WRAP.to_bytes(4, "little"):
            tail, offset = tail + self._capacity - offset, 0
        length, check, number = _RECORD.unpack_from(self._data, offset)
        at = offset + _RECORD.size
        if number != self._number or at + length > self._capacity:
            return None
        record = bytes(self._data[at : at + length])
        if zlib.crc32(record, zlib.crc32(number.to_bytes(8, "little"))) != check:
            return None
        return record, tail + -(-(_RECORD.size + length) // 8) * 8

    def beat(self, now_ns: int) -> None:
        """The writer says that it is alive, at `now_ns` of the machine's monotonic clock."""
        self._words[_BEAT] = now_ns

    @property
    def last_beat_ns(self) -> int:
        """When the writer last said so; 0 before the first time."""
        return self._words[_BEAT]
