"""An edit as a whole: its new episodes and its version appear together or not at all, whatever is killed.

New episodes are written into edits/NAME/. The line in versions.jsonl is the moment that counts: an edit that
died before it is undone by the next opening, one that died after it is finished.
"""

import os
import shutil
import uuid
from collections.abc import Collection
from pathlib import Path
from typing import Self

from demonstrations.dataset import DemonstrationDataset
from demonstrations.durable import FileLock, storage_errors, sync_path
from demonstrations.episode import Episode
from demonstrations.index import (
    append_index,
    episode_name,
    index_entry,
    number_ranges,
    read_index,
    write_index,
)
from demonstrations.versions import VERSIONS_FILE, Version, VersionHistory
from robotics.errors import DatasetError

EDITS_FOLDER = "edits"
GC_PREFIX = "gc-"
"""Begins the name of a folder in edits/ whose episodes are being deleted."""


class Edit:
    """Use in a `with` block: fill the folders that `new_episode` gives, then `commit`; else all is dropped.

    Raises:
        StorageFullError, DatasetError: Here and in `commit`; nothing is lost then: either nothing has
            changed, or the next opening finishes the edit.
    """

    def __init__(self, dataset: DemonstrationDataset, command: str):
        """
        Args:
            command: The edit in words, as `robotics data versions` shows it.
        """
        self.dataset = dataset
        self.command = command
        self._name = uuid.uuid4().hex
        self._folder = dataset.path / EDITS_FOLDER / self._name
        self._lock = FileLock(self._folder.with_suffix(".lock"))
        self._staged = 0
        self._unfinished = False

    def __enter__(self) -> Self:
        self.dataset.check_is_current()
        with storage_errors(f"editing {self.dataset.path}"):
            self._folder.parent.mkdir(exist_ok=True)
            self._lock.acquire()
            self._folder.mkdir()
        return self

    def __exit__(self, *_: object) -> None:
        if not self._unfinished:  # else the next opening finishes or undoes it
            shutil.rmtree(self._folder, ignore_errors=True)
            self._lock.path.unlink(missing_ok=True)
        self._lock.release()

    def new_episode(self) -> Path:
        """Where to write the next new episode; the folder does not exist yet."""
        self._staged += 1
        return self._folder / _staged_name(self._staged - 1)

    def commit(
        self,
        hide: Collection[int] = (),
        *,
        show: Collection[int] = (),
        set_aside: Collection[int] = (),
    ) -> Version:
        """Make the new version; the dataset shows it afterwards.

        Args:
            hide: Numbers of episodes that the new ones replace, or that are not wanted.
            show: Numbers of hidden episodes to show again.
            set_aside: Those of `hide` that will be moved out of the dataset for good.

        Raises:
            DatasetError: Another edit has hidden one of them meanwhile.
        """
        dataset = self.dataset
        with (
            storage_errors(f"editing {dataset.path}"),
            FileLock(dataset.path / "commit.lock"),
        ):
            history = VersionHistory.read(dataset.path / VERSIONS_FILE)
            current = history.current
            if conflict := sorted(current.hidden.intersection(hide) - {*set_aside}):
                raise DatasetError(
                    f"another edit ({current.command}) has hidden episodes {number_ranges(conflict)} "
                    "meanwhile; nothing was changed"
                )
            before = history.next_number
            sync_path(self._folder)
            sync_path(self._folder.parent)
            version = history.next_version(
                self.command,
                (current.hidden | {*hide}) - {*show},
                before=before,
                made=range(before, before + self._staged),
                deleted=sorted(set_aside),
                edit=self._name if self._staged else "",
            )
            self._unfinished = True
            history.append(version)
            _publish(dataset.path, self._folder, version)
            self._unfinished = False
        dataset.refresh()
        return version


def recover_edits(path: Path) -> tuple[str, ...]:
    """Finish or undo what killed edits left in edits/; those of living processes are left alone.

    Returns:
        One line for each, for the user. On a read-only disk nothing is done.
    """
    folder = path / EDITS_FOLDER
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return ()
    report = []
    names = {item.name.removesuffix(".lock") for item in folder.iterdir()}
    for name in sorted(names):
        lock = FileLock(folder / f"{name}.lock")
        with storage_errors(f"finishing an interrupted edit in {path}"):
            if not lock.acquire(wait=False):
                continue
            try:
                line = _finish_or_undo(path, folder / name)
                report += [line] if line else []
                lock.path.unlink(missing_ok=True)
            finally:
                lock.release()
    return tuple(report)


def _finish_or_undo(path: Path, folder: Path) -> str:
    if not folder.exists():
        return ""
    with FileLock(path / "commit.lock"):
        # a damaged history is refused later, in words; until then nothing is thrown away
        history = VersionHistory.read(path / VERSIONS_FILE)
        version = next((v for v in history.versions if v.edit == folder.name), None)
        if version is not None:
            _publish(path, folder, version)
            shutil.rmtree(folder)
            return f"an interrupted edit was finished: version {version.version} ({version.command})"
    shutil.rmtree(folder)
    if folder.name.startswith(GC_PREFIX):
        return "an interrupted gc was finished"
    return "an interrupted edit was undone"


def _publish(path: Path, folder: Path, version: Version) -> None:
    """Move the edit's episodes among the committed ones; those that are there already are skipped."""
    for i, number in enumerate(version.made):
        staged, target = folder / _staged_name(i), path / "episodes" / episode_name(number)
        if staged.exists():
            os.rename(staged, target)
    sync_path(path / "episodes")
    indexed = {entry.number for entry in read_index(path / "index.jsonl")}
    for number in version.made:
        if number not in indexed:
            target = path / "episodes" / episode_name(number)
            append_index(path / "index.jsonl", index_entry(Episode(target, number)))


def take_out(dataset: DemonstrationDataset, numbers: Collection[int], folder: Path) -> None:
    """Move episodes out of the dataset into `folder` and the index; the caller holds the commit lock."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        source = dataset.path / "episodes" / episode_name(number)
        if source.exists():
            os.rename(source, folder / source.name)
    sync_path(dataset.path / "episodes")
    left = [entry for entry in read_index(dataset.path / "index.jsonl") if entry.number not in numbers]
    write_index(dataset.path / "index.jsonl", left)


def _staged_name(i: int) -> str:
    return f"{i:06d}.zarr"
