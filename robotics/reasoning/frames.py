"""Turns boxes and points from one of the frames of answers into another.

`Frame.CAMERA` has OpenCV's axes (x right, y down, z forward), `Frame.LEVEL` x right, y away, z up against
gravity. The text frame of Gemini's 3D boxes (x right, y forward along the optical axis, z up in the picture)
is fixed to the camera: it is LEVEL only where the camera is level, or is taken to be.
"""

import numpy as np

from robotics.pose import Pose
from robotics.reasoning.answers import Frame
from robotics.reasoning.errors import MissingInputError
from robotics.reasoning.spatial.placed import level_in_world

TEXT_IN_CAMERA = Pose.from_matrix(np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]]), np.zeros(3))
"""The text frame's axes are the camera's x, z and -y."""


def level_in_camera(camera_in_world: Pose | None) -> Pose:
    """The level frame of a camera (`spatial.level_in_world`); with unknown gravity that of a level camera."""
    if camera_in_world is None:
        return TEXT_IN_CAMERA
    level = level_in_world(camera_in_world)
    return Pose.from_matrix(camera_in_world.rotation.T @ level.rotation, np.zeros(3))


def frame_in_camera(frame: Frame, camera_in_world: Pose | None) -> Pose:
    """Pose of a frame of answers in the camera's.

    Raises:
        MissingInputError: The world of a camera whose place in it is unknown.
    """
    if frame is Frame.CAMERA:
        return Pose.identity()
    if frame is Frame.LEVEL:
        return level_in_camera(camera_in_world)
    if camera_in_world is None:
        raise MissingInputError("the world frame needs the camera's place in the world (camera_in_world)")
    return camera_in_world.inverse()


def best_frame(camera_in_world: Pose | None) -> Frame:
    """The world where the camera's place in it is known, else level to the camera."""
    return Frame.LEVEL if camera_in_world is None else Frame.WORLD
