"""Small pictures and robot readings of recorded episodes, a few times a second, kept on disk once decoded."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from demonstrations import DemonstrationDataset, Episode
from demonstrations.durable import replace_file

FORMAT = 1
"""Of the files; another one is decoded again."""

READINGS = 4
"""Of each arm."""

HELD_APART = 0.04
"""Opening by which a gripper stays above its target when something is in it."""

STILL = 0.06
"""Gripper speed as in the readings, of 4 openings a second."""


@dataclass(frozen=True)
class SampleConfig:
    """What is looked at."""

    rate_hz: float = 10.0
    """Samples a second."""
    height: int = 36
    """Of every camera's picture [pixel]."""
    width: int = 48
    """[pixel]"""
    cameras: tuple[str, ...] = ()
    """All of the dataset where empty."""

    def __post_init__(self) -> None:
        if self.rate_hz <= 0 or self.height < 1 or self.width < 1:
            raise ValueError(
                f"wanted a rate and a size above 0, got {self.rate_hz:g} Hz, {self.height} x {self.width}"
            )


@dataclass(frozen=True)
class EpisodeSamples:
    """One episode as a row of samples."""

    task: str
    """The label that it was recorded under; may be wrong."""
    checksum: str
    """Of the episode."""
    rows: np.ndarray
    """Row of the episode that each sample belongs to, int64 (T,)."""
    images: dict[str, np.ndarray]
    """Per camera the newest picture, uint8 (T, height, width, 3)."""
    readings: np.ndarray
    """Of each arm the gripper's opening, how far it is kept from its target, its speed, and the arm's speed,
    (T, 4 arms)."""

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def untouched(self) -> np.ndarray:
        """bool (T,): before any gripper has closed on something; all false where none ever does.

        A gripper that stands still, away from where it is told to close to, holds something.
        """
        per_arm = self.readings.reshape(len(self), -1, READINGS)
        holds = np.any((per_arm[:, :, 1] > HELD_APART) & (np.abs(per_arm[:, :, 2]) < STILL), axis=1)
        twice = holds[:-1] & holds[1:]  # a single sample may be a gripper that is about to close
        first = int(np.argmax(twice)) if twice.any() else 0
        return np.arange(len(self)) < first


def task_label(episode: Episode) -> str:
    """Its task, or its instruction where it has none."""
    return episode.metadata.task or " ".join(episode.metadata.instruction.lower().split())


def read_samples(episode: Episode, names: Sequence[str], config: SampleConfig) -> EpisodeSamples:
    """Decode one episode.

    Args:
        names: Of the action dimensions, as arm/joint; an arm's last one is its gripper.

    Raises:
        UnknownNameError: A camera was not recorded.
        DatasetError: Something is damaged.
    """
    step = max(1, round(episode.metadata.control_rate_hz / config.rate_hz))
    rows = np.arange(step // 2, len(episode), step)
    size = (config.height, config.width)
    images = {}
    for camera in config.cameras or episode.cameras:
        chosen = episode.frame_of_rows(camera)[rows]
        frames, where = np.unique(chosen, return_inverse=True)
        images[camera] = episode.frames(camera, frames, size)[where]
    return EpisodeSamples(
        task_label(episode), episode.checksum, rows, images, _readings(episode, names)[rows]
    )


def _readings(episode: Episode, names: Sequence[str]) -> np.ndarray:
    arms = [name.partition("/")[0] for name in names]
    columns = []
    for arm in dict.fromkeys(arms):
        members = [i for i, other in enumerate(arms) if other == arm]
        gripper, joints = members[-1], members[:-1] or members
        opening = episode.position[:, gripper]
        columns += [
            opening,
            opening - episode.target[:, gripper],
            np.clip(episode.velocity[:, gripper] / 4.0, -1, 1),
            np.log1p(4.0 * np.linalg.norm(episode.velocity[:, joints], axis=1)),
        ]
    return np.stack(columns, axis=1).astype(np.float32)


def load_samples(
    dataset: DemonstrationDataset,
    config: SampleConfig,
    *,
    episodes: Sequence[int] | None = None,
    cache: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[EpisodeSamples]:
    """Samples of episodes of a dataset, decoded once where there is a cache.

    Args:
        episodes: Indices into the dataset; all by default.
        cache: Folder for files of this function; made where it does not exist.
        progress: Called after each episode with (episodes done, of how many).
    """
    chosen = list(range(len(dataset)) if episodes is None else episodes)
    key = hashlib.sha256(json.dumps([FORMAT, asdict(config)]).encode()).hexdigest()[:12]
    found = []
    for done, index in enumerate(chosen, 1):
        episode = dataset.episode(index)
        path = None if cache is None else cache / f"{episode.checksum[:24]}-{key}.npz"
        samples = None if path is None else _read_file(path, episode)
        if samples is None:
            samples = read_samples(episode, dataset.description.action_names, config)
            if path is not None:
                _write_file(path, samples)
        found.append(samples)
        if progress is not None:
            progress(done, len(chosen))
    return found


def _read_file(path: Path, episode: Episode) -> EpisodeSamples | None:
    try:
        with np.load(path) as arrays:
            images = {n.removeprefix("image "): arrays[n] for n in arrays.files if n.startswith("image ")}
            return EpisodeSamples(
                task_label(episode), episode.checksum, arrays["rows"], images, arrays["readings"]
            )
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):  # none yet, or a torn one: made again
        return None


def _write_file(path: Path, samples: EpisodeSamples) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    arrays: dict[str, Any] = {"rows": samples.rows, "readings": samples.readings}
    arrays |= {f"image {camera}": pictures for camera, pictures in samples.images.items()}
    np.savez(buffer, **arrays)
    replace_file(path, buffer.getvalue())
