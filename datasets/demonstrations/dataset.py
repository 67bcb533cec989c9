"""A folder of demonstrations as one of its versions shows it, by default the current one."""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demonstrations.arrays import json_bytes
from demonstrations.describe import check_interface, describe_dataset
from demonstrations.durable import FileLock, replace_file, storage_errors, sync_path
from demonstrations.episode import Episode
from demonstrations.in_use import VersionInUse
from demonstrations.index import (
    IndexEntry,
    append_index,
    episode_name,
    episode_numbers,
    index_entry,
    is_index_of,
    number_ranges,
    read_index,
    write_index,
)
from demonstrations.jpeg import DEFAULT_QUALITY
from demonstrations.schema import DatasetDescription
from demonstrations.storage import ObjectPath, locate
from demonstrations.versions import VERSIONS_FILE, Version, VersionHistory
from robotics.embodiment import Embodiment
from robotics.errors import DatasetError

if TYPE_CHECKING:
    from demonstrations.writer import EpisodeWriter


class DemonstrationDataset:
    """Committed episodes in order of recording; several processes may read it and add to it at once.

    Use `create`, `open` or `open_or_create`. Episodes that the version shown hides (versions.py) are not
    counted, iterated or given out; as long as this object lives, `gc` in whatever process deletes none that
    it shows.
    """

    def __init__(self, path: Path, description: DatasetDescription, *, rebuilds_index: bool = True):
        self.path = path
        self.description = description
        self.recovered: tuple[str, ...] = ()
        """What opening found left over from interrupted recordings and edits, one line each."""
        self.history = VersionHistory(path / VERSIONS_FILE, ())
        """Every version, as of the last `refresh`."""
        self._pinned: int | None = None
        self._rebuilds_index = rebuilds_index
        self._in_use: VersionInUse | None = None
        self._committed: list[IndexEntry] = []
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
        place = locate(path)
        if isinstance(place, ObjectPath):
            raise DatasetError(
                f"{place} lies in an object store; record to a disk, then `robotics data copy`"
            )
        path = place
        description = describe_dataset(
            embodiment,
            cameras,
            camera_rate_hz=camera_rate_hz,
            jpeg_quality=jpeg_quality,
            shard_frames=shard_frames,
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
        path: Path | str,
        embodiment: Embodiment | None = None,
        *,
        recover: bool = True,
        version: int | None = None,
    ) -> "DemonstrationDataset":
        """Open a dataset; what a crash left behind is recovered first (see `recovered`).

        Args:
            path: A folder, or the URL of a place in an object store, e.g. 's3://bucket/data/put_in_bowl'.
            embodiment: Where given, its interface fingerprint must be the dataset's.
            recover: Without, nothing is repaired or finished: staged episodes and a stale index stay.
            version: An older version to look at, 0 for the dataset before any edit; the current one by
                default. It can be read, not recorded into.

        Raises:
            DatasetError: It is no dataset, damaged, or of a newer schema version; there is no such version,
                or `gc` has deleted episodes of it.
            IncompatibleError: It is for another embodiment.
        """
        from demonstrations.editing.transaction import recover_edits
        from demonstrations.recovery import recover_staging

        place = locate(path)
        if isinstance(place, ObjectPath):
            from demonstrations.remote import RemoteDataset

            if version is not None:
                raise DatasetError(
                    f"{place} lies in an object store, where only the current version can be read"
                )
            return RemoteDataset.open_remote(place, embodiment)
        path = place
        description = DatasetDescription.read(path / "dataset.json")
        dataset = DemonstrationDataset(path, description, rebuilds_index=recover)
        if embodiment is not None:
            dataset.check_embodiment(embodiment)
        if recover:
            VersionHistory.read(path / VERSIONS_FILE)  # where it is damaged, nothing is touched
            dataset.recovered = (*recover_edits(path), *recover_staging(dataset))
        dataset._pinned = version
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
        check_interface(self.path, self.description, embodiment)

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

    @property
    def committed_entries(self) -> tuple[IndexEntry, ...]:
        """The index with what the version hides."""
        return tuple(self._committed)

    @property
    def version(self) -> Version:
        """The version shown."""
        return self.history.current if self._pinned is None else self.history.get(self._pinned)

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

    def index_of(self, number: int) -> int:
        """The index of the episode of that number, which is stable over edits while the index is not.

        Raises:
            DatasetError: There is none, or the version shown hides it.
        """
        for i, entry in enumerate(self._entries):
            if entry.number == number:
                return i
        if any(entry.number == number for entry in self._committed):
            raise DatasetError(
                f"{self.path} hides episode {number} in version {self.version.version}; "
                "`robotics data versions` lists what was edited"
            )
        shown = number_ranges([entry.number for entry in self._entries])
        raise DatasetError(f"{self.path} has no episode {number}; it has: {shown or 'none'}")

    def refresh(self) -> None:
        """Read versions and index again; where the index disagrees with the episodes, they win.

        Raises:
            DatasetError: versions.jsonl is damaged, or the version asked for cannot be shown.
        """
        self._hold_version()
        numbers = episode_numbers(self.path / "episodes")
        known = {entry.number: entry for entry in read_index(self.path / "index.jsonl")}
        entries, readable = [], True
        for number in numbers:
            if number not in known:
                try:
                    known[number] = index_entry(
                        Episode(self.path / "episodes" / episode_name(number), number)
                    )
                except DatasetError:
                    readable = False
                    continue
            entries.append(known[number])
        self._committed = entries
        self._entries = [e for e in entries if self.history.shows(self.version, e.number)]
        self.history.check_nothing_is_deleted(self.version, [entry.number for entry in entries])
        stale = (entries or known) and not is_index_of(self.path / "index.jsonl", entries)
        if stale and readable and self._rebuilds_index and os.access(self.path, os.W_OK):
            self._rebuild_index()

    def _hold_version(self) -> None:
        while True:
            self.history = VersionHistory.read(self.path / VERSIONS_FILE)
            shown = self.version.version
            if self._in_use is not None and self._in_use.version == shown:
                return
            # read again after locking: an edit and a `gc` may have come between
            self._in_use = VersionInUse(self.path, shown)

    def _rebuild_index(self) -> None:
        lock = FileLock(self.path / "commit.lock")
        with storage_errors(f"rebuilding {self.path / 'index.jsonl'}"):
            if lock.acquire(wait=False):
                try:
                    numbers = episode_numbers(self.path / "episodes")
                    if numbers == [entry.number for entry in self._committed]:
                        write_index(self.path / "index.jsonl", self._committed)
                finally:
                    lock.release()

    def publish(self, staged: Path) -> int:
        """Move a finished episode among the committed ones and index it; returns its index here.

        Raises:
            StorageFullError, DatasetError: It could not be moved, and stays in staging.
        """
        self.check_is_current()
        with storage_errors(f"committing an episode to {self.path}"), FileLock(self.path / "commit.lock"):
            number = VersionHistory.read(self.path / VERSIONS_FILE).next_number
            target = self.path / "episodes" / episode_name(number)
            os.rename(staged, target)
            sync_path(target.parent)
            append_index(self.path / "index.jsonl", index_entry(Episode(target, number)))
        self.refresh()
        return self.index_of(number)

    def check_is_current(self) -> None:
        """Refuse to record into an older version or to edit it.

        Raises:
            DatasetError: It was opened as such.
        """
        if self._pinned is not None:
            raise DatasetError(
                f"{self.path} was opened at version {self._pinned}, which can only be read; "
                "open the current version to record or edit"
            )

    def writer(self, embodiment: Embodiment, **options: Any) -> "EpisodeWriter":
        """A writer that adds episodes; options as of `EpisodeWriter`.

        Raises:
            IncompatibleError: The embodiment is not the dataset's.
        """
        from demonstrations.writer import EpisodeWriter

        self.check_is_current()
        return EpisodeWriter(self, embodiment, **options)

    def dataset_identity(self) -> str:
        """SHA-256 of the sorted episode checksums: equal for equal content in any order."""
        checksums = sorted(entry.checksum for entry in self._entries)
        return hashlib.sha256("\n".join(checksums).encode()).hexdigest()
