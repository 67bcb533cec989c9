"""Where the pictures of one camera come from: a cache of decoded frames, or the recorded ones."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from demonstrations.cache import FrameCache
from demonstrations.episode import Episode
from demonstrations.view import CameraView


class FrameSource(Protocol):
    """Frames of one camera, of n chosen episodes; usable in any process it is forked or pickled into."""

    view: CameraView

    def times_ns(self, slot: int) -> np.ndarray:
        """Capture times of the frames of the episode `slot` (0 .. n - 1) [ns], int64 (frame,), ascending."""
        ...

    def read(self, slot: int, frames: np.ndarray, into: np.ndarray) -> None:
        """Write the view of these frames to `into`, uint8 (len(frames), height, width, 3).

        Raises:
            DatasetError: A frame is damaged.
        """
        ...


class CachedFrames:
    """Implements FrameSource on a cache that was built for this camera alone, so at its own times."""

    def __init__(self, cache: FrameCache, camera: str, view: CameraView, episodes: np.ndarray):
        """
        Args:
            episodes: Indices into the dataset, ascending.
        """
        self.view = view
        self._cache, self._camera = cache, camera
        self._first = np.searchsorted(cache.episode, episodes, side="left")
        self._end = np.searchsorted(cache.episode, episodes, side="right")

    def times_ns(self, slot: int) -> np.ndarray:
        return self._cache.time_ns[self._first[slot] : self._end[slot]]

    def read(self, slot: int, frames: np.ndarray, into: np.ndarray) -> None:
        images = self._cache.images[self._camera]
        for target, frame in zip(into, frames, strict=True):
            target[...] = images[self._first[slot] + frame]


class RecordedFrames:
    """Implements FrameSource by decoding what was recorded, each time."""

    def __init__(self, episodes: Sequence[Episode], camera: str, view: CameraView):
        self.view = view
        self._episodes, self._camera = episodes, camera

    def times_ns(self, slot: int) -> np.ndarray:
        return self._episodes[slot].image_time_ns(self._camera)

    def read(self, slot: int, frames: np.ndarray, into: np.ndarray) -> None:
        for target, image in zip(into, self._episodes[slot].frames(self._camera, frames), strict=True):
            target[...] = self.view.apply(image)
