"""A closer look at one thing: a square around its box, enlarged, with the shape of what it shows."""

from dataclasses import dataclass

import cv2
import numpy as np

from policies.reasoner.network import GEOMETRY_CHANNELS
from policies.reasoner.scene_samples import geometry_channels
from robotics.pinhole import Intrinsics
from robotics.pose import Pose

SIDE = 64
"""Rows and columns of a crop."""
CHANNELS = 10
"""Red, green, blue; right, away, up from the reference point [0.1 m]; height above the table [0.2 m]; whether
these four are known; whether the pixel lies in the box; logarithm of the window's side per focal length."""
_MARGIN, _LEAST = 1.4, 12.0
"""A window's side per longer side of the box; and [pixel]."""
LIGHT = 12
"""Numbers that tell how the picture is lit: mean, spread, 5th and 95th percentile of red, green, blue."""
THUMBNAIL_ROWS = 16
"""Of the whole picture, SIDE columns wide, that they are read from."""
_FAR = 4.0
"""Greatest value of a coordinate."""

BoxRow = tuple[float, float, float, float]
"""Left, top, right, bottom [pixel]."""


@dataclass(frozen=True)
class Square:
    """A square window of a picture [pixel], which may reach over its border."""

    left: float
    top: float
    side: float

    @staticmethod
    def around(box: BoxRow) -> "Square":
        left, top, right, bottom = box
        side = max(_LEAST, _MARGIN * max(right - left, bottom - top))
        return Square((left + right - side) / 2, (top + bottom - side) / 2, side)

    @property
    def scale(self) -> float:
        """Pixels of the crop per pixel of the picture."""
        return SIDE / self.side

    def intrinsics(self, k: Intrinsics) -> Intrinsics:
        """Of the crop as a picture of its own."""
        s = self.scale
        return Intrinsics(k.fx * s, k.fy * s, (k.cx - self.left) * s, (k.cy - self.top) * s, SIDE, SIDE)

    def inner(self, box: BoxRow) -> np.ndarray:
        """A box of the picture in the crop [side], (4,)."""
        offset = np.array([self.left, self.top, self.left, self.top])
        return (np.array(box) - offset) / self.side

    def outer(self, box: np.ndarray) -> BoxRow:
        """The inverse of `inner`."""
        left, top, right, bottom = (
            box * self.side + np.array([self.left, self.top, self.left, self.top])
        ).tolist()
        return left, top, right, bottom


class Pyramid:
    """A picture in several sizes, so that large windows are averaged, not sampled."""

    def __init__(self, picture: np.ndarray):
        self._levels = [np.ascontiguousarray(picture)]
        self._thumbnail: np.ndarray | None = None

    def crop(self, square: Square) -> np.ndarray:
        """uint8 (SIDE, SIDE, 3); black beyond the border."""
        level = 0
        while square.scale * 2 ** (level + 1) <= 1.25:
            level += 1
        while len(self._levels) <= level:
            last = self._levels[-1]
            size = (max(1, last.shape[1] // 2), max(1, last.shape[0] // 2))
            self._levels.append(cv2.resize(last, size, interpolation=cv2.INTER_AREA))
        source = self._levels[level]
        height, width = self._levels[0].shape[:2]
        return warp(source, square, cv2.INTER_LINEAR, source.shape[1] / width, source.shape[0] / height)

    def thumbnail(self) -> np.ndarray:
        """The whole picture, uint8 (THUMBNAIL_ROWS, SIDE, 3)."""
        if self._thumbnail is None:
            self._thumbnail = cv2.resize(
                self._levels[0], (SIDE, THUMBNAIL_ROWS), interpolation=cv2.INTER_AREA
            )
        return self._thumbnail


def light_of(thumbnail: np.ndarray) -> np.ndarray:
    """The LIGHT of a small picture, uint8 (rows, columns, 3), as float32 (LIGHT,) of about -1 .. 1."""
    pixels = thumbnail.reshape(-1, 3).astype(np.float32) / 127.5 - 1.0
    low, high = np.percentile(pixels, (5, 95), axis=0)
    return np.concatenate([pixels.mean(0), 2 * pixels.std(0), low, high]).astype(np.float32)


def warp(
    source: np.ndarray, square: Square, how: int = cv2.INTER_NEAREST, x: float = 1.0, y: float = 1.0
) -> np.ndarray:
    """The window of an array (height, width, ...) at (SIDE, SIDE, ...); 0 beyond its border.

    Args:
        x, y: Columns and rows of the array per pixel of the picture that the window is given in.
    """
    step = square.side / SIDE
    # the middle of the first pixel is at 0.5 in our pictures and at 0 in OpenCV's
    matrix = np.array(
        [
            [step * x, 0, (square.left + step / 2) * x - 0.5],
            [0, step * y, (square.top + step / 2) * y - 0.5],
        ]
    )
    return cv2.warpAffine(source, matrix, (SIDE, SIDE), flags=how | cv2.WARP_INVERSE_MAP)


def crop_geometry(depth: np.ndarray, camera: Pose, k: Intrinsics, square: Square) -> np.ndarray:
    """`scene_samples.geometry_channels` of the window, float32 (5, SIDE, SIDE)."""
    return geometry_channels(warp(depth, square), camera, square.intrinsics(k))


def no_geometry() -> np.ndarray:
    """Where depth or the camera's place are unknown."""
    return np.zeros((GEOMETRY_CHANNELS, SIDE, SIDE), np.float32)


def box_mask(box: np.ndarray) -> np.ndarray:
    """Whether each pixel's middle lies in a box of the crop [side], bool (SIDE, SIDE)."""
    at = (np.arange(SIDE) + 0.5) / SIDE
    columns, rows = (at > box[0]) & (at < box[2]), (at > box[1]) & (at < box[3])
    return rows[:, None] & columns[None, :]


def reference_point(geometry: np.ndarray, box: np.ndarray) -> np.ndarray | None:
    """Median place of what the middle of the box shows: right, away, height above the table (3,) [m]; None
    where nothing is known there."""
    quarter = np.array([box[2] - box[0], box[3] - box[1]]) / 4
    inside = box_mask(box + np.concatenate([quarter, -quarter])) & (geometry[4] > 0)
    if not inside.any():
        inside = box_mask(box) & (geometry[4] > 0)
    return np.median(geometry[:3, inside], axis=1) if inside.any() else None


def crop_channels(
    picture: np.ndarray, geometry: np.ndarray, box: np.ndarray, part_of_focal: float
) -> tuple[np.ndarray, np.ndarray | None]:
    """What the network sees, float32 (CHANNELS, SIDE, SIDE), and the reference point of its places.

    Args:
        picture: uint8 (SIDE, SIDE, 3).
        geometry: float32 (5, SIDE, SIDE), zeros where unknown.
        box: In the crop [side].
        part_of_focal: The window's side per focal length.
    """
    out = np.zeros((CHANNELS, SIDE, SIDE), np.float32)
    out[:3] = (np.moveaxis(picture, -1, 0).astype(np.float32) / 255.0 - 0.45) * 4.0
    reference = reference_point(geometry, box)
    if reference is not None:
        known = geometry[4]
        places = (geometry[:3] - reference.astype(np.float32)[:, None, None]) * 10.0
        out[3:6] = np.clip(places, -_FAR, _FAR) * known
        out[6] = np.clip(geometry[2] * 5.0, -_FAR, _FAR) * known
        out[7] = known
    out[8] = box_mask(box)
    out[9] = np.log(max(part_of_focal, 1e-3)) + 2.0
    return out, reference
