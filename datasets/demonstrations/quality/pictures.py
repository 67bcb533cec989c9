"""One camera's pictures made small: what the picture checks need to know about each frame."""

import zlib
from dataclasses import dataclass

import cv2
import numpy as np

from demonstrations.episode import Episode
from demonstrations.jpeg import decode_jpeg
from robotics.errors import DatasetError


@dataclass(frozen=True)
class CameraPictures:
    """Every frame of a camera, decoded at an eighth of its size (JPEG gives that nearly for free)."""

    time_ns: np.ndarray
    """Capture times, int64 (frames,)."""
    checksums: np.ndarray
    """Of the JPEG files, int64 (frames,): equal where the bytes are."""
    grey: np.ndarray
    """uint8 (frames, height, width) at about an eighth."""

    def __len__(self) -> int:
        return len(self.time_ns)


def read_pictures(episode: Episode, camera: str) -> CameraPictures:
    """Read and decode every frame.

    Raises:
        DatasetError: A frame is damaged.
    """
    times = episode.image_time_ns(camera)
    record = episode.metadata.cameras[camera]
    if record.encoding != "jpeg":
        return _read_video(episode, camera, times)
    jpegs = episode.jpegs(camera, range(len(times)))
    sums = np.array([zlib.crc32(jpeg) << 24 ^ len(jpeg) for jpeg in jpegs], np.int64)
    grey = np.zeros((len(times), -(-record.height // 8), -(-record.width // 8)), np.uint8)
    for i, jpeg in enumerate(jpegs):
        try:
            grey[i] = cv2.cvtColor(decode_jpeg(jpeg, 8), cv2.COLOR_RGB2GRAY)
        except ValueError as error:
            raise DatasetError(f"camera '{camera}': frame {i} is no JPEG picture of its size") from error
    return CameraPictures(times, sums, grey)


def _read_video(episode: Episode, camera: str, times: np.ndarray) -> CameraPictures:
    """Packed episodes have no single files: what is compared is the small pictures themselves."""
    record = episode.metadata.cameras[camera]
    size = (max(1, record.height // 8), max(1, record.width // 8))
    images = episode.frames(camera, range(len(times)), size)
    grey = np.array([cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in images], np.uint8)
    sums = np.array([zlib.crc32(image.tobytes()) for image in images], np.int64)
    return CameraPictures(times, sums, grey.reshape(len(times), *size))
