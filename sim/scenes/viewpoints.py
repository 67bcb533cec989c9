"""Where scenes are looked at from."""

from dataclasses import dataclass

import numpy as np

from robotics.pinhole import Intrinsics
from robotics.pose import Pose, matrix_to_quaternion
from sim.scenes.meshes import about
from sim.scenes.pool import Pool

_FLIP = np.diag([1.0, -1.0, -1.0])
"""MuJoCo cameras look along -z with y up; OpenCV cameras along +z with y down."""


@dataclass(frozen=True)
class Viewpoint:
    """A camera of one scene."""

    name: str
    camera: Pose
    """camera_in_world, OpenCV axes."""
    fovy: float
    """Vertical field of view [rad]."""

    def intrinsics(self, width: int, height: int) -> Intrinsics:
        focal = height / 2 / np.tan(self.fovy / 2)
        return Intrinsics(focal, focal, width / 2, height / 2, width, height)


def free_viewpoint(rng: np.random.Generator, spot: tuple[float, float], radius: float) -> Viewpoint:
    """From anywhere above the table on things within `radius` [m] about a spot."""
    shift = rng.normal(0, 0.35 * radius, 2)
    target = np.array([spot[0] + shift[0], spot[1] + shift[1], rng.uniform(0.0, 0.05)])
    azimuth = rng.uniform(-np.pi, np.pi)
    elevation = np.radians(rng.uniform(20, 80) if rng.random() < 0.8 else rng.uniform(75, 90))
    fovy = np.radians(rng.uniform(40, 70))
    seen = rng.uniform(1.5, 2.9) * radius + rng.uniform(0.08, 0.3)  # so much of the table, top to bottom [m]
    distance = float(np.clip(seen / (2 * np.tan(fovy / 2)), 0.3, 1.3))
    forward = -np.array(
        [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)]
    )
    right = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
    rotation = np.column_stack([right, np.cross(forward, right), forward])
    roll = np.radians(rng.normal(0, 4) if rng.random() < 0.8 else rng.uniform(-30, 30))
    return Viewpoint(
        "free", Pose.from_matrix(rotation @ about("z", roll), target - distance * forward), float(fovy)
    )


def set_view(pool: Pool, view: Viewpoint) -> None:
    """Put the pool's camera there."""
    model = pool.model
    model.cam_pos[pool.view] = view.camera.position
    model.cam_quat[pool.view] = matrix_to_quaternion(view.camera.rotation @ _FLIP)
    model.cam_fovy[pool.view] = np.degrees(view.fovy)
