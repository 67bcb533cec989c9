"""Where the cameras of an embodiment sit and how they project, from its MuJoCo model."""

from typing import TYPE_CHECKING

import numpy as np

from robotics.embodiment import Embodiment

if TYPE_CHECKING:
    from demonstrations.dataset import DemonstrationDataset
    from demonstrations.schema import CameraCalibration

_NUDGE_RAD = 0.1
_MOVED_M = 1e-6


def calibrate(embodiment: Embodiment, dataset: "DemonstrationDataset") -> "dict[str, CameraCalibration]":
    """Calibration of each camera of a dataset, for the sizes that it stores; {} without a model here.

    A camera that moves when an arm does sits on that arm, and its extrinsics are to the arm's tool.
    """
    if not embodiment.model_path.is_file():
        return {}
    from demonstrations.schema import CameraCalibration
    from robotics.kinematics.sensors import SensorKinematics

    kinematics = SensorKinematics(embodiment)
    kinematics.set_position(embodiment.home)
    tools = _transforms(*kinematics.tools())
    cameras = _transforms(*kinematics.cameras())
    carrier = np.full(len(cameras), -1)
    for index, arm in enumerate(embodiment.arm):
        nudged = np.array(embodiment.home)
        nudged[embodiment.arm_slices[arm.name]] += _NUDGE_RAD
        kinematics.set_position(nudged)
        moved = np.abs(_transforms(*kinematics.cameras()) - cameras).max(axis=(1, 2)) > _MOVED_M
        carrier[moved] = index
    found = {}
    for stored in dataset.description.cameras:
        index = embodiment.camera_names.index(stored.name)
        k = kinematics.intrinsics(stored.name).resized(stored.width, stored.height)
        arm = int(carrier[index])
        mount_in_world = np.eye(4) if arm < 0 else tools[arm]
        found[stored.name] = CameraCalibration(
            intrinsics=((k.fx, 0.0, k.cx), (0.0, k.fy, k.cy), (0.0, 0.0, 1.0)),
            extrinsics=_rows(np.linalg.inv(mount_in_world) @ cameras[index]),
            mount="world" if arm < 0 else embodiment.arm[arm].name,
        )
    return found


def _transforms(position: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """(n, 4, 4) of positions (n, 3) and rotations (n, 3, 3)."""
    matrix = np.tile(np.eye(4), (len(position), 1, 1))
    matrix[:, :3, :3], matrix[:, :3, 3] = rotation, position
    return matrix


def _rows(matrix: np.ndarray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(round(float(value), 9) for value in row) for row in matrix)
