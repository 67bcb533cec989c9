"""The newest pictures of every camera, from the camera process to the server, without a copy between them."""

import struct

import numpy as np

from robotics.bridge.latest_value import HEADER_SIZE, LatestValue
from robotics.bridge.shared_memory import SharedMemory
from robotics.embodiment import Embodiment
from robotics.observation import CameraFrame

SLOTS = 6
"""Pictures kept of each camera: a reader may be so far behind without losing one."""
_FRAME = struct.Struct("=QqQB")  # number from 1, capture time [ns], episode, has depth


class FrameStore:
    """One writer, any reader; pictures of a camera are numbered from 1."""

    COUNTERS_SIZE = 4096
    """Bytes before the pictures: a word for each camera, and room."""

    def __init__(self, memory: SharedMemory, embodiment: Embodiment):
        """Lay it out in `memory`, which has `size_for(embodiment)` bytes."""
        self._counts = memory.words
        self._index = {camera.name: index for index, camera in enumerate(embodiment.camera)}
        self._shape = {camera.name: (camera.height, camera.width) for camera in embodiment.camera}
        self._slots: dict[str, list[LatestValue]] = {}
        offset = self.COUNTERS_SIZE
        for camera in embodiment.camera:
            size = _slot_size(camera.height, camera.width)
            self._slots[camera.name] = [
                LatestValue(memory, offset + slot * size, size) for slot in range(SLOTS)
            ]
            offset += SLOTS * size

    @staticmethod
    def size_for(embodiment: Embodiment) -> int:
        """Bytes for the pictures of an embodiment's cameras; unused depth costs address space only."""
        return FrameStore.COUNTERS_SIZE + sum(
            SLOTS * _slot_size(c.height, c.width) for c in embodiment.camera
        )

    def write(self, camera: str, frame: CameraFrame, episode: int) -> None:
        """Add a picture; the oldest one goes.

        Raises:
            ValueError: It has another size than the camera.
        """
        shape = self._shape[camera]
        if frame.image.shape != (*shape, 3) or frame.image.dtype != np.uint8:
            raise ValueError(
                f"camera '{camera}' has uint8 pictures of shape {(*shape, 3)}, "
                f"got {frame.image.dtype} {frame.image.shape}"
            )
        number = self._counts[self._index[camera]] + 1
        header = _FRAME.pack(number, frame.capture_time_ns, episode, frame.depth is not None)
        parts = [header, np.ascontiguousarray(frame.image).data.cast("B")]
        if frame.depth is not None:
            depth = np.ascontiguousarray(frame.depth, np.float32)
            if depth.shape != shape:
                raise ValueError(f"camera '{camera}' has depth of shape {shape}, got {depth.shape}")
            parts.append(depth.data.cast("B"))
        self._slots[camera][number % SLOTS].write(*parts)
        self._counts[self._index[camera]] = number

    def newest(self, camera: str) -> int:
        """Number of the newest picture; 0 before the first."""
        return self._counts[self._index[camera]]

    def read(self, camera: str, number: int) -> tuple[CameraFrame, int] | None:
        """Picture `number` and its episode; None where it is gone already."""
        value = self._slots[camera][number % SLOTS].read(kind=bytearray)
        if value is None:
            return None
        found, time_ns, episode, has_depth = _FRAME.unpack_from(value)
        if found != number:
            return None
        height, width = self._shape[camera]
        pixels = height * width
        image = np.frombuffer(value, np.uint8, 3 * pixels, _FRAME.size).reshape(height, width, 3)
        depth = None
        if has_depth:
            # not aligned to four bytes in there
            raw = value[_FRAME.size + 3 * pixels :]
            depth = np.frombuffer(raw, np.float32, pixels).reshape(height, width)
        return CameraFrame(image, time_ns, depth), episode

    def capture_time_ns(self, camera: str, number: int) -> int | None:
        """When picture `number` was taken, robot time [ns]; None where it is gone already."""
        header = self._slots[camera][number % SLOTS].read(_FRAME.size)
        if header is None:
            return None
        found, time_ns, _, _ = _FRAME.unpack(header)
        return time_ns if found == number else None

    def read_newest(self, camera: str) -> tuple[CameraFrame, int] | None:
        """The newest picture and its episode; None before the first."""
        while (number := self.newest(camera)) > 0:
            found = self.read(camera, number)
            if found is not None:
                return found
        return None


def _slot_size(height: int, width: int) -> int:
    """Header, RGB and float depth, in whole pages."""
    return -(-(HEADER_SIZE + _FRAME.size + 7 * height * width) // 4096) * 4096
