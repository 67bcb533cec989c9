"""Where a photo was taken, read from a JSON file: intrinsics and the camera's place in the world.

    {"intrinsics": {"fx": 210.0, "fy": 210.0, "cx": 160.0, "cy": 120.0, "width": 320, "height": 240},
     "camera_in_world": {"position": [0.0, -0.4, 0.5], "quaternion": [0.3, -0.95, 0.0, 0.0]}}

Pixels; metres; wxyz; OpenCV axes (x right, y down, z forward); world with z up. Either part may be left out.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from robotics.errors import shorten
from robotics.pinhole import Intrinsics
from robotics.pose import Pose
from robotics.reasoning.errors import ImageError

_LARGEST_BYTES = 1 << 20
_INTRINSICS = ("fx", "fy", "cx", "cy", "width", "height")
_POSE = {"position": 3, "quaternion": 4}


@dataclass(frozen=True, eq=False)
class Calibration:
    """What is known about a camera."""

    intrinsics: Intrinsics | None = None
    camera_in_world: Pose | None = None


def read_calibration(path: Path) -> Calibration:
    """
    Raises:
        ImageError: No such file, or it does not hold what the module's page says.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ImageError(f"{path} is no calibration: it has more than {_LARGEST_BYTES} bytes")
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ImageError(f"cannot read calibration {path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ImageError(f"{path} is no JSON: {shorten(str(error))}") from None
    try:
        return decode_calibration(data)
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from None


def decode_calibration(data: Any) -> Calibration:
    """
    Raises:
        ImageError: It is not as the module's page says.
    """
    known = ("intrinsics", "camera_in_world")
    if not isinstance(data, dict) or not data or not set(data) <= set(known):
        got = ", ".join(map(str, data)) if isinstance(data, dict) else type(data).__name__
        raise ImageError(f"a calibration has {' and '.join(known)}, got {shorten(got) or 'nothing'}")
    intrinsics = data.get("intrinsics")
    pose = data.get("camera_in_world")
    return Calibration(
        None if intrinsics is None else _decode_intrinsics(intrinsics),
        None if pose is None else _decode_pose(pose),
    )


def encode_calibration(calibration: Calibration) -> dict[str, Any]:
    """Inverse of `decode_calibration`."""
    data: dict[str, Any] = {}
    if calibration.intrinsics is not None:
        data["intrinsics"] = {name: getattr(calibration.intrinsics, name) for name in _INTRINSICS}
    if calibration.camera_in_world is not None:
        data["camera_in_world"] = {
            name: [float(value) for value in getattr(calibration.camera_in_world, name)] for name in _POSE
        }
    return data


def check_pose(position: np.ndarray, quaternion: np.ndarray) -> Pose:
    """A pose of numbers that came from elsewhere; the quaternion is normalised.

    Raises:
        ImageError: Not finite, or no rotation.
    """
    length = float(np.linalg.norm(quaternion))
    if not (np.isfinite(position).all() and math.isfinite(length) and 0.9 < length < 1.1):
        raise ImageError(
            "camera_in_world wants a finite position [m] and a unit quaternion wxyz, got "
            f"{np.round(position, 4).tolist()} and {np.round(quaternion, 4).tolist()}"
        )
    return Pose(position, quaternion / length)


def check_intrinsics(intrinsics: Intrinsics) -> Intrinsics:
    """
    Raises:
        ImageError: A focal length or size is not above 0, or something is not finite.
    """
    k = intrinsics
    if not (
        all(math.isfinite(value) for value in (k.fx, k.fy, k.cx, k.cy))
        and min(k.fx, k.fy, k.width, k.height) > 0
    ):
        raise ImageError(
            f"intrinsics want fx, fy, width, height above 0 and finite cx, cy, got fx={k.fx:g}, fy={k.fy:g}, "
            f"cx={k.cx:g}, cy={k.cy:g}, {k.width} x {k.height}"
        )
    return intrinsics


def _decode_intrinsics(data: Any) -> Intrinsics:
    if not isinstance(data, dict) or set(data) != set(_INTRINSICS):
        got = ", ".join(map(str, data)) if isinstance(data, dict) else type(data).__name__
        raise ImageError(f"intrinsics have {', '.join(_INTRINSICS)}, got {shorten(got) or 'nothing'}")
    values = [_number(data[name], name) for name in _INTRINSICS]
    if any(value != int(value) for value in values[4:]):
        raise ImageError(f"width and height are whole pixels, got {values[4]:g} x {values[5]:g}")
    fx, fy, cx, cy, width, height = values
    return check_intrinsics(Intrinsics(fx, fy, cx, cy, int(width), int(height)))


def _decode_pose(data: Any) -> Pose:
    if not isinstance(data, dict) or set(data) != set(_POSE):
        got = ", ".join(map(str, data)) if isinstance(data, dict) else type(data).__name__
        raise ImageError(f"camera_in_world has {', '.join(_POSE)}, got {shorten(got) or 'nothing'}")
    parts = []
    for name, length in _POSE.items():
        values = data[name]
        if not isinstance(values, list) or len(values) != length:
            raise ImageError(f"{name} has {length} numbers, got {shorten(repr(values))}")
        parts.append(np.array([_number(value, name) for value in values]))
    return check_pose(*parts)


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e9:
        raise ImageError(f"{name} wants a number, got {shorten(repr(value))}")
    return float(value)
