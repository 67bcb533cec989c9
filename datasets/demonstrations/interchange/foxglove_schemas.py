"""JSON schemas of the messages in our MCAP files; names and fields as Foxglove and ROS 2 define them."""

from typing import Any

_TIME = {
    "type": "object",
    "title": "time",
    "properties": {"sec": {"type": "integer"}, "nsec": {"type": "integer"}},
}
_NUMBERS = {"type": "array", "items": {"type": "number"}}
_TEXT = {"type": "string"}
_INTEGER = {"type": "integer"}


def _schema(title: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "type": "object", "properties": properties}


COMPRESSED_IMAGE = _schema(
    "foxglove.CompressedImage",
    {
        "timestamp": _TIME,
        "frame_id": _TEXT,
        "data": {"type": "string", "contentEncoding": "base64"},
        "format": _TEXT,
    },
)
CAMERA_CALIBRATION = _schema(
    "foxglove.CameraCalibration",
    {
        "timestamp": _TIME,
        "frame_id": _TEXT,
        "width": _INTEGER,
        "height": _INTEGER,
        "distortion_model": _TEXT,
        "D": _NUMBERS,
        "K": _NUMBERS,
        "R": _NUMBERS,
        "P": _NUMBERS,
    },
)
LOG = _schema(
    "foxglove.Log",
    {
        "timestamp": _TIME,
        "level": _INTEGER,
        "message": _TEXT,
        "name": _TEXT,
        "file": _TEXT,
        "line": _INTEGER,
    },
)
JOINT_STATE = _schema(
    "sensor_msgs/msg/JointState",
    {
        "header": {
            "type": "object",
            "properties": {
                "stamp": {"type": "object", "properties": {"sec": _INTEGER, "nanosec": _INTEGER}},
                "frame_id": _TEXT,
            },
        },
        "name": {"type": "array", "items": _TEXT},
        "position": _NUMBERS,
        "velocity": _NUMBERS,
        "effort": _NUMBERS,
    },
)
TICK = _schema(
    "robotics.Tick",
    {
        "tick": _INTEGER,
        "mode": _TEXT,
        "progress": {"type": ["number", "null"]},
        "plan_steps": _INTEGER,
        "chunk_id": _INTEGER,
    },
)

LEVEL_INFO, LEVEL_WARNING, LEVEL_ERROR = 2, 3, 4
"""Of foxglove.Log."""


def foxglove_time(time_ns: int) -> dict[str, int]:
    return {"sec": time_ns // 10**9, "nsec": time_ns % 10**9}


def joint_state(
    time_ns: int, names: tuple[str, ...], position: list[float], velocity: list[float]
) -> dict[str, Any]:
    stamp = {"sec": time_ns // 10**9, "nanosec": time_ns % 10**9}
    header = {"stamp": stamp, "frame_id": ""}
    return {"header": header, "name": list(names), "position": position, "velocity": velocity, "effort": []}
