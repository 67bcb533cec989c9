"""Frames decoded once, cropped and resized, in flat files that training maps into memory."""

import json
import shutil
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from demonstrations.arrays import json_bytes
from demonstrations.dataset import DemonstrationDataset
from demonstrations.durable import FileLock, replace_file, storage_errors
from demonstrations.episode import Episode
from demonstrations.jpeg import decode_jpeg
from demonstrations.view import CameraView
from robotics.errors import DatasetError, StorageFullError

CACHE_VERSION = 1

ViewSpec = CameraView | tuple[int, int] | tuple[int, int, tuple[float, float, float, float] | None]
"""A CameraView, or (height, width) or (height, width, crop) for one."""


@dataclass(frozen=True)
class FrameCache:
    """Every `stride`-th frame of an episode's first camera, and what the other cameras showed then.

    Sample i belongs to dataset episode `episode[i]` (an index for `dataset.episode`) and to its state row
    `row[i]`, whose tick equals or last precedes the capture.
    """

    path: Path
    images: Mapping[str, np.ndarray]
    """uint8 (n, height, width, 3) of each camera, memory-mapped, read-only."""
    episode: np.ndarray
    """int64 (n,), ascending."""
    row: np.ndarray
    """int64 (n,), ascending within an episode."""
    time_ns: np.ndarray
    """Capture time of the first camera [ns], int64 (n,)."""

    def __len__(self) -> int:
        return len(self.episode)

    def __reduce__(self) -> tuple[Any, ...]:
        """A worker process maps the files itself; pickling a memory map would copy it."""
        return FrameCache.open, (self.path,)

    @staticmethod
    def build(
        dataset: DemonstrationDataset,
        cameras: Mapping[str, ViewSpec],
        stride: int = 1,
        path: Path | str | None = None,
        *,
        episodes: Sequence[int] | None = None,
        workers: int = 1,
        progress: Callable[[int, int], None] | None = None,
    ) -> "FrameCache":
        """Open the cache at `path`, or make it where dataset, episodes or options have changed.

        Where only the episodes have changed, those that it has are copied and not decoded again.

        Args:
            cameras: The view of each camera; the first camera sets the times.
            stride: Of the first camera's frames, 1 for all of them.
            path: Folder; inside the dataset by default.
            episodes: Indices into the dataset; `dataset.demonstrations()` by default.
            workers: Threads that decode.
            progress: Called after each episode with (episodes done, of how many).

        Raises:
            UnknownNameError: The dataset has no such camera.
            StorageFullError: The frames do not fit on the disk.
            DatasetError: An episode is damaged, a view is wrong, or `path` holds something else.
        """
        if not cameras or stride < 1:
            raise DatasetError(f"wanted at least one camera and stride >= 1, got {[*cameras]} and {stride}")
        views = {name: _view(spec) for name, spec in cameras.items()}
        for name in views:
            dataset.description.get_camera(name)
        chosen = list(dataset.demonstrations() if episodes is None else episodes)
        key = {
            "version": CACHE_VERSION,
            "views": [[name, asdict(view)] for name, view in views.items()],
            "stride": stride,
            "episodes": [[i, dataset.entries[i].checksum] for i in chosen],
        }
        if path is None and not isinstance(dataset.path, Path):
            raise DatasetError(f"{dataset.path} lies in an object store; give the cache a folder on a disk")
        path = Path(path) if path is not None else dataset.path / "cache"
        if _read_key(path) == json.loads(json_bytes(key)):
            return FrameCache.open(path)
        if path.exists() and any(path.iterdir()) and not (path / "cache.json").exists():
            raise DatasetError(f"{path} holds something other than a frame cache; choose another folder")
        building = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}.partial")
        lock = FileLock(path.with_name(f"{path.name}.lock"))
        with storage_errors(f"building the frame cache {path}"):
            path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        try:
            with storage_errors(f"building the frame cache {path}"):
                if _read_key(path) == json.loads(json_bytes(key)):  # another process has built it meanwhile
                    return FrameCache.open(path)
                building.mkdir()
                _check_space(dataset, building, chosen, views, stride)
                known = _find_known(path, key)
                _build(dataset, building, chosen, views, stride, workers, progress, known=known)
                replace_file(building / "cache.json", json_bytes(key))
                shutil.rmtree(path, ignore_errors=True)
                building.rename(path)
        finally:
            shutil.rmtree(building, ignore_errors=True)
            lock.path.unlink(missing_ok=True)
            lock.release()
        return FrameCache.open(path)

    @staticmethod
    def open(path: Path | str) -> "FrameCache":
        """Open an existing cache.

        Raises:
            DatasetError: There is none, or it is damaged.
        """
        path = Path(path)
        key = _read_key(path)
        if key is None:
            raise DatasetError(f"{path} holds no frame cache")
        try:
            index = {name: np.load(path / f"{name}.npy") for name in ("episode", "row", "time_ns")}
            images = {
                name: np.load(path / f"images_{name}.npy", mmap_mode="r" if len(index["row"]) else None)
                for name, _ in key["views"]
            }
        except (OSError, ValueError) as error:
            raise DatasetError(f"{path}: damaged frame cache ({error}); remove it") from error
        return FrameCache(path, images, index["episode"], index["row"], index["time_ns"])


def _view(spec: ViewSpec) -> CameraView:
    if isinstance(spec, CameraView):
        return spec
    return CameraView(spec[0], spec[1], spec[2] if len(spec) == 3 else None)


def _read_key(path: Path) -> Any:
    try:
        key = json.loads((path / "cache.json").read_bytes())
        return key if key.get("version") == CACHE_VERSION else None
    except (OSError, ValueError, AttributeError):
        return None


_Known = Mapping[str, tuple["FrameCache", slice]]
"""By an episode's checksum the cache that has its samples, and which they are."""


def _find_known(path: Path, key: dict[str, Any]) -> _Known:
    """The episodes of an older cache with the same views and stride; none where there is no such cache."""
    old, new = _read_key(path), json.loads(json_bytes(key))
    if old is None or any(old.get(name) != new[name] for name in ("views", "stride")):
        return {}
    try:
        cache = FrameCache.open(path)
    except DatasetError:
        return {}
    counts = dict(zip(*(part.tolist() for part in np.unique(cache.episode, return_counts=True)), strict=True))
    known, end = {}, 0
    for index, checksum in old["episodes"]:
        first, end = end, end + counts.get(index, 0)
        known[checksum] = cache, slice(first, end)
    return known if end == len(cache) else {}  # one that lists an episode twice is not worth the thought


def _samples(episode: Episode, views: Mapping[str, CameraView], stride: int) -> dict[str, np.ndarray]:
    """For each camera the frames to decode; the newest at or before the first camera's capture."""
    first = next(iter(views))
    times = episode.image_time_ns(first)[::stride]
    frames = {first: np.arange(len(episode.image_time_ns(first)))[::stride]}
    for name in views:
        own = episode.image_time_ns(name)
        if not len(own):
            return {camera: np.zeros(0, np.int64) for camera in views}
        frames[name] = np.maximum(np.searchsorted(own, times, side="right") - 1, 0)
    return frames


def _check_space(
    dataset: DemonstrationDataset,
    folder: Path,
    chosen: Sequence[int],
    views: Mapping[str, CameraView],
    stride: int,
) -> None:
    first = next(iter(views))
    count = sum(len(dataset.episode(i).image_time_ns(first)[::stride]) for i in chosen)
    wanted = count * sum(view.height * view.width * 3 for view in views.values())
    free = shutil.disk_usage(folder).free
    if wanted > free:
        raise StorageFullError(
            f"the frame cache needs {wanted / 1e9:.1f} GB, {folder.parent} has {free / 1e9:.1f} GB free; "
            "use a larger stride or smaller views"
        )


def _build(
    dataset: DemonstrationDataset,
    folder: Path,
    chosen: Sequence[int],
    views: Mapping[str, CameraView],
    stride: int,
    workers: int,
    progress: Callable[[int, int], None] | None,
    *,
    known: _Known,
) -> None:
    """Write images one after the other: a memory map would die by a signal on a full disk."""
    index: dict[str, list[np.ndarray]] = {"episode": [], "row": [], "time_ns": []}
    files: dict[str, BinaryIO] = {}
    try:
        for name, view in views.items():
            files[name] = (folder / f"images_{name}.npy").open("wb")
            _write_header(files[name], 0, view)
        with ThreadPoolExecutor(workers) as pool:
            for done, i in enumerate(chosen, 1):
                if found := known.get(dataset.entries[i].checksum):
                    cache, part = found
                    rows, times_ns = cache.row[part], cache.time_ns[part]
                    for name in views:
                        files[name].write(np.ascontiguousarray(cache.images[name][part]).data)
                else:
                    episode = dataset.episode(i)
                    frames = _samples(episode, views, stride)
                    for name, view in views.items():
                        for image in _decode(episode, name, frames[name], view, pool):
                            files[name].write(np.ascontiguousarray(image).data)
                    first = next(iter(views))
                    rows = episode.row_of_frames(first)[frames[first]]
                    times_ns = episode.image_time_ns(first)[frames[first]]
                index["row"].append(rows)
                index["time_ns"].append(times_ns)
                index["episode"].append(np.full(len(rows), i))
                if progress is not None:
                    progress(done, len(chosen))
        arrays = {name: np.concatenate([np.zeros(0, np.int64), *parts]) for name, parts in index.items()}
        for name, view in views.items():
            files[name].seek(0)
            _write_header(files[name], len(arrays["row"]), view)
    finally:
        for file in files.values():
            file.close()
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array.astype(np.int64))


def _decode(
    episode: Episode, camera: str, frames: np.ndarray, view: CameraView, pool: ThreadPoolExecutor
) -> Iterable[np.ndarray]:
    if episode.metadata.cameras[camera].encoding != "jpeg":
        return map(view.apply, episode.decode(camera, frames))  # a video is decoded from front to back
    return pool.map(lambda jpeg: view.apply(decode_jpeg(jpeg)), episode.jpegs(camera, frames))


def _write_header(file: BinaryIO, count: int, view: CameraView) -> None:
    """A .npy header; numpy pads it so that a later, larger count fits into the same space."""
    shape = (count, view.height, view.width, 3)
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
