"""Gives answers in the image a place in space, where the view has depth and intrinsics."""

import dataclasses
import math

import numpy as np

from robotics.pinhole import Intrinsics
from robotics.pose import Pose, matrix_to_quaternion
from robotics.reasoning.answers import Frame, Grasp, Point, Quaternion, Trajectory, Vector
from robotics.reasoning.frames import best_frame, frame_in_camera
from robotics.reasoning.reasoner import GripperShape
from robotics.reasoning.view import View

REACH = 2
"""Where a pixel has no depth, that of its neighbours within so many pixels is taken."""
TABLE_CLEARANCE = 0.008
"""Of the fingertips of a grasp from above [m]."""


def depth_at(view: View, column: float, row: float) -> float | None:
    """Along the optical axis [m]; None where neither the pixel nor its neighbours have any."""
    if view.depth is None:
        return None
    x = min(int(column), view.width - 1)
    y = min(int(row), view.height - 1)
    if np.isfinite(here := float(view.depth[y, x])) and here > 0:
        return here
    around = view.depth[max(y - REACH, 0) : y + REACH + 1, max(x - REACH, 0) : x + REACH + 1]
    known = around[np.isfinite(around) & (around > 0)]
    return float(np.median(known)) if known.size else None


def place_at(view: View, column: float, row: float) -> tuple[Vector | None, Frame]:
    """Position of the surface under a pixel [m] and its frame: the world where the camera's place is known,
    else level to the camera. None without depth there or without intrinsics."""
    frame = best_frame(view.camera_in_world)
    depth = depth_at(view, column, row)
    if depth is None or view.intrinsics is None:
        return None, frame
    camera_in_frame = frame_in_camera(frame, view.camera_in_world).inverse()
    ray = _ray(view.intrinsics, column, row)
    return _vector(camera_in_frame.apply(ray * depth)), frame


def lift_point(point: Point, view: View) -> Point:
    """With the position of the surface under it, where that is known."""
    position, frame = place_at(view, point.column, point.row)
    return dataclasses.replace(point, position=position, frame=frame)


def lift_trajectory(trajectory: Trajectory, view: View) -> Trajectory:
    """With the positions of the surfaces under its waypoints, where they are known."""
    return dataclasses.replace(
        trajectory, waypoints=tuple(lift_point(point, view) for point in trajectory.waypoints)
    )


def lift_grasp(grasp: Grasp, view: View, gripper: GripperShape | None) -> Grasp:
    """A grasp in the image as a grasp from straight above, where the surface under it is known.

    The fingertips go half a finger's length below that surface, but not to the table of a calibrated view;
    the gripper comes as wide open as it can. Without extrinsics the camera is taken to be level.
    """
    gripper = gripper or GripperShape()
    surface, frame = place_at(view, grasp.column, grasp.row)
    if surface is None or view.intrinsics is None:
        return dataclasses.replace(grasp, opening=gripper.opening)
    frame_of_camera = frame_in_camera(frame, view.camera_in_world).inverse()
    closing = _closing_direction(grasp, view.intrinsics, frame_of_camera, surface[2])
    if closing is None:
        return dataclasses.replace(grasp, position=surface, frame=frame, opening=gripper.opening)
    height = surface[2] - gripper.finger_length / 2
    if frame is Frame.WORLD:
        height = max(height, TABLE_CLEARANCE)
    down = np.array([0.0, 0.0, -1.0])
    rotation = np.column_stack([np.cross(closing, down), closing, down])
    return dataclasses.replace(
        grasp,
        position=(surface[0], surface[1], height),
        rotation=_quaternion(matrix_to_quaternion(rotation)),
        opening=gripper.opening,
        frame=frame,
    )


def _closing_direction(
    grasp: Grasp, k: Intrinsics, camera_in_frame: Pose, height: float
) -> np.ndarray | None:
    """Horizontal unit vector (3,) whose picture is the grasp's line, at `height` [m]; None where the camera
    does not look at that plane."""
    ends = []
    for sign in (-1, 1):
        column = grasp.column + sign * math.cos(grasp.angle)
        row = grasp.row + sign * math.sin(grasp.angle)
        ray = camera_in_frame.rotation @ _ray(k, column, row)
        way = (height - camera_in_frame.position[2]) / ray[2] if abs(ray[2]) > 1e-6 else -1.0
        if way <= 0:
            return None
        ends.append(camera_in_frame.position + way * ray)
    line = ends[1] - ends[0]
    line[2] = 0.0
    return line / np.linalg.norm(line)


def _ray(k: Intrinsics, column: float, row: float) -> np.ndarray:
    """Direction (3,) in the camera's frame of a pixel, one metre deep."""
    return np.array([(column - k.cx) / k.fx, (row - k.cy) / k.fy, 1.0])


def _vector(values: np.ndarray) -> Vector:
    x, y, z = values.tolist()
    return x, y, z


def _quaternion(values: np.ndarray) -> Quaternion:
    w, x, y, z = values.tolist()
    return w, x, y, z
