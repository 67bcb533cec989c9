"""An episode on its way: frames and ticks go to a staging folder, which at last becomes a zarr group."""

import hashlib
import os
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from demonstrations.arrays import frames_json, group_json, json_bytes, write_array
from demonstrations.depth import depth_json, encode_depth
from demonstrations.durable import FileLock, replace_file, sync_path, write_all
from demonstrations.journal import frame_record
from demonstrations.jpeg import encode_jpeg
from demonstrations.schema import CameraFormat, DatasetDescription, EpisodeMetadata
from demonstrations.shards import ShardWriter
from robotics.errors import DatasetError
from robotics.observation import CameraFrame

JOURNAL = "journal"
DEPTH_JOURNAL = ".depth.bin"
"""After a camera's name: where its depth pictures stand."""

_SYNC_BYTES = 200_000
"""Of ticks, about 5 s of two arms: so much of an episode in work may a power loss cost."""


class StagedEpisode:
    """The files of one episode that is being recorded; used by one thread at a time.

    Its zarr.json says `complete: false` until `finish`; the lock beside it tells recovery that the
    recording program is alive.
    """

    def __init__(self, path: Path, description: DatasetDescription, metadata: EpisodeMetadata):
        self.path = path
        self._description = description
        self._lock = FileLock(path.with_suffix(".lock"))
        self._lock.acquire()
        journal = path / JOURNAL
        journal.mkdir(parents=True)
        replace_file(path / "zarr.json", group_json({**metadata.to_attributes(), "complete": False}))
        self._journals = {
            name: os.open(journal / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            for name in ("rows.bin", "events.jsonl", *(f"{c}.bin" for c in description.camera_names))
        }
        self._shards = {
            name: ShardWriter(path / "images" / name, description.shard_frames)
            for name in description.camera_names
        }
        self._depth: dict[str, ShardWriter] = {}
        self._times: dict[str, list[int]] = {name: [] for name in description.camera_names}
        self._unsynced_bytes = 0
        for folder in (journal, path, path.parent):
            sync_path(folder)

    def write_rows(self, records: bytes) -> None:
        """Append whole tick records."""
        write_all(self._journals["rows.bin"], records)
        self._unsynced_bytes += len(records)
        if self._unsynced_bytes > _SYNC_BYTES:
            self._unsynced_bytes = 0
            for journal in self._journals.values():
                os.fdatasync(journal)

    def write_event(self, line: bytes) -> None:
        write_all(self._journals["events.jsonl"], line)

    def write_frame(self, camera: str, frame: CameraFrame) -> int:
        """Encode and append one frame, averaged down to the stored size; returns its bytes."""
        stored = self._description.get_camera(camera)
        image = frame.image
        if image.shape[:2] != (stored.height, stored.width):
            image = cv2.resize(image, (stored.width, stored.height), interpolation=cv2.INTER_AREA)
        offset, size = self._shards[camera].append(encode_jpeg(image, self._description.jpeg_quality))
        write_all(self._journals[f"{camera}.bin"], frame_record(frame.capture_time_ns, offset, size))
        if frame.depth is not None and not self._times[camera]:
            self._begin_depth(camera)
        if camera in self._depth:
            size += self._write_depth(camera, frame)
        self._times[camera].append(frame.capture_time_ns)
        return size

    def _begin_depth(self, camera: str) -> None:
        """The first picture of a camera decides whether its depth is kept in this episode."""
        name = f"{camera}{DEPTH_JOURNAL}"
        path = self.path / JOURNAL / name
        self._depth[camera] = ShardWriter(self.path / "depth" / camera, self._description.shard_frames)
        self._journals[name] = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def _write_depth(self, camera: str, frame: CameraFrame) -> int:
        """One depth picture for each picture: all unknown where there is none; returns its bytes."""
        stored = self._description.get_camera(camera)
        depth = (
            frame.depth if frame.depth is not None else np.zeros((stored.height, stored.width), np.float32)
        )
        if depth.shape != (stored.height, stored.width):
            # a mean over an edge would be a surface where there is none
            depth = cv2.resize(depth, (stored.width, stored.height), interpolation=cv2.INTER_NEAREST)
        offset, size = self._depth[camera].append(encode_depth(depth))
        record = frame_record(frame.capture_time_ns, offset, size)
        write_all(self._journals[f"{camera}{DEPTH_JOURNAL}"], record)
        return size

    def finish(self, rows: np.ndarray, metadata: EpisodeMetadata) -> EpisodeMetadata:
        """Turn the folder into a complete zarr group; returns the metadata with frame counts filled in.

        Args:
            rows: Every tick, records of `row_dtype`, shape (length,).
            metadata: All but length and frame counts.
        """
        for shards in (*self._shards.values(), *self._depth.values()):
            shards.finish()
        metadata = finish_group(
            self.path,
            self._description,
            rows,
            {name: np.array(times, np.int64) for name, times in self._times.items()},
            {name: shards.checksums for name, shards in self._shards.items()},
            metadata=metadata,
            depth_checksums={name: shards.checksums for name, shards in self._depth.items()},
        )
        self._close()
        shutil.rmtree(self.path / JOURNAL)
        return metadata

    def discard(self) -> None:
        """Remove every file."""
        self._close()
        shutil.rmtree(self.path, ignore_errors=True)
        self.release()

    def abandon(self) -> None:
        """Leave the files for recovery."""
        self._close()
        self.release()

    def release(self) -> None:
        """Give the lock back, once the folder has moved or is left to recovery."""
        if not self.path.exists():
            self._lock.path.unlink(missing_ok=True)
        self._lock.release()

    def _close(self) -> None:
        for shards in (*self._shards.values(), *self._depth.values()):
            shards.abandon()
        while self._journals:
            os.close(self._journals.popitem()[1])


def check_frame(frame: CameraFrame, stored: CameraFormat) -> None:
    """Refuse a frame that cannot be stored as its camera's dataset format says.

    Raises:
        DatasetError: Its image is smaller, of another aspect, or no uint8 RGB; its depth is not of its size.
    """
    check_image(frame.image, stored)
    if frame.depth is not None and frame.depth.shape != frame.image.shape[:2]:
        raise DatasetError(
            f"camera '{stored.name}': wanted depth of the picture's size {frame.image.shape[:2]}, "
            f"got {frame.depth.shape}"
        )


def check_image(image: np.ndarray, stored: CameraFormat) -> None:
    """Refuse an image that cannot be stored as its camera's dataset format says.

    Raises:
        DatasetError: It is smaller, of another aspect, or no uint8 RGB image.
    """
    height, width = stored.height, stored.width
    if image.shape == (height, width, 3) and image.dtype == np.uint8:
        return
    is_rgb = image.ndim == 3 and image.shape[2] == 3 and image.dtype == np.uint8
    if is_rgb and image.shape[0] >= height and image.shape[1] >= width:
        skew = abs(image.shape[0] * width - image.shape[1] * height)
        if skew <= max(image.shape):
            return
    raise DatasetError(
        f"camera '{stored.name}': wanted uint8 ({height}, {width}, 3), or larger of the same aspect; "
        f"got {image.dtype} {image.shape}"
    )


def finish_group(
    path: Path,
    description: DatasetDescription,
    rows: np.ndarray,
    frame_times: Mapping[str, np.ndarray],
    shard_checksums: Mapping[str, Mapping[str, str]],
    *,
    metadata: EpisodeMetadata,
    depth_checksums: Mapping[str, Mapping[str, str]] | None = None,
) -> EpisodeMetadata:
    """Write every array and, last of all and after everything else is on disk, the completed zarr.json."""
    cameras = {
        name: replace(metadata.cameras[name], frames=len(times), rate_hz=_rate_hz(times))
        for name, times in frame_times.items()
    }
    missing = int(rows["tick"][-1] - rows["tick"][0]) + 1 - len(rows)
    metadata = replace(metadata, length=len(rows), cameras=cameras, missing_ticks=missing)
    checksums: dict[str, str] = {}

    def put_array(name: str, array: np.ndarray) -> None:
        digests = write_array(path / name, array)
        checksums.update({f"{name}/{file}": digest for file, digest in digests.items()})

    def put_json(name: str, data: bytes) -> None:
        target = path / name / "zarr.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        checksums[f"{name}/zarr.json"] = hashlib.sha256(data).hexdigest()

    for group in ("state", "images", "image_time_ns"):
        put_json(group, group_json({}))
    for name in rows.dtype.names or ():
        if name != "crc":
            put_array(f"state/{name}", rows[name])
    for name, times in frame_times.items():
        stored = cameras[name]
        put_array(f"image_time_ns/{name}", times)
        size = (stored.height, stored.width, stored.shard_frames)
        put_json(f"images/{name}", frames_json(len(times), *size, description.codec))
        checksums.update({f"images/{name}/{file}": d for file, d in shard_checksums[name].items()})
    if depth_checksums:
        put_json("depth", group_json({}))
    for name, shards in (depth_checksums or {}).items():
        stored = cameras[name]
        size = (stored.height, stored.width, stored.shard_frames)
        put_json(f"depth/{name}", depth_json(len(frame_times[name]), *size))
        checksums.update({f"depth/{name}/{file}": digest for file, digest in shards.items()})
    attributes = metadata.to_attributes()
    attributes["checksums"] = {"files": checksums, "episode": episode_checksum(attributes, checksums)}
    _sync_tree(path)
    replace_file(path / "zarr.json", group_json({**attributes, "complete": True}))
    return metadata


def _rate_hz(times: np.ndarray) -> float | None:
    span_ns = int(times[-1] - times[0]) if len(times) > 1 else 0
    return round((len(times) - 1) * 1e9 / span_ns, 3) if span_ns > 0 else None


def episode_checksum(attributes: Mapping[str, object], files: Mapping[str, str]) -> str:
    """SHA-256 of an episode: its attributes (but checksums and commit marker) and its files' digests."""
    plain = {key: value for key, value in attributes.items() if key not in ("checksums", "complete")}
    return hashlib.sha256(json_bytes(plain) + json_bytes(files)).hexdigest()


def _sync_tree(path: Path) -> None:
    paths = [path]
    for folder in path.iterdir():
        if folder.is_dir() and folder.name != JOURNAL:
            paths += [folder, *folder.rglob("*")]
    with ThreadPoolExecutor(8) as pool:  # a file system syncs several files nearly as fast as one
        list(pool.map(sync_path, paths))
