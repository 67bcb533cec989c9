"""How a pinhole camera projects (OpenCV axes: x right, y down, z forward)."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Intrinsics:
    """Pinhole projection of an image; the centre of the top left pixel is (0.5, 0.5)."""

    fx: float
    """[pixel]"""
    fy: float
    """[pixel]"""
    cx: float
    """[pixel]"""
    cy: float
    """[pixel]"""
    width: int
    height: int

    def resized(self, width: int, height: int) -> "Intrinsics":
        """Of the same view at another image size."""
        sx, sy = width / self.width, height / self.height
        return Intrinsics(self.fx * sx, self.fy * sy, self.cx * sx, self.cy * sy, width, height)


def project(points: np.ndarray, rotation: np.ndarray, position: np.ndarray, k: Intrinsics) -> np.ndarray:
    """Column, row [pixel] and depth [m], shape (..., 3), of world points (..., 3) [m].

    Args:
        rotation: camera_in_world rotation, (..., 3, 3).
        position: camera_in_world position, (..., 3) [m].
    """
    inner = np.einsum("...ji,...j->...i", rotation, points - position)  # world -> camera
    depth = inner[..., 2]
    safe = np.where(np.abs(depth) < 1e-6, 1e-6, depth)
    return np.stack([k.fx * inner[..., 0] / safe + k.cx, k.fy * inner[..., 1] / safe + k.cy, depth], axis=-1)


def unproject(
    pixel_depth: np.ndarray, rotation: np.ndarray, position: np.ndarray, k: Intrinsics
) -> np.ndarray:
    """World points (..., 3) [m] of column, row [pixel] and depth [m] (..., 3); inverse of `project`."""
    u, v, depth = np.moveaxis(pixel_depth, -1, 0)
    inner = np.stack([(u - k.cx) / k.fx * depth, (v - k.cy) / k.fy * depth, depth], axis=-1)
    return np.einsum("...ij,...j->...i", rotation, inner) + position
