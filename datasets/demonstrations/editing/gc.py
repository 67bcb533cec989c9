"""Deletes for good what the current version hides, but nothing that some open dataset still shows."""

import shutil
import uuid
from dataclasses import dataclass

from demonstrations.dataset import DemonstrationDataset
from demonstrations.durable import FileLock, storage_errors
from demonstrations.editing.transaction import EDITS_FOLDER, GC_PREFIX, take_out
from demonstrations.in_use import versions_in_use
from demonstrations.index import episode_name
from demonstrations.versions import VERSIONS_FILE, VersionHistory


@dataclass(frozen=True)
class Garbage:
    """What `collect_garbage` would delete, or has deleted."""

    numbers: tuple[int, ...]
    freed_bytes: int
    """Of files that nothing else links to."""
    held: tuple[int, ...] = ()
    """Hidden episodes that stay, because a dataset is open at a version that shows them."""


def find_garbage(dataset: DemonstrationDataset) -> Garbage:
    """Every hidden episode, but those in use."""
    history = VersionHistory.read(dataset.path / VERSIONS_FILE)
    hidden = [e.number for e in dataset.committed_entries if not history.shows(history.current, e.number)]
    used = versions_in_use(dataset.path, range(history.current.version))
    held = [n for n in hidden if any(history.shows(history.versions[v], n) for v in used)]
    numbers = tuple(sorted({*hidden} - {*held}))
    return Garbage(numbers, _freed_bytes(dataset, numbers), tuple(held))


def collect_garbage(dataset: DemonstrationDataset, command: str = "gc") -> Garbage:
    """Delete it; older versions that showed these episodes cannot be restored any more.

    Raises:
        StorageFullError, DatasetError: The disk is full or cannot be written; what is left to delete
            stays hidden, and the next `gc` takes it.
    """
    name = f"{GC_PREFIX}{uuid.uuid4().hex}"
    folder = dataset.path / EDITS_FOLDER / name
    with storage_errors(f"deleting hidden episodes of {dataset.path}"):
        folder.parent.mkdir(exist_ok=True)
        lock = FileLock(folder.with_suffix(".lock"))
        lock.acquire()
        try:
            with FileLock(dataset.path / "commit.lock"):
                garbage = find_garbage(dataset)
                if not garbage.numbers:
                    return garbage
                history = VersionHistory.read(dataset.path / VERSIONS_FILE)
                before = history.next_number
                history.append(
                    history.next_version(
                        command, history.current.hidden, before=before, deleted=garbage.numbers
                    )
                )
                take_out(dataset, garbage.numbers, folder)
            shutil.rmtree(folder)
        finally:
            if not folder.exists():
                lock.path.unlink(missing_ok=True)
            lock.release()
    dataset.refresh()
    return garbage


def _freed_bytes(dataset: DemonstrationDataset, numbers: tuple[int, ...]) -> int:
    """A relabelled episode shares its files with the old one: deleting one of the two frees little."""
    total = 0
    links: dict[int, int] = {}
    for number in numbers:
        path = dataset.path / "episodes" / episode_name(number)
        for file in path.rglob("*"):
            if not file.is_file():
                continue
            stat = file.stat()
            links[stat.st_ino] = links.get(stat.st_ino, 0) + 1
            if links[stat.st_ino] == stat.st_nlink:
                total += stat.st_size
    return total
