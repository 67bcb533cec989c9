"""The mirror image of a two-armed robot in the plane x = 0: each arm does what the other one did."""

import itertools
from dataclasses import dataclass

import numpy as np

from robotics.embodiment import Embodiment
from robotics.kinematics.sensors import SensorKinematics, poses_along

WORLD = np.array([-1.0, 1.0, 1.0])
"""Factors of x, y and z in the world."""
_TOOL_SIGNS = ((-1, 1, 1), (1, -1, 1), (1, 1, -1), (-1, -1, -1))
"""Factors of a tool's axes that make a mirrored rotation a rotation again."""
_LENGTH_TOLERANCE_M = 1e-3
_ANGLE_TOLERANCE = 2e-3
"""Largest difference of any entry of two rotations (about 0.1 degree)."""


@dataclass(frozen=True)
class Mirror:
    """Maps a robot's state and commands onto those of its mirror image."""

    joint_source: np.ndarray
    """Dimension that each dimension takes its value from, (action_dim,)."""
    joint_sign: np.ndarray
    """(action_dim,)"""
    joint_offset: np.ndarray
    """(action_dim,) [rad]"""
    tool_sign: np.ndarray
    """Factors of the tools' x, y and z axis, (3,)."""
    cameras: dict[str, str]
    """Camera -> the one that sees its mirrored picture (`overhead` -> `overhead`)."""

    def joints(self, values: np.ndarray) -> np.ndarray:
        """Measured positions or targets (..., action_dim)."""
        return values[..., self.joint_source] * self.joint_sign + self.joint_offset

    def points(self, world: np.ndarray) -> np.ndarray:
        """World positions (..., 3) [m]."""
        return world * WORLD

    def derivatives(self, by_point: np.ndarray) -> np.ndarray:
        """Derivatives of joints by a world position (..., action_dim, 3)."""
        return by_point[..., self.joint_source, :] * self.joint_sign[:, None] * WORLD

    def tool_rotations(self, rotation: np.ndarray) -> np.ndarray:
        """tool_in_world rotations (..., 3, 3)."""
        return WORLD[:, None] * rotation * self.tool_sign


def find_mirror(embodiment: Embodiment) -> Mirror | None:
    """The embodiment's symmetry in the plane x = 0, found and verified on its model.

    Returns:
        None unless the robot has two arms whose forward kinematics mirror each other about the home position
        (within 1 mm and 0.1 degree). Limits may differ: a mirrored position may lie beyond one.
    """
    if len(embodiment.arm) != 2 or len(embodiment.arm[0].joint) != len(embodiment.arm[1].joint):
        return None
    first, second = (
        np.r_[embodiment.arm_slices[arm.name], embodiment.gripper_indices[arm.name]] for arm in embodiment.arm
    )
    source = np.empty(embodiment.action_dim, int)
    source[first], source[second] = second, first
    kinematics = SensorKinematics(embodiment)
    rng = np.random.default_rng(0)
    trials = rng.uniform(embodiment.position_lower, embodiment.position_upper, (8, embodiment.action_dim))
    position, rotation, camera_position, camera_rotation = poses_along(kinematics, trials)
    wanted = (position * WORLD)[:, ::-1]
    for signs in itertools.product((1.0, -1.0), repeat=len(embodiment.arm[0].joint)):
        sign = np.ones(embodiment.action_dim)
        sign[first[:-1]] = sign[second[:-1]] = signs
        offset = embodiment.home - embodiment.home[source] * sign
        mirrored = trials[:, source] * sign + offset
        kinematics.set_position(mirrored[0])
        if np.abs(kinematics.tools()[0] - wanted[0]).max() > _LENGTH_TOLERANCE_M:
            continue  # most combinations end here
        got_position, got_rotation, got_camera_position, got_camera_rotation = poses_along(
            kinematics, mirrored
        )
        tool_sign = next(
            (
                np.array(tool, float)
                for tool in _TOOL_SIGNS
                if np.abs(got_rotation - (WORLD[:, None] * rotation * np.array(tool))[:, ::-1]).max()
                < _ANGLE_TOLERANCE
            ),
            None,
        )
        if tool_sign is None or np.abs(got_position - wanted).max() > _LENGTH_TOLERANCE_M:
            continue
        cameras = {}
        # A mirrored picture has its columns reversed: the axis x of the camera turns, too.
        wanted_position = camera_position * WORLD
        wanted_rotation = WORLD[:, None] * camera_rotation * WORLD
        for index, name in enumerate(embodiment.camera_names):
            for other, partner in enumerate(embodiment.camera_names):
                near = np.abs(got_camera_position[:, other] - wanted_position[:, index]).max()
                turn = np.abs(got_camera_rotation[:, other] - wanted_rotation[:, index]).max()
                if near < _LENGTH_TOLERANCE_M and turn < _ANGLE_TOLERANCE:
                    cameras[name] = partner
        return Mirror(source, sign, offset, tool_sign, cameras)
    return None
