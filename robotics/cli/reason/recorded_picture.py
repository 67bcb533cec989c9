"""A camera's picture at one moment of a recorded demonstration, with the calibration that was recorded."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from robotics.cli.data_shared import embodiment_of, open_dataset, open_episode
from robotics.embodiment import Embodiment
from robotics.errors import DatasetError
from robotics.pinhole import Intrinsics
from robotics.pose import Pose
from robotics.reasoning.images import Photo
from robotics.reasoning.view import View

if TYPE_CHECKING:
    from demonstrations import Episode
    from demonstrations.schema import CameraRecord


def recorded_picture(dataset: Path, number: int, seconds: float, camera: str) -> Photo:
    """The newest picture at `seconds` after the episode's first row.

    Raises:
        DatasetError: No such episode, or it is over by then.
        UnknownNameError: No such camera.
    """
    opened = open_dataset(dataset)
    episode = open_episode(opened, number)
    times_s = (episode.time_ns - episode.time_ns[0]) / 1e9
    if seconds > times_s[-1] + 1.0 / episode.metadata.control_rate_hz:
        raise DatasetError(
            f"episode {number} of {dataset} lasts {times_s[-1]:.2f} s; there is nothing at {seconds:g} s"
        )
    row = int(np.searchsorted(times_s, seconds + 1e-9, side="right")) - 1
    image = episode.frame(camera, int(episode.frame_of_rows(camera)[row]))
    record = episode.metadata.cameras[camera]
    pose = _pose(episode, record, row, embodiment_of(opened))
    view = View(image, None, _intrinsics(record), pose, camera)
    return Photo(view, view.width, view.height)


def _intrinsics(record: "CameraRecord") -> Intrinsics | None:
    if record.intrinsics is None:
        return None
    (fx, _, cx), (_, fy, cy), _ = record.intrinsics
    return Intrinsics(fx, fy, cx, cy, record.width, record.height)


def _pose(episode: "Episode", record: "CameraRecord", row: int, embodiment: Embodiment | None) -> Pose | None:
    """camera_in_world, if the place of the camera and of what carries it are known."""
    if record.extrinsics is None:
        return None
    matrix = np.array(record.extrinsics)
    camera_in_mount = Pose.from_matrix(matrix[:3, :3], matrix[:3, 3])
    if record.mount == "world":
        return camera_in_mount
    if embodiment is None:
        return None
    from robotics.kinematics.sensors import SensorKinematics

    kinematics = SensorKinematics(embodiment)
    kinematics.set_position(episode.position[row])
    positions, rotations = kinematics.tools()
    arm = embodiment.arm.index(embodiment.get_arm(record.mount))
    return Pose.from_matrix(rotations[arm], positions[arm]).compose(camera_in_mount)
