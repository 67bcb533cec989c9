"""The newest value of one writer, for any reader, by sequence lock: nobody waits or sees half a value."""

import time
from typing import TypeVar

from robotics.bridge.shared_memory import SharedMemory, SharedMemoryError

_VERSION, _LENGTH = 0, 8  # indices of 8-byte words, each on a cache line of its own
HEADER_SIZE = 128
_RETRIES = 200
Bytes = TypeVar("Bytes", bytes, bytearray)


class LatestValue:
    """Bytes of changing length, up to the room given."""

    def __init__(self, memory: SharedMemory, offset: int = 0, size: int | None = None):
        """Lies in `memory` from byte `offset` (a multiple of 8) on, `size` bytes long, header included."""
        end = memory.size if size is None else offset + size
        self._words = memory.words[offset // 8 : (offset + HEADER_SIZE) // 8]
        self._data = memory.bytes[offset + HEADER_SIZE : end]

    def write(self, *parts: bytes | memoryview) -> None:
        """Replace the value by the parts, joined.

        Raises:
            ValueError: There is no room for it.
        """
        length = sum(len(part) for part in parts)
        if length > len(self._data):
            raise ValueError(f"a value has at most {len(self._data)} bytes, got {length}")
        version = self._words[_VERSION] | 1  # odd while it is being written
        self._words[_VERSION] = version
        self._words[_LENGTH] = length
        at = 0
        for part in parts:
            self._data[at : at + len(part)] = part
            at += len(part)
        self._words[_VERSION] = version + 1

    @property
    def version(self) -> int:
        """Changes with each value; 0 before the first."""
        return self._words[_VERSION]

    def read(self, most: int | None = None, kind: type[Bytes] = bytes) -> Bytes | None:
        """The value; None before the first.

        Args:
            most: Stop after so many bytes; a whole picture takes a while to copy.
            kind: bytes, or bytearray for a copy that may be written to.

        Raises:
            SharedMemoryError: The writer does not finish writing: it has ended in the middle.
        """
        for attempt in range(_RETRIES):
            before = self._words[_VERSION]
            if before == 0:
                return None
            if before % 2 == 0:
                length = self._words[_LENGTH]
                value = kind(self._data[: length if most is None else min(length, most)])
                if self._words[_VERSION] == before:
                    return value
            if attempt > 10:
                time.sleep(5e-4)
        raise SharedMemoryError("the writer of a shared value does not finish writing")
