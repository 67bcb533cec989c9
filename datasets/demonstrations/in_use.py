"""Who looks at which version: `gc` deletes no episode that an open dataset of any process still shows."""

import fcntl
import os
from pathlib import Path
from typing import Any

_FOLDER = "in_use"


class VersionInUse:
    """A shared lock on one version, held as long as this object lives; the kernel frees it on any death.

    On a read-only disk there is none: nothing can be deleted there either.
    """

    def __init__(self, dataset: Path, version: int):
        self._key = (dataset, version)
        self._descriptor: int | None = None
        folder = dataset / _FOLDER
        try:
            folder.mkdir(exist_ok=True)
            self._descriptor = os.open(_lock_path(dataset, version), os.O_RDWR | os.O_CREAT, 0o644)
            # a `gc` holds it exclusively for an instant
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)
        except OSError:
            self.release()

    @property
    def version(self) -> int:
        return self._key[1]

    def release(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def __del__(self):
        self.release()

    def __reduce__(self) -> tuple[Any, ...]:
        # a descriptor means nothing in another process, which takes the lock itself
        return VersionInUse, self._key


def versions_in_use(dataset: Path, versions: range) -> set[int]:
    """Those of the versions that some process has open."""
    used = set()
    for version in versions:
        try:
            descriptor = os.open(_lock_path(dataset, version), os.O_RDWR)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            used.add(version)
        finally:
            os.close(descriptor)
    return used


def _lock_path(dataset: Path, version: int) -> Path:
    return dataset / _FOLDER / f"version_{version}.lock"
