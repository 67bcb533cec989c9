"""What an export that was imported again must still hold."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np
from contracts.demonstration_episodes import append_ticks, make_dataset, record_episode
from contracts.fake_embodiment import fake_embodiment

from demonstrations.dataset import DemonstrationDataset
from demonstrations.interchange.exporting import ExportReport, export_episodes
from demonstrations.interchange.foreign import ImportOptions
from demonstrations.interchange.importing import ImportReport, import_episodes, open_foreign
from demonstrations.interchange.selection import ExportOptions, select_episodes
from demonstrations.schema import EpisodeOutcome
from robotics.session import Event, EventKind


def make_varied_dataset(path: Path) -> DemonstrationDataset:
    """Three episodes of different lengths, one with events."""
    dataset = make_dataset(path, episodes=1, ticks=20)
    with dataset.writer(fake_embodiment()) as writer:
        record_episode(writer, ticks=31, seed=1)
        writer.begin(task="turn_left_arm", seed=2, instruction="turn it back", extra={"light": "dim"})
        append_ticks(writer, range(9), 2)
        writer.append_event(Event(EventKind.SUBTASK, "reach", 40_000_000, {"by": "hand"}))
        writer.append_event(Event(EventKind.FAULT, "stuck", 100_000_000))
        writer.commit(EpisodeOutcome(True, 1.0, "success"))
    return dataset


def export(
    dataset: DemonstrationDataset, format_name: str, out: Path, options: ExportOptions | None = None
) -> ExportReport:
    return export_episodes(select_episodes(dataset), format_name, out, options)


def import_again(format_name: str, path: Path, out: Path) -> tuple[DemonstrationDataset, ImportReport]:
    options = ImportOptions(fake_embodiment())
    report = import_episodes(open_foreign(path, format_name, options), out, options.embodiment)
    return DemonstrationDataset.open(out, fake_embodiment()), report


def assert_same_but_for_pictures(
    original: DemonstrationDataset, again: DemonstrationDataset, largest_error: int
) -> None:
    """Ticks, times and metadata to the bit; pictures within the error of their codec."""
    assert again.description.cameras == original.description.cameras
    assert len(again) == len(original)
    for a, b in zip(original, again, strict=True):
        assert [*a.state] == [*b.state]
        for name in a.state:
            assert a.state[name].dtype == b.state[name].dtype
            assert a.state[name].tobytes() == b.state[name].tobytes(), name
        for camera in a.cameras:
            np.testing.assert_array_equal(a.image_time_ns(camera), b.image_time_ns(camera))
            frames = range(len(a.image_time_ns(camera)))
            difference = a.frames(camera, frames).astype(int) - b.frames(camera, frames)
            assert np.abs(difference).max() <= largest_error
        assert b.metadata.derived_from == (a.checksum,)
        assert b.metadata.edit
        plain = replace(b.metadata, derived_from=(), edit="")
        expected = {c: replace(r, shard_frames=50) for c, r in a.metadata.cameras.items()}
        assert plain == replace(a.metadata, cameras=expected)


def open_hdf5(path: Path, mode: Literal["r", "w", "a"] = "r") -> Any:
    """A file of h5py, whose own types cannot be indexed without asking what they are."""
    return h5py.File(path, mode)
