"""Where a held thing goes: the place of its centre, and the tool poses that bring it there."""

from dataclasses import dataclass

import numpy as np

from policies.planner.arms import Arms, level, pointing
from robotics.pose import Pose
from robotics.reasoning.view import View

_YAWS = 16
_LEANS_RAD = (0.0, 0.3, 0.6)


@dataclass(frozen=True)
class Held:
    """What is in a hand."""

    arm: str
    query: str
    """Its name in the instruction."""
    thing_in_tool: Pose
    """Of the thing's box."""
    size: np.ndarray
    """Of the box along its own axes (3,) [m]."""
    gap: float
    """Distance of the fingertips on it [m]."""
    below: float
    """How far it reached below its centre when it was taken [m]."""
    grasped: Pose
    """tool_in_world when it was taken: so turned, the thing is upright."""
    views: tuple[View, ...] = ()
    """What was seen before it was taken."""


@dataclass(frozen=True)
class Place:
    """Where the held thing's centre should come to rest, straight above which it travels."""

    x: float
    """[m]"""
    y: float
    """[m]"""
    support: float
    """Height of what it will stand on [m]."""
    obstacle: float
    """The thing's underside travels above this height [m]."""
    drop: float
    """It is let go so far above the support [m]."""
    upright: bool
    """It must stand as it stood, else the hand may lean for it."""
    within: float
    """A thing whose centre ends so near to it is there [m]."""
    align: np.ndarray | None = None
    """Axes as columns (3, 3) to which it should be parallel; None: any turn will do."""
    label: str = ""
    """For messages: 'in the left bowl'."""


def tool_poses(arms: Arms, held: Held, place: Place) -> list[Pose]:
    """Tools that hold the thing's centre over the place at its height of release, the best first."""
    grasped = held.grasped
    center = np.array([place.x, place.y, place.support + held.below + place.drop])
    home = level(arms.home_tool[held.arm].rotation[:, 1])
    found = []
    for yaw in np.arange(_YAWS) * 2 * np.pi / _YAWS:
        found.append((0.0, _turned(yaw) @ grasped.rotation))
    if place.align is not None:
        thing = grasped.rotation @ held.thing_in_tool.rotation
        for quarter in range(4):
            found.append(
                (-0.5, _turned(_yaw(place.align) - _yaw(thing) + quarter * np.pi / 2) @ grasped.rotation)
            )
    if not place.upright:
        outward = level(center - arms.base[held.arm])
        for lean in _LEANS_RAD:
            for turn in (0.0, 0.5, -0.5, 1.2, -1.2):
                closing = _turned(turn) @ home
                ahead = np.array([-closing[1], closing[0], 0.0])
                ahead *= np.sign(ahead @ outward) or 1.0
                approach = np.sin(lean) * ahead - np.array([0.0, 0.0, np.cos(lean)])
                found.append((0.5 * lean, pointing(closing, approach)))

    def cost(candidate: tuple[float, np.ndarray]) -> float:
        extra, rotation = candidate
        return extra + float(np.arccos(np.clip(level(rotation[:, 1]) @ home, -1.0, 1.0)))

    poses = []
    for _, rotation in sorted(found, key=cost):
        poses.append(Pose.from_matrix(rotation, center - rotation @ held.thing_in_tool.position))
    return poses


def _turned(yaw: float) -> np.ndarray:
    """Rotation about z, (3, 3)."""
    c, s = np.cos(yaw), np.sin(yaw)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def _yaw(rotation: np.ndarray) -> float:
    """Of the most level of a rotation's axes [rad]."""
    axis = rotation[:, int(np.argmin(np.abs(rotation[2])))]
    return float(np.arctan2(axis[1], axis[0]))
