"""The pictures that an export shows: which frames, of which size, as pixels or as JPEG."""

from collections.abc import Iterator

import numpy as np

from demonstrations.episode import Episode
from demonstrations.jpeg import encode_jpeg
from robotics.errors import DatasetError

_DECODED_AT_ONCE = 32


def shown_frames(episode: Episode, camera: str, rows: np.ndarray) -> np.ndarray:
    """The newest frame of a camera at or before each row, int64 (n,), ascending.

    Raises:
        DatasetError: The episode has no frame of it.
    """
    record = episode.metadata.cameras.get(camera)
    if record is None or not record.frames:
        raise DatasetError(f"{episode.path.name} has no frame of camera '{camera}'; leave the episode out")
    return episode.frame_of_rows(camera)[rows]


def shown_blocks(
    episode: Episode, camera: str, frames: np.ndarray, size: tuple[int, int] | None
) -> Iterator[np.ndarray]:
    """The pictures of these frames, RGB uint8 (n, height, width, 3), few in memory at a time."""
    for start in range(0, len(frames), _DECODED_AT_ONCE):
        distinct, place = np.unique(frames[start : start + _DECODED_AT_ONCE], return_inverse=True)
        yield episode.frames(camera, distinct, size)[place]


def shown_images(
    episode: Episode, camera: str, frames: np.ndarray, size: tuple[int, int] | None
) -> Iterator[np.ndarray]:
    """The same one by one, (height, width, 3)."""
    for block in shown_blocks(episode, camera, frames, size):
        yield from block


def shown_jpegs(
    episode: Episode, camera: str, frames: np.ndarray, size: tuple[int, int] | None
) -> list[bytes]:
    """The same as JPEG files: those of the store where nothing has to be changed."""
    if size is None and episode.metadata.cameras[camera].encoding == "jpeg":
        return episode.jpegs(camera, frames)
    return [encode_jpeg(image) for image in shown_images(episode, camera, frames, size)]
