"""Writes robomimic's HDF5: one file, a group a demonstration, filter keys for training and validation."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from demonstrations.episode import Episode
from demonstrations.interchange.hdf5_images import write_images
from demonstrations.interchange.pictures import shown_frames
from demonstrations.interchange.requirements import need
from demonstrations.interchange.selection import ExportOptions, Selection, attributes_json, chosen_rows

FILE = "demonstrations.hdf5"

_GYM_TYPE = 2
"""Of robomimic's environment types the plainest; its rollouts cannot run our simulation, training can."""


def estimate_bytes(selection: Selection, options: ExportOptions) -> int:
    """Pixels under gzip take about half of their size."""
    return selection.rows(options) * (selection.frame_bytes(options) // 2 + 1500)


def write(
    selection: Selection, out: Path, options: ExportOptions, progress: Callable[[int, int], None]
) -> None:
    """Write demonstrations.hdf5 into the folder `out`.

    Raises:
        MissingPackageError: h5py is not installed.
        DatasetError: An episode lacks frames of a camera.
    """
    h5py = need("h5py")
    description = selection.dataset.description
    with h5py.File(out / FILE, "w") as file:
        data = file.create_group("data")
        total = 0
        for number, episode in enumerate(selection):
            total += _write_demonstration(data.create_group(f"demo_{number}"), selection, episode, options)
            progress(number + 1, len(selection))
        data.attrs["total"] = total
        tasks = sorted({selection.dataset.entries[i].task for i in selection.indices})
        environment = {
            "env_name": tasks[0] if len(tasks) == 1 else description.embodiment,
            "type": _GYM_TYPE,
            "env_kwargs": {},
            "robotics": description.to_json(),
        }
        data.attrs["env_args"] = json.dumps(environment)
        valid = _spread(len(selection), options.valid_fraction)
        for key, wanted in (("train", ~valid), ("valid", valid)):
            file[f"mask/{key}"] = np.array([f"demo_{i}" for i in np.flatnonzero(wanted)], "S")


def _write_demonstration(demo: Any, selection: Selection, episode: Episode, options: ExportOptions) -> int:
    rows = chosen_rows(episode, options.rate_hz)
    success = episode.metadata.success
    demo.attrs["num_samples"] = len(rows)
    demo.attrs["instruction"] = episode.metadata.instruction
    demo.attrs["robotics"] = attributes_json(episode)
    demo["actions"] = episode.state[options.action][rows]
    last = np.arange(len(rows)) == len(rows) - 1
    demo["rewards"] = np.where(last & bool(success), 1.0, 0.0)
    demo["dones"] = last.astype(np.int64)
    demo["obs/joint_position"] = episode.position[rows]
    demo["obs/joint_velocity"] = episode.velocity[rows]
    for camera in selection.formats(options):
        frames = shown_frames(episode, camera.name, rows)
        write_images(demo, f"obs/{camera.name}_image", episode, camera, frames)
    return len(rows)


def _spread(count: int, fraction: float) -> np.ndarray:
    """Which of `count` belong to the fraction, evenly spread; bool (count,)."""
    share = np.floor((np.arange(count) + 1) * fraction + 1e-9)
    return np.diff(share, prepend=0.0) > 0
