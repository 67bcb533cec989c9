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
from demonstrations.interchange.pictures import shown_frames, shown_jpegs
from demonstrations.interchange.requirements import need
from demonstrations.interchange.selection import ExportOptions, Selection, attributes_json, chosen_rows


def estimate_bytes(selection: Selection, options: ExportOptions) -> int:
    """Pixels under gzip take about half of their size; JPEGs about a tenth."""
    return selection.rows(options) * (
        selection.frame_bytes(options) // (8 if options.compress_images else 2) + 1500
    )


def write(
    selection: Selection, out: Path, options: ExportOptions, progress: Callable[[int, int], None]
) -> None:
    """Write episode_0.hdf5, episode_1.hdf5, ... into the folder `out`.

    Raises:
        MissingPackageError: h5py is not installed.
        DatasetError: An episode lacks frames of a camera.
    """
    h5py = need("h5py")
    rows = [chosen_rows(episode, options.rate_hz) for episode in selection]
    longest = max(map(len, rows)) if options.pad else 0
    for number, (episode, chosen) in enumerate(zip(selection, rows, strict=True)):
        padded = np.concatenate([chosen, np.repeat(chosen[-1:], max(0, longest - len(chosen)))])
        with h5py.File(out / episode_file(number), "w") as file:
            _write_episode(file, selection, episode, padded, options)
            _write_own(file.create_group(OWN), selection, episode, chosen)
        progress(number + 1, len(selection))


def _write_episode(
    file: Any, selection: Selection, episode: Episode, rows: np.ndarray, options: ExportOptions
) -> None:
    file.attrs["sim"] = episode.metadata.seed is not None
    file.attrs["compress"] = options.compress_images
    file[POSITION] = episode.position[rows]
    file[VELOCITY] = episode.velocity[rows]
    file[ACTION] = episode.state[options.action][rows]
    lengths = []
    for camera in selection.formats(options):
        name = f"{IMAGES}/{camera.name}"
        frames = shown_frames(episode, camera.name, rows)
        if options.compress_images:
            distinct, place = np.unique(frames, return_inverse=True)
            jpegs = shown_jpegs(episode, camera.name, distinct, options.size)
            lengths.append(_write_jpegs(file, name, jpegs, place))
        else:
            write_images(file, name, episode, camera, frames)
    if lengths:
        file[COMPRESS_LENGTH] = np.array(lengths, np.float32)  # ALOHA's own type


def _write_jpegs(file: Any, name: str, jpegs: list[bytes], place: np.ndarray) -> list[int]:
    """A row for each of `place`, padded to one length; returns the lengths."""
    longest = max(map(len, jpegs))
    padded = np.zeros((len(jpegs), longest), np.uint8)
    for row, jpeg in zip(padded, jpegs, strict=True):
        row[: len(jpeg)] = np.frombuffer(jpeg, np.uint8)
    file.create_dataset(name, data=padded[place], chunks=(1, longest))
    return [len(jpegs[i]) for i in place]


def _write_own(own: Any, selection: Selection, episode: Episode, rows: np.ndarray) -> None:
    own.attrs[OWN_ATTRIBUTES] = attributes_json(episode)
    own.attrs[OWN_DESCRIPTION] = json.dumps(selection.dataset.description.to_json())
    for name, array in episode.state.items():
        own[f"state/{name}"] = array[rows]
    for camera in selection.cameras:
        times = episode.image_time_ns(camera)
        own[f"image_time_ns/{camera}"] = times[shown_frames(episode, camera, rows)]
