"""A folder of demonstrations: dataset.json, index.jsonl, committed episodes, and those being recorded."""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demonstrations.arrays import json_bytes
from demonstrations.durable import FileLock, replace_file, storage_errors, sync_path
from demonstrations.episode import Episode
from demonstrations.index import (
    IndexEntry,
    append_index,
    episode_name,
    episode_numbers,
    is_index_of,
    read_index,
    write_index,
)
from demonstrations.jpeg import DEFAULT_QUALITY
from demonstrations.provenance import software_version, utc_now
from demonstrations.schema import CameraFormat, DatasetDescription
from demonstrations.storage import ObjectPath, locate
from robotics.embodiment import Embodiment
from robotics.errors import DatasetError, IncompatibleError

if TYPE_CHECKING:
    from demonstrations.writer import EpisodeWriter


class DemonstrationDataset:
    """Committed episodes in order of recording; several processes may read it and add to it at once.

    Use `create`, `open` or `open_or_create`.
    """

    def __init__(self, path: Path, description: DatasetDescription):
        self.path = path
        self.description = description
        self.recovered: tuple[str, ...] = ()
        """What opening found left over from interrupted recordings, one line each."""
        self._entries: list[IndexEntry] = []

    @staticmethod
    def create(
        path: Path | str,
        embodiment: Embodiment,
        cameras: Sequence[str] | Mapping[str, tuple[int, int]] | None = None,
        *,
        camera_rate_hz: float | None = None,
        jpeg_quality: int = DEFAULT_QUALITY,
        shard_frames: int = 50,
    ) -> "DemonstrationDataset":
        """Make a new, empty dataset for one embodiment.

        Args:
            cameras: Names, or names with the (height, width) [pixel] to store (frames are averaged down to
                it); all of the embodiment's cameras at their own size by default.
            camera_rate_hz: The most frames a second to record of a camera; its own rate by default.

        Raises:
            DatasetError: Something already exists at `path`, or it cannot be written.
            UnknownNameError: The embodiment has no such camera.
        """
        path = locate(path)
        if isinstance(path, ObjectPath):
            raise DatasetError(f"{path} lies in an object store; record to a disk, then `robotics data copy`")
        if not 1 <= jpeg_quality <= 100 or shard_frames < 1 or (camera_rate_hz or 1) <= 0:
            raise DatasetError(
                "wanted jpeg_quality 1 .. 100, shard_frames >= 1 and camera_rate_hz > 0, got "
                f"{jpeg_quality}, {shard_frames} and {camera_rate_hz}"
            )
        formats = []
        for name in embodiment.camera_names if cameras is None else cameras:
            camera = embodiment.get_camera(name)
            size = cameras[name] if isinstance(cameras, Mapping) else (camera.height, camera.width)
            rate_hz = min(camera.rate_hz, camera_rate_hz or camera.rate_hz)
            formats.append(CameraFormat(name, size[0], size[1], rate_hz))
        description = DatasetDescription(
            embodiment=embodiment.name,
            interface_fingerprint=embodiment.interface_fingerprint,
            control_rate_hz=embodiment.control_rate_hz,
            action_names=embodiment.action_names,
            cameras=tuple(formats),
            jpeg_quality=jpeg_quality,
            shard_frames=shard_frames,
            software_version=software_version(),
            created_utc=utc_now(),
        )
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise DatasetError(f"{path} already exists; open it, or choose another name")
        with storage_errors(f"creating {path}"):
            for folder in ("episodes", "staging"):
                (path / folder).mkdir(parents=True, exist_ok=True)
            replace_file(path / "dataset.json", json_bytes(description.to_json()))
        return DemonstrationDataset(path, description)

    @staticmethod
    def open(
        path: Path | str, embodiment: Embodiment | None = None, *, recover: bool = True
    ) -> "DemonstrationDataset":
        """Open a dataset; what a crash left behind is recovered first (see `recovered`).

        Args:
            path: A folder, or the URL of a place in an object store, e.g. 's3://bucket/data/put_in_bowl'.
            embodiment: Where given, its interface fingerprint must be the dataset's.
            recover: Without, staged episodes stay where they are.

        Raises:
            DatasetError: It is no dataset, damaged, or of a newer schema version.
            IncompatibleError: It is for another embodiment.
        """
        from demonstrations.recovery import recover_staging

        place = locate(path)
        if isinstance(place, ObjectPath):
            from demonstrations.remote import RemoteDataset

            return RemoteDataset.open_remote(place, embodiment)
        path = place
        dataset = DemonstrationDataset(path, DatasetDescription.read(path / "dataset.json"))
        if embodiment is not None:
            dataset.check_embodiment(embodiment)
        if recover:
            dataset.recovered = recover_staging(dataset)
        dataset.refresh()
        return dataset

    @staticmethod
    def open_or_create(
        path: Path | str, embodiment: Embodiment, *args: Any, **options: Any
    ) -> "DemonstrationDataset":
        """`open` where there is a dataset, else `create` with these arguments."""
        if isinstance(locate(path), ObjectPath) or (Path(path) / "dataset.json").exists():
            return DemonstrationDataset.open(path, embodiment)
        return DemonstrationDataset.create(path, embodiment, *args, **options)

    def check_embodiment(self, embodiment: Embodiment) -> None:
        """Refuse another robot.

        Raises:
            IncompatibleError: The interface fingerprints differ; the message says in what.
        """
        if embodiment.interface_fingerprint == self.description.interface_fingerprint:
            return
        own, other = self.description, embodiment
        reasons = [f"'{own.embodiment}' and '{other.name}'"] if own.embodiment != other.name else []
        if own.action_names != other.action_names:
            reasons.append("different joints")
        if own.control_rate_hz != other.control_rate_hz:
            reasons.append(f"control rates {own.control_rate_hz} and {other.control_rate_hz} Hz")
        raise IncompatibleError(
            f"{self.path} was recorded on another interface ({own.interface_fingerprint}) than this robot's "
            f"({other.interface_fingerprint}): {', '.join(reasons) or 'different cameras or units'}"
        )

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Episode]:
        return (self.episode(i) for i in range(len(self)))

    @property
    def interface_fingerprint(self) -> str:
        """Of the embodiment that was recorded."""
        return self.description.interface_fingerprint

    @property
    def camera_names(self) -> tuple[str, ...]:
        """Cameras that are recorded."""
        return self.description.camera_names

    @property
    def entries(self) -> tuple[IndexEntry, ...]:
        """The index: one entry an episode."""
        return tuple(self._entries)

    def episode(self, index: int) -> Episode:
        """The episode at `index` 0 .. len-1, in order of recording; negative ones count from the end.

        Raises:
            IndexError: There is none.
            DatasetError: It is damaged.
        """
        if not -len(self) <= index < len(self):
            raise IndexError(f"{self.path} has {len(self)} episodes, no index {index}")
        entry = self._entries[index]
        return Episode(self.path / "episodes" / entry.name, entry.number)

    def demonstrations(self, task: str | None = None) -> list[int]:
        """Indices of the episodes to learn from: whole, not judged a failure, optionally of one task."""
        return [
            i
            for i, e in enumerate(self._entries)
            if not e.truncated and e.success is not False and task in (None, e.task)
        ]

    def refresh(self) -> None:
        """Read the index again; where it disagrees with the episodes, they win and it is rebuilt."""
        numbers = episode_numbers(self.path / "episodes")
        known = {entry.number: entry for entry in read_index(self.path / "index.jsonl")}
        entries, readable = [], True
        for number in numbers:
            if number not in known:
                try:
                    known[number] = _index_entry(
                        Episode(self.path / "episodes" / episode_name(number), number)
                    )
                except DatasetError:
                    readable = False
                    continue
            entries.append(known[number])
        self._entries = entries
        stale = (entries or known) and not is_index_of(self.path / "index.jsonl", entries)
        if stale and readable and os.access(self.path, os.W_OK):
            self._rebuild_index()

    def _rebuild_index(self) -> None:
        lock = FileLock(self.path / "commit.lock")
        with storage_errors(f"rebuilding {self.path / 'index.jsonl'}"):
            if lock.acquire(wait=False):
                try:
                    numbers = episode_numbers(self.path / "episodes")
                    if numbers == [entry.number for entry in self._entries]:
                        write_index(self.path / "index.jsonl", self._entries)
                finally:
                    lock.release()

    def publish(self, staged: Path) -> int:
        """Move a finished episode among the committed ones and index it; returns its index here.

        Raises:
            StorageFullError, DatasetError: It could not be moved, and stays in staging.
        """
        with storage_errors(f"committing an episode to {self.path}"), FileLock(self.path / "commit.lock"):
            number = max(episode_numbers(self.path / "episodes"), default=-1) + 1
            target = self.path / "episodes" / episode_name(number)
            os.rename(staged, target)
            sync_path(target.parent)
            append_index(self.path / "index.jsonl", _index_entry(Episode(target, number)))
        self.refresh()
        return next(i for i, entry in enumerate(self._entries) if entry.number == number)

    def writer(self, embodiment: Embodiment, **options: Any) -> "EpisodeWriter":
        """A writer that adds episodes; options as of `EpisodeWriter`.

        Raises:
            IncompatibleError: The embodiment is not the dataset's.
        """
        from demonstrations.writer import EpisodeWriter

        return EpisodeWriter(self, embodiment, **options)

    def dataset_identity(self) -> str:
        """SHA-256 of the sorted episode checksums: equal for equal content in any order."""
        checksums = sorted(entry.checksum for entry in self._entries)
        return hashlib.sha256("\n".join(checksums).encode()).hexdigest()


def _index_entry(episode: Episode) -> IndexEntry:
    meta = episode.metadata
    return IndexEntry(
        number=episode.number,
        length=meta.length,
        frames=sum(camera.frames for camera in meta.cameras.values()),
        task=meta.task,
        instruction=meta.instruction,
        seed=meta.seed,
        success=meta.success,
        truncated=meta.truncated,
        source=meta.source,
        recorded_utc=meta.recorded_utc,
        checksum=episode.checksum,
    )
