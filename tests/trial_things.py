"""Simple things for trials: a cube, a bar that is too wide, a bowl, a drawer."""

import mujoco
import numpy as np

from robotics.pose import Pose

SURFACE = {"friction": [1.0, 0.01, 0.002], "condim": 6, "solref": [0.006, 1.0], "density": 500.0}


def add_box(
    spec: mujoco.MjSpec, name: str, half: tuple[float, float, float], at: tuple[float, float] = (0.0, 0.0)
) -> None:
    """A free box that stands on the table."""
    body = spec.worldbody.add_body(name=name, pos=[*at, half[2]])
    body.add_freejoint(name=name)
    body.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=half, **SURFACE)


def straight_down(x: float, y: float, z: float, closing_yaw: float = 0.0) -> Pose:
    """tool_in_world of a hand that points down; its fingers close along y, turned by a yaw [rad]."""
    c, s = np.cos(closing_yaw), np.sin(closing_yaw)
    rotation = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.diag([1.0, -1.0, -1.0])
    return Pose.from_matrix(rotation, np.array([x, y, z]))
