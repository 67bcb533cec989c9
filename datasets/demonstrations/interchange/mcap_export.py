"""Writes MCAP for Foxglove: one file an episode, every message at its robot time."""

import base64
import heapq
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from demonstrations.episode import Episode
from demonstrations.interchange.foxglove_schemas import (
    CAMERA_CALIBRATION,
    COMPRESSED_IMAGE,
    JOINT_STATE,
    LEVEL_ERROR,
    LEVEL_INFO,
    LEVEL_WARNING,
    LOG,
    TICK,
    foxglove_time,
    joint_state,
)
from demonstrations.interchange.pictures import shown_jpegs
from demonstrations.interchange.requirements import need
from demonstrations.interchange.selection import ExportOptions, Selection, attributes_json
from demonstrations.journal import MODES
from robotics.errors import DatasetError
from robotics.session import EventKind

_TARGETS = ("requested", "applied", "intended")
_LEVELS = {
    EventKind.GUARD: LEVEL_WARNING,
    EventKind.STARVED: LEVEL_WARNING,
    EventKind.STOP: LEVEL_ERROR,
    EventKind.FAULT: LEVEL_ERROR,
}
_READ_AT_ONCE = 32

Message = tuple[int, str, dict[str, Any], dict[str, Any]]
"""Robot time [ns], topic, schema, content."""


def estimate_bytes(selection: Selection, options: ExportOptions) -> int:
    """JPEGs as base64, a bit more than they are, and the ticks."""
    frames = sum(selection.dataset.entries[i].frames for i in selection.indices)
    pixels = selection.frame_bytes(options) // max(1, len(selection.cameras))
    return frames * pixels // 6 + selection.ticks * 1000


def write(
    selection: Selection, out: Path, options: ExportOptions, progress: Callable[[int, int], None]
) -> None:
    """Write episode_000000.mcap, ... into the folder `out`, numbered as in the dataset; every tick is kept.

    Raises:
        MissingPackageError: mcap is not installed.
        DatasetError: A rate or a size was asked for: MCAP keeps all as recorded.
    """
    need("mcap.writer")
    if options.rate_hz is not None or options.size is not None:
        raise DatasetError("mcap keeps every tick and frame as recorded; leave the rate and the size out")
    for done, episode in enumerate(selection, 1):
        _write_episode(out / f"episode_{episode.number:06d}.mcap", selection, episode)
        progress(done, len(selection))


def _write_episode(path: Path, selection: Selection, episode: Episode) -> None:
    with path.open("wb") as file:
        writer = need("mcap.writer").Writer(file)
        writer.start(profile="", library="robotics")
        schemas: dict[str, int] = {}
        channels: dict[str, int] = {}
        names = selection.dataset.description.action_names
        messages = heapq.merge(
            _ticks(episode, names),
            _events(episode),
            *(_frames(episode, camera) for camera in episode.cameras),
            key=lambda message: message[0],
        )
        for sequence, (time_ns, topic, schema, content) in enumerate(messages):
            title = schema["title"]
            if title not in schemas:
                schemas[title] = writer.register_schema(title, "jsonschema", json.dumps(schema).encode())
            if topic not in channels:
                channels[topic] = writer.register_channel(topic, "json", schemas[title])
            writer.add_message(
                channels[topic],
                time_ns,
                json.dumps(content).encode(),
                publish_time=time_ns,
                sequence=sequence,
            )
        metadata = episode.metadata
        plain = {
            "instruction": metadata.instruction,
            "task": metadata.task,
            "success": str(metadata.success),
            "embodiment": metadata.embodiment,
            "recorded_utc": metadata.recorded_utc,
            "checksum": episode.checksum,
        }
        writer.add_metadata("robotics", plain)
        writer.add_attachment(0, 0, "attributes.json", "application/json", attributes_json(episode).encode())
        writer.finish()


def _ticks(episode: Episode, names: tuple[str, ...]) -> Iterator[Message]:
    state = episode.state
    for row, time in enumerate(episode.time_ns):
        time_ns = int(time)
        moved = joint_state(time_ns, names, episode.position[row].tolist(), episode.velocity[row].tolist())
        yield time_ns, "/joint_states", JOINT_STATE, moved
        for target in _TARGETS:
            wanted = joint_state(time_ns, names, state[target][row].tolist(), [])
            yield time_ns, f"/target/{target}", JOINT_STATE, wanted
        progress = float(state["progress"][row])
        tick = {
            "tick": int(episode.tick[row]),
            "mode": MODES[state["mode"][row]].value,
            "progress": None if math.isnan(progress) else progress,
            "plan_steps": int(state["plan_steps"][row]),
            "chunk_id": int(episode.chunk_id[row]),
        }
        yield time_ns, "/tick", TICK, tick


def _events(episode: Episode) -> Iterator[Message]:
    for event in sorted(episode.metadata.events, key=lambda e: e.time_ns):
        content = {
            "timestamp": foxglove_time(event.time_ns),
            "level": _LEVELS.get(event.kind, LEVEL_INFO),
            "message": f"{event.kind.value}: {event.text}",
            "name": event.kind.value,
            "file": "",
            "line": 0,
        }
        yield event.time_ns, "/events", LOG, content


def _frames(episode: Episode, camera: str) -> Iterator[Message]:
    record, times = episode.metadata.cameras[camera], episode.image_time_ns(camera)
    if len(times) and record.intrinsics is not None:
        content = _calibration(episode, camera, int(times[0]))
        yield int(times[0]), f"/camera/{camera}/calibration", CAMERA_CALIBRATION, content
    for start in range(0, len(times), _READ_AT_ONCE):
        frames = range(start, min(start + _READ_AT_ONCE, len(times)))
        jpegs = shown_jpegs(episode, camera, np.array(frames), None)
        for frame, jpeg in zip(frames, jpegs, strict=True):
            time_ns = int(times[frame])
            content = {
                "timestamp": foxglove_time(time_ns),
                "frame_id": camera,
                "data": base64.b64encode(jpeg).decode(),
                "format": "jpeg",
            }
            yield time_ns, f"/camera/{camera}", COMPRESSED_IMAGE, content


def _calibration(episode: Episode, camera: str, time_ns: int) -> dict[str, Any]:
    record = episode.metadata.cameras[camera]
    k = [value for row in record.intrinsics or () for value in row]
    return {
        "timestamp": foxglove_time(time_ns),
        "frame_id": camera,
        "width": record.width,
        "height": record.height,
        "distortion_model": "",
        "D": [],
        "K": k,
        "R": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        "P": [*k[0:3], 0.0, *k[3:6], 0.0, *k[6:9], 0.0],
    }
