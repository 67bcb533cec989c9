"""A view as the network wants it: resized, with geometry channels where depth and place are known."""

from dataclasses import dataclass

import cv2
import numpy as np

from policies.reasoner.network import GEOMETRY_CHANNELS, STRIDE
from policies.reasoner.scene_samples import geometry_channels
from robotics.pinhole import Intrinsics
from robotics.pose import Pose
from robotics.reasoning.checks import check_view
from robotics.reasoning.frames import level_in_camera
from robotics.reasoning.spatial import level_in_world
from robotics.reasoning.view import View

_MULTIPLE = 8
_LONGEST, _SHORTEST = 448, 32
"""Sides of the network's input [pixel]; a longer picture is squeezed."""
_TYPICAL_FOCAL = 0.9
"""Of unknown cameras, per image width: a view of 58 degrees."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """One view at the network's size."""

    image: np.ndarray
    """uint8 (height, width, 3)."""
    geometry: np.ndarray
    """float32 (5, height, width), see `network.GEOMETRY_CHANNELS`; zeros where unknown."""
    intrinsics: Intrinsics
    """At this size; guessed where the view has none."""
    level_in_camera: Pose
    level_in_world: Pose | None
    """None: the camera's place is unknown."""
    depth: np.ndarray | None
    """float32 (height, width) [m], 0 unknown."""
    view_depth: np.ndarray | None
    """The same at the view's own size."""
    has_intrinsics: bool

    @property
    def height(self) -> int:
        return self.image.shape[0]

    @property
    def width(self) -> int:
        return self.image.shape[1]

    @property
    def cell_rays(self) -> np.ndarray:
        """Directions in the level frame of the cells' pixels, one metre deep, (rows, columns, 3)."""
        rows, columns = np.indices((self.height // STRIDE, self.width // STRIDE)) * STRIDE + STRIDE // 2 + 0.5
        return self.rays(columns, rows)

    def rays(self, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Directions in the level frame of pixels (...), one metre deep along the optical axis, (..., 3)."""
        k = self.intrinsics
        inner = np.stack([(columns - k.cx) / k.fx, (rows - k.cy) / k.fy, np.ones_like(columns, float)], -1)
        return inner @ self.level_in_camera.rotation

    def surface(self) -> np.ndarray:
        """Place of the surface under each cell in the level frame [m], (rows, columns, 3); NaN where unknown.

        Without depth, but with the camera's place known, the table's plane stands in.
        """
        rays = self.cell_rays
        if self.depth is not None and self.has_intrinsics:
            depth = self.depth[STRIDE // 2 :: STRIDE, STRIDE // 2 :: STRIDE]
            return rays * np.where(depth > 0, depth, np.nan)[..., None]
        return self.on_plane(rays)

    def on_plane(self, rays: np.ndarray) -> np.ndarray:
        """Where rays (..., 3) meet the table's plane in the level frame [m]; NaN where they do not."""
        if self.level_in_world is None or not self.has_intrinsics:
            return np.full(rays.shape, np.nan)
        down = np.where(rays[..., 2] < -1e-3, rays[..., 2], np.nan)
        return rays * (-self.level_in_world.position[2] / down)[..., None]


def network_size(height: int, width: int, area: int) -> tuple[int, int]:
    """Rows and columns of about so many pixels in about the picture's shape, multiples of 8."""
    scale = (area / (height * width)) ** 0.5

    def side(length: int) -> int:
        return int(np.clip(round(length * scale / _MULTIPLE) * _MULTIPLE, _SHORTEST, _LONGEST))

    return side(height), side(width)


def prepare(view: View, area: int) -> Prepared:
    """
    Args:
        area: Pixels that the network looks at.

    Raises:
        ImageError: The view cannot be used.
    """
    picture = check_view(view)
    height, width = network_size(view.height, view.width, area)
    smaller = height * width < view.height * view.width
    image = picture
    if (height, width) != picture.shape[:2]:
        how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
        image = cv2.resize(np.ascontiguousarray(picture), (width, height), interpolation=how)
    k = view.intrinsics
    has_intrinsics = k is not None
    if k is None:
        focal = _TYPICAL_FOCAL * max(view.width, view.height)
        k = Intrinsics(focal, focal, view.width / 2, view.height / 2, view.width, view.height)
    k = k.resized(width, height)
    depth = view_depth = None
    if view.depth is not None:
        view_depth = np.ascontiguousarray(view.depth, np.float32)
        view_depth = np.where(np.isfinite(view_depth) & (view_depth > 0), view_depth, np.float32(0))
        depth = cv2.resize(view_depth, (width, height), interpolation=cv2.INTER_NEAREST)
    pose = view.camera_in_world
    if depth is not None and pose is not None and has_intrinsics:
        geometry = geometry_channels(depth, pose, k)
    else:
        geometry = np.zeros((GEOMETRY_CHANNELS, height, width), np.float32)
    level = None if pose is None else level_in_world(pose)
    return Prepared(image, geometry, k, level_in_camera(pose), level, depth, view_depth, has_intrinsics)
