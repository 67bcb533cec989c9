"""Reads LeRobot's dataset format v3.0; our own exports come back with everything that they kept."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from demonstrations.interchange.constant_rate_video import read_frames
from demonstrations.interchange.foreign import (
    DEFAULT_JPEG_QUALITY,
    ForeignEpisode,
    ImportOptions,
    check_joints,
    match_cameras,
)
from demonstrations.interchange.foreign_motion import motion_rows, tick_time_ns
from demonstrations.interchange.imported_metadata import foreign_metadata, own_metadata
from demonstrations.interchange.lerobot_layout import (
    IMAGES,
    OWN,
    OWN_ATTRIBUTES,
    OWN_DESCRIPTION,
    OWN_IMAGE_TIME,
)
from demonstrations.interchange.requirements import need
from demonstrations.jpeg import decode_jpeg
from robotics.errors import DatasetError


def read(path: Path, options: ImportOptions) -> "LerobotDataset":
    """Open a LeRobot dataset on disk.

    Raises:
        DatasetError: It is none, of another version, or for other joints.
    """
    return LerobotDataset(path, options)


class LerobotDataset:
    """A `ForeignDataset`; the state is `observation.state`, the action `action`."""

    def __init__(self, path: Path, options: ImportOptions):
        self._path = path
        self._options = options
        try:
            info = self._info = json.loads((path / "meta/info.json").read_bytes())
            version, self._fps = info["codebase_version"], float(info["fps"])
            features = self._features = info["features"]
        except FileNotFoundError as error:
            raise DatasetError(f"{path} is no LeRobot dataset: it has no meta/info.json") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DatasetError(f"{path}/meta/info.json is damaged ({error!r})") from error
        if not str(version).startswith("v3."):
            raise DatasetError(
                f"{path}: wanted LeRobot's format v3, got {version}; LeRobot itself converts v2.1 to v3.0"
            )
        for name in ("observation.state", "action"):
            if name not in features:
                raise DatasetError(f"{path}: no feature '{name}'; it has: {', '.join(features)}")
            check_joints(
                _names(features[name]), int(np.prod(features[name]["shape"])), options, f"{path}: {name}"
            )
        self._own = OWN + "tick" in features  # LeRobot's own editing keeps the columns and nothing else
        keys = {_camera_name(k): k for k, f in features.items() if f["dtype"] in ("video", "image")}
        sizes = {name: _size(features[key]) for name, key in keys.items()}
        matched = match_cameras(sizes, options)
        self._keys = {our: keys[their] for our, their in matched.items()}
        self.camera_sizes = {our: sizes[their] for our, their in matched.items()}
        own = self._read_description()
        self.camera_rate_hz = max((c["rate_hz"] for c in own.get("cameras", ())), default=self._fps)
        self.jpeg_quality = own.get("jpeg_quality", DEFAULT_JPEG_QUALITY)
        self._episodes = self._read_episodes()
        self._table = lru_cache(maxsize=1)(self._read_table)

    def _read_description(self) -> dict[str, Any]:
        """Our own dataset.json, where this is an export of ours; else empty."""
        try:
            return json.loads((self._path / OWN_DESCRIPTION).read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise DatasetError(f"{self._path / OWN_DESCRIPTION} is damaged ({error})") from error

    def __len__(self) -> int:
        return len(self._episodes)

    def episodes(self) -> Iterator[ForeignEpisode]:
        try:
            yield from map(self._episode, self._episodes)
        except KeyError as error:
            raise DatasetError(f"{self._path}: a table lacks the column {error}") from error

    def _episode(self, line: Mapping[str, Any]) -> ForeignEpisode:
        number = line["episode_index"]
        where = f"{self._path}: episode {number}"
        table = self._rows(line)
        columns = {name: _numpy(table, name) for name in table.column_names if not self._is_image(name)}
        shown: dict[str, np.ndarray]
        if self._own:
            rows = {n.removeprefix(OWN): a for n, a in columns.items() if n.startswith(OWN)}
            times = {c: columns[OWN_IMAGE_TIME + name] for c, name in self._their_names().items()}
            shown = {c: np.unique(t, return_index=True)[1] for c, t in times.items()}
            frame_time_ns = {c: times[c][shown[c]] for c in times}
            metadata = own_metadata(line.get(OWN_ATTRIBUTES), self._options, self.camera_sizes, where)
        else:
            position, action = columns["observation.state"], columns["action"]
            velocity = columns.get("observation.velocity")
            rows = motion_rows(position, action, velocity, self._fps, self._options.embodiment, where)
            steps = np.arange(table.num_rows)
            shown = {camera: steps for camera in self._keys}
            frame_time_ns = dict.fromkeys(self._keys, tick_time_ns(steps, self._fps))
            metadata = None
        if metadata is None:
            metadata = foreign_metadata(self._options, self.camera_sizes, source="imported from LeRobot")
            metadata = replace(metadata, instruction=(line["tasks"] or [self._options.instruction])[0])
        return ForeignEpisode(
            metadata, rows, frame_time_ns, lambda camera: self._images(camera, line, table, shown[camera])
        )

    def _images(
        self, camera: str, line: Mapping[str, Any], table: Any, shown: np.ndarray
    ) -> Iterator[np.ndarray]:
        key = self._keys[camera]
        if self._features[key]["dtype"] == "image":
            for row in shown:
                picture = table.column(key)[int(row)].as_py()
                try:
                    yield decode_jpeg(picture["bytes"])  # any format that OpenCV knows, PNG by default
                except (ValueError, TypeError) as error:
                    raise DatasetError(f"{self._path}: {key}, row {row}: no picture in the table") from error
            return
        prefix = f"videos/{key}/"
        path = self._path / self._info["video_path"].format(
            video_key=key, chunk_index=line[prefix + "chunk_index"], file_index=line[prefix + "file_index"]
        )
        yield from read_frames(path, line[prefix + "from_timestamp"], self._fps, shown)

    def _their_names(self) -> dict[str, str]:
        return {our: _camera_name(key) for our, key in self._keys.items()}

    def _is_image(self, name: str) -> bool:
        return self._features.get(name, {}).get("dtype") in ("image", "video", "string")

    def _rows(self, line: Mapping[str, Any]) -> Any:
        pc = need("pyarrow.compute")
        table = self._table(line["data/chunk_index"], line["data/file_index"])
        table = table.filter(pc.equal(table.column("episode_index"), line["episode_index"]))
        if table.num_rows != line["length"]:
            where = f"{self._path}: episode {line['episode_index']}"
            raise DatasetError(f"{where} has {table.num_rows} rows, wanted {line['length']}")
        return table

    def _read_table(self, chunk_index: int, file_index: int) -> Any:
        path = self._path / self._info["data_path"].format(chunk_index=chunk_index, file_index=file_index)
        return _read_parquet(path)

    def _read_episodes(self) -> list[dict[str, Any]]:
        paths = sorted((self._path / "meta/episodes").glob("*/*.parquet"))
        if not paths:
            raise DatasetError(f"{self._path}: no episode table in meta/episodes")
        lines: list[dict[str, Any]] = []
        for path in paths:
            table = _read_parquet(path)
            lines += table.select([n for n in table.column_names if not n.startswith("stats/")]).to_pylist()
        return sorted(lines, key=lambda line: line["episode_index"])


def _read_parquet(path: Path) -> Any:
    pq, pa = need("pyarrow.parquet"), need("pyarrow")
    try:
        return pq.ParquetFile(path).read()
    except (OSError, pa.ArrowException) as error:
        raise DatasetError(f"{path}: cannot be read as parquet ({str(error).splitlines()[0]})") from error


def _numpy(table: Any, name: str) -> np.ndarray:
    column = table.column(name).combine_chunks()
    if hasattr(column, "flatten") and hasattr(column.type, "value_type"):
        flat = column.flatten().to_numpy(zero_copy_only=False)
        return flat.reshape(len(column), -1)
    return column.to_numpy(zero_copy_only=False)


def _camera_name(key: str) -> str:
    return key.removeprefix(IMAGES).removeprefix("observation.")


def _names(feature: Mapping[str, Any]) -> list[str] | None:
    """Names of a vector's parts: a list, or a list in a dictionary of one, or none at all."""
    names = feature.get("names")
    if isinstance(names, dict):
        names = next(iter(names.values()), None)
    size = int(np.prod(feature["shape"]))
    return [str(n) for n in names] if isinstance(names, list) and len(names) == size else None


def _size(feature: Mapping[str, Any]) -> tuple[int, int]:
    shape = feature["shape"]
    return (shape[1], shape[2]) if shape[0] == 3 else (shape[0], shape[1])
