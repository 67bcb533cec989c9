"""What is written while an episode is still running, so that a crash costs no more than its last moment.

The journal is a folder inside the staged episode: `rows.bin` has one fixed-size record a control tick,
`<camera>.bin` one a frame, `events.jsonl` one line an event. Every record carries its own crc32, because
after a power loss the end of a file may be zeros. Committing an episode replaces the journal by arrays.
"""

import json
import zlib
from pathlib import Path

import numpy as np

from demonstrations.schema import event_from_json, event_to_json
from robotics.session import Event, RobotMode, RobotState

FRAME_RECORD = np.dtype([("time_ns", "<i8"), ("offset", "<u8"), ("size", "<u8"), ("crc", "<u4")])

MODES = tuple(RobotMode)
"""`state/mode` holds indices into this order; new modes are only ever appended."""


def row_dtype(action_dim: int) -> np.dtype:
    """One control tick; the field names are the names of the state arrays, `crc` excepted."""
    vector = ("<f8", (action_dim,))
    return np.dtype(
        [
            ("tick", "<i8"),
            ("time_ns", "<i8"),
            ("position", *vector),
            ("velocity", *vector),
            ("target", *vector),
            ("requested", *vector),
            ("applied", *vector),
            ("intended", *vector),
            ("chunk_id", "<i8"),
            ("plan_steps", "<i4"),
            ("mode", "u1"),
            ("progress", "<f8"),
            ("crc", "<u4"),
        ]
    )


def state_names(action_dim: int = 1) -> tuple[str, ...]:
    """Names of the state arrays."""
    return tuple(name for name in (row_dtype(action_dim).names or ()) if name != "crc")


def state_record(state: RobotState, dtype: np.dtype) -> bytes:
    """One control tick as a record of `row_dtype`."""
    joints = state.joints
    row = np.empty((), dtype)
    row[()] = (
        joints.tick,
        joints.time_ns,
        joints.position,
        joints.velocity,
        joints.target,
        state.requested,
        state.applied,
        state.intended,
        state.chunk_id,
        state.plan_steps,
        MODES.index(state.mode),
        state.task.progress if state.task is not None else np.nan,
        0,
    )
    data = row.tobytes()[:-4]
    return data + zlib.crc32(data).to_bytes(4, "little")


def frame_record(time_ns: int, offset: int, size: int) -> bytes:
    """Where a frame stands in its shard, as a record of FRAME_RECORD."""
    data = np.array((time_ns, offset, size, 0), FRAME_RECORD).tobytes()[:-4]
    return data + zlib.crc32(data).to_bytes(4, "little")


def event_line(event: Event) -> bytes:
    return json.dumps(event_to_json(event)).encode() + b"\n"


def read_records(path: Path, dtype: np.dtype) -> np.ndarray:
    """The whole, undamaged records at the start of a file; shape (records,)."""
    data = path.read_bytes() if path.exists() else b""
    good = 0
    for start in range(0, len(data) - dtype.itemsize + 1, dtype.itemsize):
        record = data[start : start + dtype.itemsize]
        if zlib.crc32(record[:-4]) != int.from_bytes(record[-4:], "little"):
            break
        good += 1
    return np.frombuffer(data, dtype, count=good)


def read_events(path: Path) -> tuple[Event, ...]:
    """The whole events at the start of a file."""
    events: list[Event] = []
    for line in (path.read_bytes() if path.exists() else b"").split(b"\n"):
        try:
            events.append(event_from_json(json.loads(line)))
        except (ValueError, KeyError, TypeError):
            break
    return tuple(events)
