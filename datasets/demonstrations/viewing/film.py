"""An episode as a film: all cameras tiled, over its instruction, time, mode, grippers, joints and events."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from demonstrations.episode import Episode
from demonstrations.viewing.panel import EpisodePanel
from robotics.embodiment import Embodiment
from robotics.errors import UnknownNameError
from robotics.evaluation.video import VideoWriter

TILE_HEIGHT = 300
_LABEL = (238, 242, 246)
_GROUND = (22, 27, 33)


def write_film(
    episode: Episode,
    embodiment: Embodiment | None,
    path: Path,
    *,
    cameras: Sequence[str] = (),
    frame_rate: float | None = None,
    on_picture: Callable[[int, int], None] = lambda done, of: None,
) -> int:
    """Write an MP4 that plays at the speed at which the episode happened; returns its pictures.

    Args:
        embodiment: Tells which values are grippers; without, none is drawn as one.
        cameras: All by default.
        frame_rate: Pictures a second [1/s]; by default the rate of the fastest camera, at most 30.
        on_picture: Told how many pictures are done, of how many.

    Raises:
        UnknownNameError: No such camera.
        DatasetError: A part of the episode is damaged.
    """
    check_cameras(episode, cameras)
    cameras = list(cameras or episode.cameras)
    rate = frame_rate or _film_rate(episode, cameras)
    rows = _rows_at(episode, rate)
    newest = {camera: episode.frame_of_rows(camera) for camera in cameras if _has_frames(episode, camera)}
    shown = dict.fromkeys(newest, -1)
    tiles: dict[str, np.ndarray] = {}
    panel: EpisodePanel | None = None
    with VideoWriter(path, rate) as video:
        for done, row in enumerate(rows):
            for camera, frames in newest.items():
                if frames[row] != shown[camera]:
                    shown[camera] = int(frames[row])
                    tiles[camera] = _tile(episode.frame(camera, shown[camera]), camera)
            mosaic = tile_grid(list(tiles.values()))
            panel = panel or EpisodePanel(episode, embodiment, max(640, mosaic.shape[1]))
            video.add(_stack(mosaic, panel.draw(int(row))))
            on_picture(done + 1, len(rows))
    return len(rows)


def check_cameras(episode: Episode, cameras: Sequence[str]) -> None:
    """Refuse a camera that was not recorded.

    Raises:
        UnknownNameError: No such camera.
    """
    for camera in cameras:
        if camera not in episode.cameras:
            raise UnknownNameError("camera", camera, episode.cameras, owner=episode.path.name)


def tile_grid(tiles: Sequence[np.ndarray]) -> np.ndarray:
    """Pictures of one height side by side, in two rows from three on.

    Args:
        tiles: uint8 RGB, each (TILE_HEIGHT, width, 3); none gives an empty picture.

    Returns:
        uint8 RGB (height, width, 3), width even.
    """
    if not tiles:
        return np.empty((0, 0, 3), np.uint8)
    columns = len(tiles) if len(tiles) < 3 else math.ceil(len(tiles) / 2)
    lines = [np.concatenate(tiles[i : i + columns], axis=1) for i in range(0, len(tiles), columns)]
    width = max(line.shape[1] for line in lines)
    width += width % 2
    grid = np.full((TILE_HEIGHT * len(lines), width, 3), _GROUND, np.uint8)
    for i, line in enumerate(lines):
        grid[i * TILE_HEIGHT : (i + 1) * TILE_HEIGHT, : line.shape[1]] = line
    return grid


def _tile(image: np.ndarray, camera: str) -> np.ndarray:
    width = round(image.shape[1] * TILE_HEIGHT / image.shape[0])
    shrinks = image.shape[0] > TILE_HEIGHT
    tile = cv2.resize(
        image, (width, TILE_HEIGHT), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    )
    font, size = cv2.FONT_HERSHEY_SIMPLEX, 0.45
    (label_width, _), _ = cv2.getTextSize(camera, font, size, 1)
    cv2.rectangle(tile, (0, TILE_HEIGHT - 22), (label_width + 14, TILE_HEIGHT), _GROUND, -1)
    cv2.putText(tile, camera, (7, TILE_HEIGHT - 8), font, size, _LABEL, 1, cv2.LINE_AA)
    return tile


def _stack(mosaic: np.ndarray, panel: np.ndarray) -> np.ndarray:
    if mosaic.shape[1] < panel.shape[1]:
        wide = np.full((mosaic.shape[0], panel.shape[1], 3), _GROUND, np.uint8)
        wide[:, : mosaic.shape[1]] = mosaic
        mosaic = wide
    return np.concatenate([mosaic, panel], axis=0)


def _has_frames(episode: Episode, camera: str) -> bool:
    return episode.metadata.cameras[camera].frames > 0


def _film_rate(episode: Episode, cameras: Sequence[str]) -> float:
    rates = [episode.metadata.cameras[camera].rate_hz or 0.0 for camera in cameras]
    fastest = max([rate for rate in rates if rate], default=float(episode.metadata.control_rate_hz))
    return min(30.0, fastest)


def _rows_at(episode: Episode, rate_hz: float) -> np.ndarray:
    """The row in force at each picture, int64 (pictures,); where ticks are missing the film stands still."""
    start, end = int(episode.time_ns[0]), int(episode.time_ns[-1])
    count = max(1, math.floor((end - start) * rate_hz / 1e9) + 1)
    times = start + np.arange(count) * (1e9 / rate_hz)
    return np.searchsorted(episode.time_ns, times.astype(np.int64) + 1, side="right") - 1
