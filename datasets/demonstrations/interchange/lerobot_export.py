"""Writes LeRobot's dataset format v3.0: many episodes a parquet file, many episodes a video."""

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np

from demonstrations.episode import Episode
from demonstrations.interchange.constant_rate_video import ConstantRateVideoWriter
from demonstrations.interchange.feature_statistics import PixelStatistics, value_statistics
from demonstrations.interchange.lerobot_layout import (
    DATA_FILE_MB,
    DATA_PATH,
    EPISODES_PATH,
    FILES_A_CHUNK,
    IMAGES,
    INDEX_FEATURES,
    OWN,
    OWN_ATTRIBUTES,
    OWN_DESCRIPTION,
    OWN_IMAGE_TIME,
    VERSION,
    VIDEO_FILE_MB,
    VIDEO_FILE_S,
    VIDEO_PATH,
    array_feature,
    place,
    video_feature,
)
from demonstrations.interchange.lerobot_tables import DataFiles, write_episodes, write_tasks
from demonstrations.interchange.pictures import shown_frames, shown_images
from demonstrations.interchange.selection import ExportOptions, Selection, attributes_json, chosen_rows
from demonstrations.schema import CameraFormat
from robotics.errors import DatasetError

_SAMPLED_FRAMES = 50
"""Pictures of an episode and camera that its statistics are made of, evenly spread."""


def estimate_bytes(selection: Selection, options: ExportOptions) -> int:
    """More than x264 needs for such pictures at the default quality: a tenth of a byte a pixel."""
    return selection.rows(options) * (selection.frame_bytes(options) // 30 + 1500)


def write(
    selection: Selection, out: Path, options: ExportOptions, progress: Callable[[int, int], None]
) -> None:
    """Write the dataset into the folder `out`.

    Raises:
        DatasetError: The rate is not a whole number, a camera has odd sides, or an episode lacks frames.
        MissingPackageError: pyarrow is not installed.
    """
    description = selection.dataset.description
    fps = _whole_rate(options.rate_hz or description.control_rate_hz)
    cameras = {c.name: _CameraVideos(out, c, fps, options) for c in selection.formats(options)}
    features: dict[str, Any] = {}
    data: DataFiles | None = None
    tasks: dict[str, int] = {}
    episodes: list[dict[str, Any]] = []
    values: dict[str, list[np.ndarray]] = {}
    index = 0
    pool = ThreadPoolExecutor(len(cameras) or 1)  # decoding and encoding hold no lock of Python's
    try:
        for number, episode in enumerate(selection):
            rows = chosen_rows(episode, options.rate_hz)
            task = tasks.setdefault(episode.metadata.instruction, len(tasks))
            columns = _columns(episode, cameras, rows, options)
            columns |= _index_columns(len(rows), fps, number, index, task)
            if data is None:
                features = _features(columns, selection, fps, options)
                data = DataFiles(out, features)
            line: dict[str, Any] = {
                "episode_index": number,
                "tasks": [episode.metadata.instruction],
                "length": len(rows),
                "dataset_from_index": index,
                "dataset_to_index": index + len(rows),
            }
            line |= {f"data/{key}": value for key, value in data.append(columns).items()}
            for part in pool.map(_CameraVideos.append, cameras.values(), repeat(episode), repeat(rows)):
                line |= part
            for name in features:
                if name in columns and not name.startswith(OWN):
                    values.setdefault(name, []).append(columns[name])
                    line |= _flatten(name, value_statistics(columns[name]))
            line |= {"meta/episodes/chunk_index": 0, "meta/episodes/file_index": 0}
            if options.own_columns:
                line[OWN_ATTRIBUTES] = attributes_json(episode)
            episodes.append(line)
            index += len(rows)
            progress(number + 1, len(selection))
    except BaseException:
        pool.shutdown()
        for camera in cameras.values():
            camera.abandon()
        raise
    pool.shutdown()
    for camera in cameras.values():
        camera.close()
    if data is not None:
        data.close()
    statistics = {name: value_statistics(np.concatenate(parts)) for name, parts in values.items()}
    statistics |= {IMAGES + name: camera.pixels.to_lists() for name, camera in cameras.items()}
    write_episodes(out / EPISODES_PATH.format(**place(0)), episodes)
    write_tasks(out / "meta/tasks.parquet", list(tasks))
    _write_json(out / "meta/stats.json", statistics)
    info = {
        "codebase_version": VERSION,
        "robot_type": description.embodiment,
        "total_episodes": len(episodes),
        "total_frames": index,
        "total_tasks": len(tasks),
        "chunks_size": FILES_A_CHUNK,
        "data_files_size_in_mb": DATA_FILE_MB,
        "video_files_size_in_mb": VIDEO_FILE_MB,
        "fps": fps,
        "splits": {"train": f"0:{len(episodes)}"},
        "data_path": DATA_PATH,
        "video_path": VIDEO_PATH if cameras else None,
        "features": features,
    }
    if options.own_columns:
        _write_json(out / OWN_DESCRIPTION, {**description.to_json(), "action": options.action})
    _write_json(out / "meta/info.json", info)


class _CameraVideos:
    """One camera's pictures of all episodes, in as many files as needed."""

    def __init__(self, out: Path, camera: CameraFormat, fps: int, options: ExportOptions):
        self.pixels = PixelStatistics()
        self._out = out
        self._camera = camera
        self._fps = fps
        self._options = options
        self._key = IMAGES + camera.name
        self._file = 0
        self._video: ConstantRateVideoWriter | None = None

    def append(self, episode: Episode, rows: np.ndarray) -> dict[str, Any]:
        """Add an episode's pictures; returns its columns of the episodes table."""
        name = self._camera.name
        frames, counts = np.unique(shown_frames(episode, name, rows), return_counts=True)
        video = self._open()
        start = video.frames
        sampled = set(np.linspace(0, len(frames) - 1, min(len(frames), _SAMPLED_FRAMES)).round().astype(int))
        pixels = PixelStatistics()
        pictures = shown_images(episode, name, frames, (self._camera.height, self._camera.width))
        for i, image in enumerate(pictures):
            video.append(image, int(counts[i]), keyframe=i == 0)
            if i in sampled:
                pixels.add(image)
        self.pixels.merge(pixels)
        prefix = f"videos/{self._key}/"
        return {
            **{prefix + key: value for key, value in place(self._file).items()},
            prefix + "from_timestamp": start / self._fps,
            prefix + "to_timestamp": video.frames / self._fps,
            **_flatten(self._key, pixels.to_lists()),
        }

    def _open(self) -> ConstantRateVideoWriter:
        video = self._video
        if video is not None and (
            video.bytes >= VIDEO_FILE_MB * 1024**2 * 0.9 or video.frames >= VIDEO_FILE_S * self._fps * 0.8
        ):
            video.close()
            self._video = None
            self._file += 1
        if self._video is None:
            camera = self._camera
            path = self._out / VIDEO_PATH.format(video_key=self._key, **place(self._file))
            self._video = ConstantRateVideoWriter(
                path,
                camera.height,
                camera.width,
                self._fps,
                crf=self._options.crf,
                keyframe_every=self._options.keyframe_every,
            )
        return self._video

    def close(self) -> None:
        if self._video is not None:
            self._video.close()

    def abandon(self) -> None:
        if self._video is not None:
            self._video.abandon()


def _columns(
    episode: Episode, cameras: Iterable[str], rows: np.ndarray, options: ExportOptions
) -> dict[str, np.ndarray]:
    columns = {
        "observation.state": episode.position[rows].astype(np.float32),
        "action": episode.state[options.action][rows].astype(np.float32),
    }
    if options.own_columns:
        columns |= {OWN + name: array[rows] for name, array in episode.state.items()}
        for camera in cameras:
            times = episode.image_time_ns(camera)
            columns[OWN_IMAGE_TIME + camera] = times[shown_frames(episode, camera, rows)]
    return columns


def _index_columns(length: int, fps: int, episode: int, first: int, task: int) -> dict[str, np.ndarray]:
    steps = np.arange(length)
    return {
        "timestamp": (steps / fps).astype(np.float32),
        "frame_index": steps,
        "episode_index": np.full(length, episode),
        "index": first + steps,
        "task_index": np.full(length, task),
    }


def _features(
    columns: dict[str, np.ndarray], selection: Selection, fps: int, options: ExportOptions
) -> dict[str, Any]:
    description = selection.dataset.description
    features: dict[str, Any] = {}
    for name, array in columns.items():
        named = array.ndim == 2 and array.shape[1] == len(description.action_names)
        features[name] = array_feature(array, description.action_names if named else None)
    features |= {
        IMAGES + c.name: video_feature(c, fps, options.crf, options.keyframe_every)
        for c in selection.formats(options)
    }
    return {**{k: v for k, v in features.items() if k not in INDEX_FEATURES}, **INDEX_FEATURES}


def _flatten(name: str, statistics: dict[str, list[Any]]) -> dict[str, Any]:
    return {f"stats/{name}/{key}": value for key, value in statistics.items()}


def _whole_rate(rate_hz: float) -> int:
    if rate_hz != int(rate_hz):
        raise DatasetError(f"LeRobot wants a whole number of rows a second, got {rate_hz:g}")
    return int(rate_hz)


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=4, ensure_ascii=False))
