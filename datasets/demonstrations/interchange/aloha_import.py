"""Reads ALOHA's HDF5 episodes; our own exports come back with everything that they kept."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from demonstrations.interchange.aloha_layout import (
    ACTION,
    IMAGES,
    OWN,
    OWN_ATTRIBUTES,
    OWN_DESCRIPTION,
    POSITION,
    VELOCITY,
)
from demonstrations.interchange.foreign import (
    DEFAULT_JPEG_QUALITY,
    ForeignEpisode,
    ImportOptions,
    check_joints,
    match_cameras,
)
from demonstrations.interchange.foreign_motion import motion_rows, tick_time_ns
from demonstrations.interchange.imported_metadata import foreign_metadata, own_metadata
from demonstrations.interchange.requirements import need
from demonstrations.jpeg import decode_jpeg
from robotics.errors import DatasetError


def read(path: Path, options: ImportOptions) -> "AlohaDataset":
    """Open a folder of episode_N.hdf5 files.

    Raises:
        DatasetError: There are none, or they are for other joints.
        MissingPackageError: h5py is not installed.
    """
    return AlohaDataset(path, options)


class AlohaDataset:
    """A `ForeignDataset`; joints are taken in ALOHA's order: left arm, gripper, right arm, gripper."""

    def __init__(self, path: Path, options: ImportOptions):
        need("h5py")
        self._options = options
        paths = [path] if path.is_file() else [*path.glob("episode_*.hdf5")]
        self._paths = sorted(paths, key=lambda p: (len(p.name), p.name))  # 10 after 9
        if not self._paths:
            raise DatasetError(f"{path} is no ALOHA dataset: it has no episode_*.hdf5")
        with _open(self._paths[0]) as file:
            position = _get(file, POSITION, self._paths[0])
            check_joints(None, position.shape[-1], options, f"{self._paths[0]}: {POSITION}")
            sizes = {name: _picture(_get(file, IMAGES, path)[name]).shape[:2] for name in file[IMAGES]}
            own = json.loads(file[OWN].attrs[OWN_DESCRIPTION]) if OWN in file else {}
        self._theirs = match_cameras(sizes, options)
        self.camera_sizes = {our: sizes[their] for our, their in self._theirs.items()}
        self._rate_hz = options.rate_hz or options.embodiment.control_rate_hz
        self.camera_rate_hz = max((c["rate_hz"] for c in own.get("cameras", ())), default=self._rate_hz)
        self.jpeg_quality = own.get("jpeg_quality", DEFAULT_JPEG_QUALITY)

    def __len__(self) -> int:
        return len(self._paths)

    def episodes(self) -> Iterator[ForeignEpisode]:
        for path in self._paths:
            with _open(path) as file:
                try:
                    episode = self._episode(file, path)
                except OSError as error:
                    raise DatasetError(f"{path}: damaged ({error})") from error
                yield episode

    def _episode(self, file: Any, path: Path) -> ForeignEpisode:
        images = _get(file, IMAGES, path)
        for their in self._theirs.values():
            if their not in images:
                raise DatasetError(f"{path}: no camera '{their}'; it has: {', '.join(images)}")
        if OWN in file:
            own = file[OWN]
            rows = {name: array[:] for name, array in own["state"].items()}
            times = {our: own[f"image_time_ns/{their}"][:] for our, their in self._theirs.items()}
            shown = {our: np.unique(t, return_index=True)[1] for our, t in times.items()}
            times = {our: times[our][shown[our]] for our in times}
            metadata = own_metadata(own.attrs[OWN_ATTRIBUTES], self._options, self.camera_sizes, str(path))
        else:
            velocity = file[VELOCITY][:] if VELOCITY in file else None
            position, action = _get(file, POSITION, path)[:], _get(file, ACTION, path)[:]
            rows = motion_rows(position, action, velocity, self._rate_hz, self._options.embodiment, str(path))
            steps = np.arange(len(position))
            shown = dict.fromkeys(self._theirs, steps)
            times = dict.fromkeys(self._theirs, tick_time_ns(steps, self._rate_hz))
            metadata = None
        if metadata is None:
            metadata = foreign_metadata(self._options, self.camera_sizes, source="imported from ALOHA")

        def read_images(camera: str) -> Iterator[np.ndarray]:
            pictures = images[self._theirs[camera]]
            for row in shown[camera]:
                yield _picture(pictures, int(row))

        return ForeignEpisode(metadata, rows, times, read_images)


def _open(path: Path) -> Any:
    try:
        return need("h5py").File(path, "r")
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read as HDF5 ({error})") from error


def _get(file: Any, name: str, path: Path) -> Any:
    if name not in file:
        raise DatasetError(f"{path}: no '{name}'; it has: {', '.join(file)}")
    return file[name]


def _picture(pictures: Any, row: int = 0) -> np.ndarray:
    """A picture as RGB; compressed ones are JPEG files, padded with zeros that decoders skip."""
    try:
        return pictures[row] if pictures.ndim == 4 else decode_jpeg(np.asarray(pictures[row]))
    except (OSError, ValueError) as error:
        raise DatasetError(f"{pictures.file.filename}: {pictures.name} row {row}: {error}") from error
