"""What a layout decides: which things lie where, in which colours."""

from dataclasses import dataclass

import numpy as np

from robotics.pose import Pose
from sim.scenes.footprint import Footprint
from sim.scenes.rests import Rest

TABLE = 0
"""As a support."""
ROBOT = 251
"""As a support: a gripper holds it."""


@dataclass(frozen=True)
class Paint:
    """What a thing is coloured with."""

    colour: str
    rgb: tuple[float, float, float]
    pattern: str = "plain"
    second: tuple[float, float, float] = (1.0, 1.0, 1.0)
    shiny: bool = False


@dataclass(frozen=True)
class Thing:
    """One thing of a scene; its id is its number in the layout + 1."""

    instance: int
    """Of the pool."""
    pose: Pose
    """thing_in_world."""
    paint: Paint
    symmetry: int
    """As it lies."""
    support: int = TABLE
    """Id of what carries it, TABLE or ROBOT."""
    inside: int = 0
    """Id of what it is in, or 0."""
    opened: float = 0.0
    """Of its drawer, 0..1."""


@dataclass(frozen=True)
class Layout:
    """A scene without camera, light and robot."""

    kind: str
    things: tuple[Thing, ...]
    spot: tuple[float, float]
    """Where on the table things are about [m]."""
    radius: float
    """How far from there they reach, about [m]."""
    rests: tuple[Rest, ...] = ()
    """How each thing rests; empty for heaps."""
    footprints: tuple[Footprint, ...] = ()
    """What each thing covers; empty for heaps."""


def yawed(yaw: float) -> np.ndarray:
    """Rotation (3, 3) about z [rad]."""
    c, s = np.cos(yaw), np.sin(yaw)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
