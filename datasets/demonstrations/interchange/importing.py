"""Imports a foreign dataset: the same rules for every format."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from demonstrations.dataset import DemonstrationDataset
from demonstrations.interchange.atomic_output import atomic_output
from demonstrations.interchange.foreign import ForeignDataset, ForeignEpisode, ImportOptions
from demonstrations.interchange.foreign_motion import limit_notes
from demonstrations.interchange.formats import find_format, load_reader
from demonstrations.journal import row_dtype
from demonstrations.staging import StagedEpisode
from robotics.embodiment import Embodiment
from robotics.errors import DatasetError
from robotics.observation import CameraFrame


@dataclass(frozen=True)
class ImportReport:
    """What was imported."""

    path: Path
    episodes: int
    ticks: int
    notes: tuple[str, ...]
    """What looks wrong, one line each."""


def open_foreign(path: Path, format_name: str, options: ImportOptions) -> ForeignDataset:
    """Open a dataset of another project.

    Raises:
        UnknownNameError: No such format, or a camera that does not exist.
        MissingPackageError: The format needs a package that is not installed.
        DatasetError: It is not of that format, has no episode, or its joints are not the embodiment's.
    """
    foreign = load_reader(find_format(format_name, reading=True))(path, options)
    if not len(foreign):
        raise DatasetError(f"{path}: no episode to import")
    return foreign


def import_episodes(
    foreign: ForeignDataset,
    out: Path,
    embodiment: Embodiment,
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Make a new dataset of ours at `out`, which appears when all is written.

    Raises:
        DatasetError: `out` exists, or the foreign dataset is damaged.
        IncompatibleError: It is our own export from another embodiment.
        StorageFullError: The disk is too full.
    """
    notes: list[str] = []
    ticks = 0
    with atomic_output(out) as staging:
        dataset = DemonstrationDataset.create(
            staging,
            embodiment,
            dict(foreign.camera_sizes),
            camera_rate_hz=foreign.camera_rate_hz,
            jpeg_quality=foreign.jpeg_quality,
        )
        for done, episode in enumerate(foreign.episodes(), 1):
            _write_episode(dataset, episode)
            ticks += len(episode.rows["tick"])
            if not notes and not episode.metadata.derived_from:
                notes += limit_notes(episode.rows["position"], embodiment, f"episode {done - 1}")
            if progress is not None:
                progress(done, len(foreign))
    return ImportReport(out, len(foreign), ticks, tuple(notes))


def _write_episode(dataset: DemonstrationDataset, episode: ForeignEpisode) -> None:
    description = dataset.description
    metadata = replace(
        episode.metadata,
        cameras={
            name: replace(record, shard_frames=description.shard_frames, encoding="jpeg")
            for name, record in episode.metadata.cameras.items()
        },
    )
    rows = np.zeros(len(episode.rows["tick"]), row_dtype(len(description.action_names)))
    for name in rows.dtype.names or ():
        if name in episode.rows:
            rows[name] = episode.rows[name]
    staged = StagedEpisode(dataset.path / "staging" / f"{uuid.uuid4().hex}.zarr", description, metadata)
    try:
        for camera in description.camera_names:
            times = episode.frame_time_ns[camera]
            for time_ns, image in zip(times, episode.images(camera), strict=True):
                staged.write_frame(camera, CameraFrame(image, int(time_ns)))
        staged.finish(rows, metadata)
        dataset.publish(staged.path)
    except BaseException:
        staged.discard()
        raise
    finally:
        staged.release()
