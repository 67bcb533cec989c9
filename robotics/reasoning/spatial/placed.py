"""A thing with a place in a frame whose z is up, and who looks at it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from robotics.pose import Pose, quaternion_to_matrix
from robotics.reasoning.answers import Box3D, Frame, Vector


@dataclass(frozen=True)
class Placed:
    """An upright box around a thing, in the world or in a viewer's level frame (z up in both)."""

    center: Vector
    """[m]"""
    size: Vector
    """Whole extent along the box's own x, y (before it is turned by yaw) and z [m]."""
    yaw: float = 0.0
    """Of the box's x about z [rad]."""
    label: str = ""
    is_round: bool = False
    """Its footprint is a disc (of the mean of x and y), not a rectangle."""

    @property
    def bottom(self) -> float:
        """[m]"""
        return self.center[2] - self.size[2] / 2

    @property
    def top(self) -> float:
        """[m]"""
        return self.center[2] + self.size[2] / 2

    @property
    def volume(self) -> float:
        """Of the box [m^3]."""
        return self.size[0] * self.size[1] * self.size[2]

    @staticmethod
    def from_box3d(box: Box3D, is_round: bool = False) -> "Placed":
        """
        Raises:
            ValueError: The box is in a camera's frame, where up is unknown.
        """
        if box.frame is Frame.CAMERA:
            raise ValueError("wanted a box in the world or in a level frame, got one in the camera's frame")
        return Placed.from_box(box.center, box.size, box.rotation, box.label, is_round)

    @staticmethod
    def from_box(
        center: Sequence[float] | np.ndarray,
        size: Sequence[float] | np.ndarray,
        quaternion: Sequence[float] | np.ndarray,
        label: str = "",
        is_round: bool = False,
    ) -> "Placed":
        """The upright box around a box of any rotation (box_in_frame, wxyz); a lying thing lies down."""
        place = (float(center[0]), float(center[1]), float(center[2]))
        axes = quaternion_to_matrix(np.asarray(quaternion, float)) * np.asarray(size, float)  # columns
        if abs(axes[2, 0]) + abs(axes[2, 1]) < 1e-6 * np.linalg.norm(axes):  # upright: nothing to project
            yaw = math.atan2(axes[1, 0], axes[0, 0])
            return Placed(place, (float(size[0]), float(size[1]), float(size[2])), yaw, label, is_round)
        longest = np.argmax(np.linalg.norm(axes[:2], axis=0))
        yaw = math.atan2(axes[1, longest], axes[0, longest])
        along = np.array([math.cos(yaw), math.sin(yaw)])
        across = np.array([-along[1], along[0]])
        x, y, z = (float(np.abs(row).sum()) for row in (along @ axes[:2], across @ axes[:2], axes[2]))
        return Placed(place, (x, y, z), yaw, label, is_round and bool(abs(axes[2, 2]) > 0.9 * size[2]))


@dataclass(frozen=True)
class Viewer:
    """Where someone stands and what is right and away to them; horizontal, in the frame of the things."""

    right: tuple[float, float] = (1.0, 0.0)
    """Unit vector."""
    away: tuple[float, float] = (0.0, 1.0)
    """Unit vector, right turned by 90 degrees to the left."""
    position: tuple[float, float] = (0.0, 0.0)
    """[m]"""

    def coordinates(self, xy: np.ndarray) -> np.ndarray:
        """(right, away) of differences or places relative to the frame's origin, shape (..., 2) [m]."""
        return np.asarray(xy, float) @ np.array([self.right, self.away]).T


LEVEL_VIEWER = Viewer()
"""The viewer of things in its own level frame."""


_STEEP = 0.25
"""Sine of the optical axis' angle to the vertical, about 15 degrees."""


def level_in_world(camera_in_world: Pose) -> Pose:
    """The camera's frame turned level: x right, y away from the viewer, z up, origin at the camera.

    Away is where the optical axis points, horizontally. For a camera that looks straight down that says
    nothing, and away is the image's up direction; within 15 degrees of it the two are blended, so that a
    camera that was mounted half a degree askew does not call any direction away.
    """
    rotation = camera_in_world.rotation
    forward, image_up = rotation[:2, 2], -rotation[:2, 1]
    level = float(np.linalg.norm(forward))
    steep = max(0.0, 1.0 - level / _STEEP)
    away = (1.0 - steep) * _unit(forward) + steep * _unit(image_up)
    if np.linalg.norm(away) < 1e-6:  # upside down and steep: the two cancel out
        away = image_up
    y = np.array([*_unit(away), 0.0])
    z = np.array([0.0, 0.0, 1.0])
    return Pose.from_matrix(np.column_stack([np.cross(y, z), y, z]), camera_in_world.position)


def _unit(vector: np.ndarray) -> np.ndarray:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 1e-12 else np.zeros_like(vector)


def viewer_axes(camera_in_world: Pose | None) -> Viewer:
    """The viewer of things in the world; without a pose, of things in the camera's own level frame."""
    if camera_in_world is None:
        return LEVEL_VIEWER
    level = level_in_world(camera_in_world)
    right, away = level.rotation[:2, 0], level.rotation[:2, 1]
    return Viewer(
        (float(right[0]), float(right[1])),
        (float(away[0]), float(away[1])),
        (float(level.position[0]), float(level.position[1])),
    )
