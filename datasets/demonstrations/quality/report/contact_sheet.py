"""Pictures for the page: an episode's cameras over time, and where things lie at the start of all."""

import base64
from collections.abc import Sequence

import cv2
import numpy as np

from demonstrations.episode import Episode
from demonstrations.jpeg import encode_jpeg

COLUMNS = 8
CELL_WIDTH = 104
"""[pixel]"""

SPREAD_WIDTH = 320
"""[pixel] Of the pictures over all episodes."""

_QUALITY = 65


def data_url(image: np.ndarray) -> str:
    """An RGB image as what an <img> shows without a file."""
    return "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(image, _QUALITY)).decode()


def contact_sheet(episode: Episode, columns: int = COLUMNS) -> np.ndarray | None:
    """One row a camera, `columns` pictures evenly over the episode; None without pictures.

    Raises:
        DatasetError: A picture is damaged.
    """
    rows = []
    for camera, record in episode.metadata.cameras.items():
        if record.frames == 0:
            continue
        height = max(1, round(CELL_WIDTH * record.height / record.width))
        frames = np.linspace(0, record.frames - 1, columns).astype(int)
        images = episode.frames(camera, frames, (height, CELL_WIDTH))
        rows.append(
            np.concatenate(
                list(np.pad(images, ((0, 0), (0, 2), (0, 2), (0, 0)), constant_values=255)), axis=1
            )
        )
    return np.concatenate(rows) if rows else None


def start_spread(episodes: Sequence[Episode], camera: str) -> tuple[np.ndarray, np.ndarray] | None:
    """The first pictures of a camera: their mean, and how far they differ from it at each place as heat.

    Both RGB uint8 (height, width, 3); None with fewer than two pictures.

    Raises:
        DatasetError: A picture is damaged.
    """
    total = squares = None
    count = 0
    for episode in episodes:
        record = episode.metadata.cameras.get(camera)
        if record is None or record.frames == 0:
            continue
        height = round(SPREAD_WIDTH * record.height / record.width)
        image = episode.frame(camera, 0, (height, SPREAD_WIDTH)).astype(np.float64)
        if total is not None and total.shape != image.shape:
            continue
        total = image if total is None else total + image
        squares = image**2 if squares is None else squares + image**2
        count += 1
    if total is None or squares is None or count < 2:
        return None
    mean = total / count
    spread = np.sqrt(np.maximum(squares / count - mean**2, 0)).max(axis=2)
    heat = np.clip(spread / max(float(spread.max()), 8.0) * 255, 0, 255).astype(np.uint8)
    coloured = cv2.cvtColor(cv2.applyColorMap(heat, cv2.COLORMAP_VIRIDIS), cv2.COLOR_BGR2RGB)
    return mean.astype(np.uint8), coloured
