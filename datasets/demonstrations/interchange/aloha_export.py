"""Writes ALOHA's HDF5 episodes, as ACT trains on them: one file an episode."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from demonstrations.episode import Episode
from demonstrations.interchange.aloha_layout import (
    ACTION,
    COMPRESS_LENGTH,
    IMAGES,
    OWN,
    OWN_ATTRIBUTES,
    OWN_DESCRIPTION,
    POSITION,
    VELOCITY,
    episode_file,
)
from demonstrations.interchange.hdf5_images import write_images
from demonstrations.interchange.requirements import need
from demonstrations.interchange.selection import ExportOptions, Selection, chosen_rows
from demonstrations.jpeg import encode_jpeg
from robotics.errors import DatasetError


def estimate_bytes(selection: Selection, options: ExportOptions) -> int:
    """Pixels under gzip take about half of their size; JPEGs about a tenth."""
    return selection.rows(options) * (selection.frame_bytes // (8 if options.compress_images else 2) + 1500)


def write(
    selection: Selection, out: Path, options: ExportOptions, progress: Callable[[int, int], None]
) -> None:
    """Write episode_0.hdf5, episode_1.hdf5, ... into the folder `out`.

    Raises:
        MissingPackageError: h5py is not installed.
        DatasetError: An episode lacks frames of a camera.
    """
    h5py = need("h5py")
    for number, episode in enumerate(selection):
        with h5py.File(out / episode_file(number), "w") as file:
            _write_episode(file, selection, episode, options)
        progress(number + 1, len(selection))


def _write_episode(file: Any, selection: Selection, episode: Episode, options: ExportOptions) -> None:
    rows = chosen_rows(episode, options.rate_hz)
    file.attrs["sim"] = episode.metadata.seed is not None
    file.attrs["compress"] = options.compress_images
    file[POSITION] = episode.position[rows]
    file[VELOCITY] = episode.velocity[rows]
    file[ACTION] = episode.state[options.action][rows]
    lengths = []
    for camera in selection.cameras:
        record = episode.metadata.cameras.get(camera)
        if record is None or not record.frames:
            raise DatasetError(f"{episode.path.name} has no frame of camera '{camera}'; leave the episode out")
        frames = episode.frame_of_rows(camera)[rows]
        if options.compress_images:
            lengths.append(_write_jpegs(file, f"{IMAGES}/{camera}", episode, camera, frames))
        else:
            write_images(file, f"{IMAGES}/{camera}", episode, camera, frames)
    if lengths:
        file[COMPRESS_LENGTH] = np.array(lengths, np.float32)  # ALOHA's own type
    own = file.create_group(OWN)
    attributes = {**episode.attributes, "checksums": {"episode": episode.checksum}}
    own.attrs[OWN_ATTRIBUTES] = json.dumps(attributes, sort_keys=True)
    own.attrs[OWN_DESCRIPTION] = json.dumps(selection.dataset.description.to_json())
    for name, array in episode.state.items():
        own[f"state/{name}"] = array[rows]
    for camera in selection.cameras:
        times = episode.image_time_ns(camera)
        own[f"image_time_ns/{camera}"] = times[episode.frame_of_rows(camera)[rows]]


def _write_jpegs(file: Any, name: str, episode: Episode, camera: str, frames: np.ndarray) -> list[int]:
    """JPEGs as they lie in our store, padded to one length; returns their lengths."""
    distinct, place = np.unique(frames, return_inverse=True)
    encoded = _encoded(episode, camera, distinct)
    longest = max(map(len, encoded))
    padded = np.zeros((len(encoded), longest), np.uint8)
    for row, jpeg in zip(padded, encoded, strict=True):
        row[: len(jpeg)] = np.frombuffer(jpeg, np.uint8)
    file.create_dataset(name, data=padded[place], chunks=(1, longest))
    return [len(encoded[i]) for i in place]


def _encoded(episode: Episode, camera: str, frames: np.ndarray) -> list[bytes]:
    if episode.metadata.cameras[camera].encoding == "jpeg":
        return episode.jpegs(camera, frames)
    return [encode_jpeg(image) for image in episode.frames(camera, frames)]
