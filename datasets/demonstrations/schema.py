"""What dataset.json and an episode's attributes say, as values that are checked when read."""

import json
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from demonstrations.jpeg import DEFAULT_QUALITY
from robotics.errors import DatasetError, UnknownNameError
from robotics.session import Event, EventKind

SCHEMA_VERSION = 1

CODEC_NAME = "robotics.jpeg"
"""Of the zarr codec in jpeg_codec.py; pyproject.toml registers it under this name."""

UNITS = {
    "time": "ns of robot time",
    "position": "rad; grippers 0 closed .. 1 open",
    "velocity": "rad/s; grippers opening/s",
    "images": "RGB uint8",
}


@dataclass(frozen=True)
class CameraFormat:
    """How one camera is stored."""

    name: str
    height: int
    """[pixel]"""
    width: int
    """[pixel]"""
    rate_hz: float
    """Recorded at most so often; the true capture times are stored with the frames."""


@dataclass(frozen=True)
class DatasetDescription:
    """dataset.json: what all episodes of a dataset have in common."""

    embodiment: str
    interface_fingerprint: str
    control_rate_hz: int
    action_names: tuple[str, ...]
    cameras: tuple[CameraFormat, ...]
    jpeg_quality: int = DEFAULT_QUALITY
    shard_frames: int = 50
    """Frames a file, and so the most that a power loss can cost."""
    software_version: str = ""
    created_utc: str = ""
    schema_version: int = SCHEMA_VERSION

    @property
    def camera_names(self) -> tuple[str, ...]:
        return tuple(camera.name for camera in self.cameras)

    def get_camera(self, name: str) -> CameraFormat:
        """The camera of that name.

        Raises:
            UnknownNameError: It is not recorded in this dataset.
        """
        for camera in self.cameras:
            if camera.name == name:
                return camera
        raise UnknownNameError("camera", name, self.camera_names, owner="this dataset")

    @property
    def codec(self) -> dict[str, Any]:
        """The zarr codec of the frames."""
        return {"name": CODEC_NAME, "configuration": {"quality": self.jpeg_quality}}

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "units": UNITS, "codec": self.codec}

    @staticmethod
    def read(path: Path) -> "DatasetDescription":
        """Read dataset.json.

        Raises:
            DatasetError: It is missing, damaged or of a newer schema version.
        """
        try:
            table = json.loads(path.read_bytes())
        except FileNotFoundError as error:
            raise DatasetError(f"{path.parent} is no demonstration dataset: it has no {path.name}") from error
        except (OSError, ValueError) as error:
            raise DatasetError(f"{path} cannot be read: {error}") from error
        check_schema_version(table, str(path))
        try:
            values = {f.name: table[f.name] for f in fields(DatasetDescription)}
            cameras = tuple(CameraFormat(**camera) for camera in values.pop("cameras"))
            return DatasetDescription(
                **{**values, "action_names": tuple(values["action_names"])}, cameras=cameras
            )
        except (KeyError, TypeError) as error:
            raise DatasetError(f"{path}: key missing or of a wrong kind ({error})") from error


def check_schema_version(table: Any, where: str) -> None:
    """Refuse what a newer version of this software wrote.

    Raises:
        DatasetError: The schema version is newer, or there is none.
    """
    version = table.get("schema_version") if isinstance(table, dict) else None
    if not isinstance(version, int):
        raise DatasetError(f"{where}: no schema_version; is it a demonstration dataset?")
    if version > SCHEMA_VERSION:
        raise DatasetError(
            f"{where}: schema version {version} is newer than {SCHEMA_VERSION}, the newest known here; update"
        )


@dataclass(frozen=True)
class EpisodeOutcome:
    """How an episode ended, as a person or the simulation judged it."""

    success: bool | None
    """None where nobody judged."""
    progress: float | None = None
    """0..1."""
    text: str = ""
    """In words, e.g. 'success', 'time limit', 'dropped the cube'."""


@dataclass(frozen=True)
class CameraCalibration:
    """How a camera projects and where it sits; whatever is known."""

    intrinsics: tuple[tuple[float, ...], ...] | None = None
    """3x3 matrix for the stored size [pixel]."""
    extrinsics: tuple[tuple[float, ...], ...] | None = None
    """4x4, camera (OpenCV axes) to `mount`'s frame [m]."""
    mount: str = ""
    """'world', or the name of the arm whose tool carries the camera."""


@dataclass(frozen=True)
class CameraRecord:
    """One camera in one episode."""

    frames: int
    height: int
    width: int
    shard_frames: int
    rate_hz: float | None = None
    """As measured over the episode; None with fewer than two frames."""
    dropped_time_ns: tuple[int, ...] = ()
    """Capture times [ns] of frames that the recorder could not keep up with."""
    intrinsics: tuple[tuple[float, ...], ...] | None = None
    """3x3 matrix for the stored size [pixel], if known."""
    extrinsics: tuple[tuple[float, ...], ...] | None = None
    """4x4, camera (OpenCV axes) to `mount`'s frame [m], if known."""
    mount: str = ""
    """'world', or the name of the arm whose tool carries the camera; '' where unknown."""
    encoding: str = "jpeg"
    """'jpeg', a zarr array of single pictures; 'h264', a packed video."""


@dataclass(frozen=True)
class EpisodeMetadata:
    """An episode's attributes."""

    instruction: str
    length: int
    """Control ticks: rows of every state array."""
    success: bool | None
    progress: float | None
    outcome: str
    embodiment: str
    embodiment_hash: str
    interface_fingerprint: str
    control_rate_hz: int
    cameras: Mapping[str, CameraRecord]
    task: str = ""
    seed: int | None = None
    operator: str = ""
    source: str = ""
    """Name of the policy or teleoperator that moved the robot."""
    clock_id: str = ""
    recorded_utc: str = ""
    software_version: str = ""
    git_commit: str = ""
    missing_ticks: int = 0
    """Control ticks that never reached the recorder; the tick numbers tell where."""
    truncated: bool = False
    """Recovered after a crash: the end is missing."""
    note: str = ""
    derived_from: tuple[str, ...] = ()
    """Checksums of the episodes that this one was edited from; empty for a recording."""
    edit: str = ""
    """What was done to them, e.g. 'trim 12:340'."""
    events: tuple[Event, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Whatever else the recording program wants to keep; JSON values."""

    def to_attributes(self) -> dict[str, Any]:
        events = [event_to_json(event) for event in self.events]
        cameras = {name: asdict(record) for name, record in self.cameras.items()}
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("events", "cameras")}
        return {
            **plain,
            "extra": dict(self.extra),
            "events": events,
            "cameras": cameras,
            "units": UNITS,
            "schema_version": SCHEMA_VERSION,
        }

    @staticmethod
    def from_attributes(attributes: Mapping[str, Any], where: str) -> "EpisodeMetadata":
        """The inverse of `to_attributes`.

        Raises:
            DatasetError: A key is missing or the schema version is newer.
        """
        check_schema_version(attributes, where)
        try:
            values = {f.name: attributes[f.name] for f in fields(EpisodeMetadata) if _is_given(f, attributes)}
            values["derived_from"] = tuple(values.get("derived_from", ()))
            values["events"] = tuple(event_from_json(event) for event in values["events"])
            values["cameras"] = {
                name: CameraRecord(
                    **{
                        **record,
                        "dropped_time_ns": tuple(record["dropped_time_ns"]),
                        "intrinsics": _matrix(record["intrinsics"]),
                        "extrinsics": _matrix(record.get("extrinsics")),
                    }
                )
                for name, record in values["cameras"].items()
            }
            return EpisodeMetadata(**values)
        except (KeyError, TypeError, ValueError) as error:
            raise DatasetError(f"{where}: attribute missing or of a wrong kind ({error})") from error


def _is_given(attribute: Field[Any], attributes: Mapping[str, Any]) -> bool:
    """What came into the schema later may be missing; a recording without it says nothing about it."""
    return attribute.name in attributes or attribute.name not in ("derived_from", "edit")


def _matrix(rows: Any) -> tuple[tuple[float, ...], ...] | None:
    return rows and tuple(map(tuple, rows))


def event_to_json(event: Event) -> dict[str, Any]:
    return {
        "kind": event.kind.value,
        "text": event.text,
        "time_ns": event.time_ns,
        "data": dict(event.data),
    }


def event_from_json(table: Mapping[str, Any]) -> Event:
    return Event(EventKind(table["kind"]), table["text"], table["time_ns"], dict(table["data"]))
