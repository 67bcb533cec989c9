"""Pictures in HDF5, one chunk a picture, as every robot learning project writes them."""

from typing import Any

import numpy as np

from demonstrations.episode import Episode
from demonstrations.interchange.pictures import shown_images
from demonstrations.schema import CameraFormat


def write_images(file: Any, name: str, episode: Episode, camera: CameraFormat, frames: np.ndarray) -> None:
    """A dataset uint8 (len(frames), height, width, 3), RGB, under HDF5's own lossless filter.

    Args:
        camera: Its size is the size to write.
        frames: Which frame of the camera each row shows, ascending; repeated ones are decoded once.
    """
    size = (camera.height, camera.width)
    images = file.create_dataset(
        name, (len(frames), *size, 3), "uint8", chunks=(1, *size, 3), compression="gzip", compression_opts=1
    )
    for row, image in enumerate(shown_images(episode, camera.name, frames, size)):
        images[row] = image
