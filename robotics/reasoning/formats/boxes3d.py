"""3D boxes as text: `[{"box_3d": [xc, yc, zc, xs, ys, zs, roll, pitch, yaw], "label": "red mug"}]`.

Metres and degrees in the camera's frame with x right, y forward, z up (`robotics.reasoning.frames`). The box
is turned about the frame's x by roll, then about its y by pitch, then about its z by yaw.
"""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from robotics.errors import shorten
from robotics.pose import Pose, matrix_to_quaternion
from robotics.reasoning.answers import Box3D, Quaternion, Vector
from robotics.reasoning.errors import AnswerFormatError
from robotics.reasoning.formats.extract import extract_items
from robotics.reasoning.formats.parsed import Parsed, Repair
from robotics.reasoning.formats.points import fence
from robotics.reasoning.formats.scale import read_key, read_label, read_numbers
from robotics.reasoning.frames import TEXT_IN_CAMERA, best_frame, frame_in_camera

FARTHEST = 100.0
"""Of a centre from the camera, and the largest extent [m]; more is no answer about a robot's surroundings."""


def write_boxes3d(boxes: Iterable[Box3D], camera_in_world: Pose | None = None) -> str:
    """As a model would: millimetres and tenths of a degree.

    Raises:
        MissingInputError: A box in the world, and the camera's place there is unknown.
    """
    return fence({"box_3d": _write_numbers(box, camera_in_world), "label": box.label} for box in boxes)


def parse_boxes3d(text: str, camera_in_world: Pose | None = None) -> Parsed[Box3D]:
    """Boxes in the world where the camera's place is known, else in its level frame.

    Raises:
        AnswerFormatError: Not a list of boxes, or one is behind the camera, too far, or without extent.
    """
    extracted = extract_items(text, "box_3d")
    repairs = set(extracted.repairs)
    boxes = tuple(_read_box(item, camera_in_world, text, repairs) for item in extracted.items)
    return Parsed(boxes, frozenset(repairs))


def euler_to_matrix(roll: float, pitch: float, yaw: float) -> np.ndarray:
    """Rotation (3, 3) of turns [rad] about the fixed x, then y, then z."""
    (sr, sp, sy), (cr, cp, cy) = np.sin([roll, pitch, yaw]), np.cos([roll, pitch, yaw])
    return np.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ]
    )


def matrix_to_euler(rotation: np.ndarray) -> tuple[float, float, float]:
    """Roll, pitch, yaw [rad] of a rotation (3, 3); yaw is 0 where only its sum with roll is known."""
    across = math.hypot(rotation[2, 1], rotation[2, 2])
    pitch = math.atan2(-rotation[2, 0], across)
    if across > 1e-6:
        return (
            math.atan2(rotation[2, 1], rotation[2, 2]),
            pitch,
            math.atan2(rotation[1, 0], rotation[0, 0]),
        )
    return math.atan2(-rotation[1, 2], rotation[1, 1]), pitch, 0.0


def _write_numbers(box: Box3D, camera_in_world: Pose | None) -> list[float]:
    frame_in_text = TEXT_IN_CAMERA.inverse().compose(frame_in_camera(box.frame, camera_in_world))
    inner = frame_in_text.compose(Pose(np.array(box.center), np.array(box.rotation)))
    degrees = [math.degrees(angle) for angle in matrix_to_euler(inner.rotation)]
    metres = [*inner.position.tolist(), *box.size]
    return [round(m, 3) + 0.0 for m in metres] + [round(d, 1) + 0.0 for d in degrees]


def _read_box(item: dict[str, Any], camera_in_world: Pose | None, text: str, repairs: set[Repair]) -> Box3D:
    values = read_key(item, "box_3d", text)
    numbers = [float(n) for n in read_numbers(values, 9, text, repairs)]
    center, size, degrees = numbers[:3], numbers[3:6], numbers[6:]
    got = shorten(repr(values))
    if not all(0 < extent <= FARTHEST for extent in size):
        raise AnswerFormatError(f"wanted extents within 0..{FARTHEST:g} m, got {got}", text)
    if math.dist(center, (0, 0, 0)) > FARTHEST or center[1] <= 0:
        raise AnswerFormatError(f"wanted a centre within {FARTHEST:g} m before the camera, got {got}", text)
    if not all(abs(angle) <= 360 for angle in degrees):
        raise AnswerFormatError(f"wanted angles within -360..360 degrees, got {got}", text)
    frame = best_frame(camera_in_world)
    text_in_frame = frame_in_camera(frame, camera_in_world).inverse().compose(TEXT_IN_CAMERA)
    turned = text_in_frame.rotation @ euler_to_matrix(*np.radians(degrees))
    return Box3D(
        _vector(text_in_frame.apply(np.array(center))),
        _vector(np.array(size)),
        _quaternion(turned),
        frame,
        read_label(item, text),
    )


def _vector(values: np.ndarray) -> Vector:
    x, y, z = values.tolist()
    return x, y, z


def _quaternion(rotation: np.ndarray) -> Quaternion:
    w, x, y, z = matrix_to_quaternion(rotation).tolist()
    return w, x, y, z
