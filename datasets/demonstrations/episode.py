"""One committed episode: its metadata, its ticks as arrays in memory, its camera frames on demand."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from demonstrations.arrays import read_array
from demonstrations.jpeg import decode_jpeg
from demonstrations.schema import CameraRecord, EpisodeMetadata
from demonstrations.shards import ShardReader
from demonstrations.video import VideoReader
from robotics.errors import DatasetError, UnknownNameError


class StateArrays(Mapping[str, np.ndarray]):
    """The state arrays of an episode by name, each loaded when first asked for; read-only.

    Asking raises UnknownNameError where there is no such array, and DatasetError where it is damaged or
    has another length than the episode.
    """

    def __init__(self, path: Path, length: int, names: Sequence[str]):
        self._path = path
        self._length = length
        self._names = names
        self._loaded: dict[str, np.ndarray] = {}

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._loaded:
            if name not in self:
                raise UnknownNameError("state array", name, self, owner=self._path.name)
            array = read_array(self._path / "state" / name)
            if len(array) != self._length:
                raise DatasetError(
                    f"{self._path.name}: state/{name} has {len(array)} rows, the episode {self._length}"
                )
            self._loaded[name] = array
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Episode:
    """Read access to an episode folder; arrays are loaded when first asked for and are read-only.

    Row i of every state array is control tick i: the state at the start of the tick, and the target
    that was requested and applied at that tick.

    Raises:
        DatasetError: There is no episode, it was never committed, or its lengths disagree.
    """

    def __init__(self, path: Path, number: int = 0):
        self.path = path
        self.number = number
        self.attributes = read_attributes(path)
        if self.attributes.get("complete") is not True:
            raise DatasetError(f"{path} was never committed (no commit marker)")
        self.metadata = EpisodeMetadata.from_attributes(self.attributes, str(path))
        self._readers: dict[str, ShardReader] = {}
        self._videos: dict[str, VideoReader] = {}
        self._times: dict[str, np.ndarray] = {}
        self.state: Mapping[str, np.ndarray] = StateArrays(path, len(self), _state_names(self.attributes))

    def __len__(self) -> int:
        return self.metadata.length

    @property
    def checksum(self) -> str:
        """SHA-256 of the episode's content, as it was committed."""
        return self.attributes["checksums"]["episode"]

    @property
    def cameras(self) -> tuple[str, ...]:
        return tuple(self.metadata.cameras)

    @cached_property
    def tick(self) -> np.ndarray:
        """Control ticks since the clock started, int64 (length,)."""
        return self.state["tick"]

    @cached_property
    def time_ns(self) -> np.ndarray:
        """Robot time of each tick [ns], int64 (length,)."""
        return self.state["time_ns"]

    @cached_property
    def position(self) -> np.ndarray:
        """Measured joints, float64 (length, action_dim), embodiment units."""
        return self.state["position"]

    @cached_property
    def velocity(self) -> np.ndarray:
        """Measured, float64 (length, action_dim) [1/s]."""
        return self.state["velocity"]

    @cached_property
    def target(self) -> np.ndarray:
        """In force before each tick, float64 (length, action_dim)."""
        return self.state["target"]

    @cached_property
    def requested(self) -> np.ndarray:
        """What the plan asked for at each tick, float64 (length, action_dim)."""
        return self.state["requested"]

    @cached_property
    def applied(self) -> np.ndarray:
        """What the guard let through at each tick, float64 (length, action_dim)."""
        return self.state["applied"]

    @cached_property
    def intended(self) -> np.ndarray:
        """What the policy wanted without exploration noise, float64 (length, action_dim)."""
        return self.state["intended"]

    @cached_property
    def chunk_id(self) -> np.ndarray:
        """The chunk behind `requested`, int64 (length,); 0 where none."""
        return self.state["chunk_id"]

    def image_time_ns(self, camera: str) -> np.ndarray:
        """Capture times of a camera's frames [ns], int64 (frames,)."""
        record = self._camera(camera)
        if camera not in self._times:
            times = read_array(self.path / "image_time_ns" / camera)
            if len(times) != record.frames:
                raise DatasetError(
                    f"{self.path.name}: camera '{camera}' has {record.frames} frames, {len(times)} times"
                )
            self._times[camera] = times
        return self._times[camera]

    def frame(self, camera: str, frame: int, size: tuple[int, int] | None = None) -> np.ndarray:
        """One frame; see `frames`."""
        return self.frames(camera, [frame], size)[0]

    def frames(
        self, camera: str, indices: Sequence[int] | np.ndarray, size: tuple[int, int] | None = None
    ) -> np.ndarray:
        """Decoded frames, RGB uint8 (len(indices), height, width, 3), of the stored size or of `size`.

        Args:
            size: (height, width) [pixel]; a JPEG is decoded at the next larger 1/2, 1/4, 1/8 where that
                is enough, which is faster, then averaged down.

        Raises:
            UnknownNameError: The camera was not recorded.
            IndexError: There is no such frame.
            DatasetError: A frame is damaged.
        """
        record = self._camera(camera)
        stored = (record.height, record.width)
        height, width = size or stored
        reduction = max(
            r for r in (1, 2, 4, 8) if r == 1 or (height * r <= stored[0] and width * r <= stored[1])
        )
        images = np.empty((len(indices), height, width, 3), np.uint8)
        for i, image in enumerate(self.decode(camera, indices, reduction)):
            fits = image.shape[:2] == (height, width)
            images[i] = image if fits else cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        return images

    def decode(
        self, camera: str, indices: Sequence[int] | np.ndarray, reduction: int = 1
    ) -> Iterator[np.ndarray]:
        """These frames one after the other, RGB uint8 (height, width, 3); errors as in `frames`.

        Args:
            reduction: 1, 2, 4 or 8: each side of a single picture is divided by it, which is faster; a
                video's pictures keep their size.
        """
        if self._camera(camera).encoding == "jpeg":
            return (decode_jpeg(jpeg, reduction) for jpeg in self.jpegs(camera, indices))
        return self._video(camera).read(indices)

    def jpegs(self, camera: str, indices: Sequence[int] | np.ndarray) -> list[bytes]:
        """The stored JPEG files of these frames, undecoded; errors as in `frames`.

        Raises:
            DatasetError: The camera was packed as a video, which has none.
        """
        record = self._camera(camera)
        if record.encoding != "jpeg":
            raise DatasetError(
                f"{self.path.name}: camera '{camera}' is stored as {record.encoding} and has no JPEGs; "
                "read it with frames() or decode()"
            )
        if camera not in self._readers:
            self._readers[camera] = ShardReader(
                self.path / "images" / camera, record.frames, record.shard_frames
            )
        return self._readers[camera].read([int(i) for i in indices])

    def check_frames(self, camera: str) -> None:
        """Look whether every frame of a camera is there, without decoding any.

        Raises:
            DatasetError: Frames are missing or damaged, or their times are.
        """
        frames = len(self.image_time_ns(camera))
        if self._camera(camera).encoding == "jpeg":
            self.jpegs(camera, range(frames))
        else:
            self._video(camera).check()

    def _video(self, camera: str) -> VideoReader:
        record = self._camera(camera)
        if record.encoding != "h264":
            raise DatasetError(
                f"{self.path.name}: camera '{camera}' is stored as '{record.encoding}'; "
                "known here are jpeg and h264; update"
            )
        if camera not in self._videos:
            self._videos[camera] = VideoReader(self.path / "images" / camera, record.frames)
        return self._videos[camera]

    def row_of_frames(self, camera: str) -> np.ndarray:
        """For each frame the row whose tick equals or last precedes its capture, int64 (frames,)."""
        rows = np.searchsorted(self.time_ns, self.image_time_ns(camera), side="right") - 1
        return np.clip(rows, 0, len(self) - 1)

    def frame_of_rows(self, camera: str) -> np.ndarray:
        """For each row the newest frame captured at or before its tick, int64 (length,).

        The first frame where none was captured yet.
        """
        frames = np.searchsorted(self.image_time_ns(camera), self.time_ns, side="right") - 1
        return np.maximum(frames, 0)

    def _camera(self, camera: str) -> CameraRecord:
        if camera not in self.metadata.cameras:
            raise UnknownNameError("camera", camera, self.cameras, owner=self.path.name)
        return self.metadata.cameras[camera]


def _state_names(attributes: Mapping[str, Any]) -> list[str]:
    """From the list of files, which costs no look at the folder."""
    parts = [file.split("/") for file in attributes.get("checksums", {}).get("files", {})]
    return sorted(p[1] for p in parts if len(p) == 3 and p[0] == "state" and p[2] == "zarr.json")


def read_attributes(path: Path) -> dict[str, Any]:
    """The attributes of a zarr group.

    Raises:
        DatasetError: There is none, or it is damaged.
    """
    try:
        return json.loads((path / "zarr.json").read_bytes())["attributes"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{path}: zarr.json is missing or damaged ({error})") from error
