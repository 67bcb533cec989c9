"""Depth pictures of boxes and balls on a table, ray by ray, for tests that should need no renderer."""

from dataclasses import dataclass

import numpy as np

from robotics.pinhole import Intrinsics
from robotics.pose import Pose
from robotics.reasoning.answers import Box3D, Frame
from robotics.reasoning.view import View


@dataclass(frozen=True)
class Shape:
    """A box or ball; `half` are its half sizes [m]."""

    centre: tuple[float, float, float]
    half: tuple[float, float, float]
    yaw: float = 0.0
    round: bool = False

    @property
    def rotation(self) -> np.ndarray:
        c, s = np.cos(self.yaw), np.sin(self.yaw)
        return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])

    @property
    def box(self) -> Box3D:
        x, y, z = self.half
        return Box3D(
            self.centre,
            (2 * x, 2 * y, 2 * z),
            (float(np.cos(self.yaw / 2)), 0, 0, float(np.sin(self.yaw / 2))),
            Frame.WORLD,
        )


def standing(
    x: float, y: float, half: tuple[float, float, float], yaw: float = 0.0, round: bool = False
) -> Shape:
    """A shape that stands on the table."""
    return Shape((x, y, half[2]), half, yaw, round)


def look(
    things: list[list[Shape]],
    eye: tuple[float, float, float] = (0.0, -0.5, 0.7),
    width: int = 160,
    height: int = 120,
) -> tuple[View, list[np.ndarray]]:
    """A view of things, each a union of shapes, on the plane z = 0, and the mask of each.

    The camera is at `eye` and looks at the origin.
    """
    eye_at = np.array(eye)
    forward = -eye_at / np.linalg.norm(eye_at)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(forward, right), forward], axis=1)
    focal = 1.4 * height
    k = Intrinsics(focal, focal, width / 2, height / 2, width, height)
    rows, columns = np.mgrid[:height, :width] + 0.5
    rays = np.stack([(columns - k.cx) / k.fx, (rows - k.cy) / k.fy, np.ones_like(rows)], axis=-1) @ rotation.T
    depth = np.where(rays[..., 2] < 0, -eye_at[2] / rays[..., 2], np.inf)
    owner = np.full(depth.shape, -1)
    for i, shapes in enumerate(things):
        for shape in shapes:
            hit = _hit_ball(shape, eye_at, rays) if shape.round else _hit_box(shape, eye_at, rays)
            nearer = hit < depth
            depth, owner = np.where(nearer, hit, depth), np.where(nearer, i, owner)
    depth = np.where(depth < 5.0, depth, 0.0).astype(np.float32)
    image = np.full((height, width, 3), 120, np.uint8)
    view = View(image, depth, k, Pose.from_matrix(rotation, eye_at), "test")
    return view, [owner == i for i in range(len(things))]


def _hit_box(shape: Shape, eye: np.ndarray, rays: np.ndarray) -> np.ndarray:
    start = (eye - np.array(shape.centre)) @ shape.rotation
    ray = rays @ shape.rotation
    ray = np.where(np.abs(ray) < 1e-12, 1e-12, ray)
    a, b = (-np.array(shape.half) - start) / ray, (np.array(shape.half) - start) / ray
    near, far = np.minimum(a, b).max(axis=-1), np.maximum(a, b).min(axis=-1)
    return np.where((near <= far) & (near > 0), near, np.inf)


def _hit_ball(shape: Shape, eye: np.ndarray, rays: np.ndarray) -> np.ndarray:
    half = np.array(shape.half)
    start = ((eye - np.array(shape.centre)) @ shape.rotation) / half
    ray = (rays @ shape.rotation) / half
    a, b, c = (ray**2).sum(-1), 2 * ray @ start, start @ start - 1
    inside = b * b - 4 * a * c
    return np.where(inside > 0, (-b - np.sqrt(np.maximum(inside, 0))) / (2 * a), np.inf)
