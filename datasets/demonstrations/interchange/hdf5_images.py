"""Pictures in HDF5, one chunk a picture, as every robot learning project writes them."""

from typing import Any

import numpy as np

from demonstrations.episode import Episode
from robotics.errors import DatasetError

_DECODED_AT_ONCE = 32


def write_images(group: Any, name: str, episode: Episode, camera: str, frames: np.ndarray) -> Any:
    """A dataset uint8 (len(frames), height, width, 3), RGB, under HDF5's own lossless filter.

    Args:
        frames: Which frame of the camera each row shows, ascending; repeated ones are decoded once.

    Raises:
        DatasetError: The episode has no frame of this camera.
    """
    record = episode.metadata.cameras.get(camera)
    if record is None or not record.frames:
        raise DatasetError(f"{episode.path.name} has no frame of camera '{camera}'; leave the episode out")
    size = (record.height, record.width, 3)
    images = group.create_dataset(
        name, (len(frames), *size), "uint8", chunks=(1, *size), compression="gzip", compression_opts=1
    )
    for start in range(0, len(frames), _DECODED_AT_ONCE):
        distinct, place = np.unique(frames[start : start + _DECODED_AT_ONCE], return_inverse=True)
        images[start : start + len(place)] = episode.frames(camera, distinct)[place]
    return images
