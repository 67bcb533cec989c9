"""A tiny Cornell dataset: a box on a table before a Kinect that looks down at an angle."""

from pathlib import Path

import cv2
import numpy as np

from robotics.pinhole import Intrinsics
from robotics.pose import Pose

KINECT = Intrinsics(525.0, 525.0, 320.0, 240.0, 640, 480)
TABLE, TOP = -0.12, -0.07
"""Heights in the robot's frame [m]; z is up."""
STEP = 4
"""Pixels between points."""


def camera_in_robot(pitch: float = 0.9) -> Pose:
    """Looks along x, down by the pitch [rad]; its right is -y."""
    forward = np.array([np.cos(pitch), 0.0, -np.sin(pitch)])
    right = np.array([0.0, -1.0, 0.0])
    return Pose.from_matrix(
        np.column_stack([right, np.cross(forward, right), forward]), np.array([0.6, -0.2, 0.7])
    )


def cloud(camera: Pose) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points (n, 3) [m] in the robot's frame, their pixels (n,), their depths (n,) [m]."""
    rows, columns = (g.ravel() for g in np.mgrid[0:480:STEP, 0:640:STEP])
    rays = np.stack([(columns + 0.5 - 320) / 525, (rows + 0.5 - 240) / 525, np.ones(len(rows))], axis=1)
    directions = rays @ camera.rotation.T
    on_box = (np.abs(columns - 320) < 60) & (np.abs(rows - 240) < 40)
    depths = (np.where(on_box, TOP, TABLE) - camera.position[2]) / directions[:, 2]
    return camera.position + depths[:, None] * directions, rows * 640 + columns, depths


def write_cloud(path: Path, points: np.ndarray, pixels: np.ndarray) -> None:
    header = (
        "# .PCD v.7 - Point Cloud Data file format\nFIELDS x y z rgb index\nSIZE 4 4 4 4 4\nTYPE F F F F U\n"
    )
    header += f"COUNT 1 1 1 1 1\nWIDTH {len(points)}\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\n"
    header += f"POINTS {len(points)}\nDATA ascii\n"
    lines = [f"{x:.4f} {y:.4f} {z:.4f} 0 {i}" for (x, y, z), i in zip(1000 * points, pixels, strict=True)]
    path.write_text(header + "\n".join(lines) + "\n")


def write_picture(path: Path, width: int = 640, height: int = 480) -> None:
    assert cv2.imwrite(str(path), np.full((height, width, 3), 200, np.uint8))
