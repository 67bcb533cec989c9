"""An export or import appears whole or not at all, whatever interrupts it."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demonstrations.durable import storage_errors, sync_path
from robotics.errors import DatasetError, StorageFullError


@contextmanager
def atomic_output(out: Path, needed_bytes: int = 0) -> Iterator[Path]:
    """Yield a folder beside `out` to write into; it becomes `out` at the end, and is removed on any error.

    Args:
        needed_bytes: About what will be written; refused at once where the disk has less.

    Raises:
        DatasetError: `out` exists already, or cannot be written.
        StorageFullError: The disk is too full.
    """
    if out.exists() or out.is_symlink():
        raise DatasetError(f"{out} already exists; choose another name (nothing is overwritten)")
    staging = out.with_name(f"{out.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        with storage_errors(f"writing {out}"):
            staging.mkdir(parents=True)
            free = shutil.disk_usage(staging).free
            if needed_bytes > free:
                raise StorageFullError(
                    f"{out} needs about {needed_bytes / 1e9:.2f} GB, the disk has {free / 1e9:.2f} GB free"
                )
            yield staging
            for folder, _, files in os.walk(staging):
                for name in files:
                    sync_path(Path(folder, name))
                sync_path(Path(folder))
            if out.exists():
                raise DatasetError(f"{out} was made by someone else meanwhile; nothing is overwritten")
            os.rename(staging, out)
            sync_path(out.parent)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
