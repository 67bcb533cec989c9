"""Copies a dataset to or from an object store or another folder, episode by episode."""

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from demonstrations.arrays import json_bytes
from demonstrations.dataset import DemonstrationDataset
from demonstrations.durable import storage_errors, sync_path
from demonstrations.episode import read_attributes
from demonstrations.index import IndexEntry, index_bytes, read_index
from demonstrations.storage import ObjectPath, locate, write_whole
from robotics.errors import DatasetError

_MARKER = "zarr.json"
"""Of an episode: written last, so that an episode without it is none."""


@dataclass(frozen=True)
class CopyReport:
    """What `copy_dataset` did."""

    episodes: int
    """Copied now."""
    skipped: int
    """There already."""
    bytes: int
    """Copied now."""


def copy_dataset(
    source: DemonstrationDataset,
    target: str | Path,
    *,
    episodes: Sequence[int] | None = None,
    transfers: int = 16,
    progress: Callable[[int, int], None] | None = None,
) -> CopyReport:
    """Copy episodes with their numbers; each appears at `target` whole or not at all.

    Every file is compared with its checksum on the way. After an interruption the same call goes on with
    the episodes that are missing.

    Args:
        target: A folder, or a URL such as s3://bucket/data/put_in_bowl.
        episodes: Indices into `source`; all that it shows by default.
        transfers: Files on their way at once.
        progress: Called after each episode with (episodes done, of how many).

    Raises:
        StorageFullError: The disk is full.
        DatasetError: A file is damaged or cannot be read or written, or `target` holds another dataset.
    """
    place = locate(target)
    known = _open_target(source, place)
    chosen = [source.entries[i] for i in (range(len(source)) if episodes is None else episodes)]
    copied = skipped = size = 0
    try:
        with ThreadPoolExecutor(transfers) as pool:
            for count, entry in enumerate(chosen, 1):
                there = known.get(entry.number)
                if there is not None and there.checksum == entry.checksum:
                    skipped += 1
                elif there is not None:
                    raise DatasetError(f"{place} has another {entry.name}; choose another place")
                else:
                    with storage_errors(f"copying {entry.name} to {place}"):
                        size += _copy_episode(source, entry, place, pool)
                    known[entry.number] = entry
                    copied += 1
                if progress is not None:
                    progress(count, len(chosen))
    finally:
        if copied:
            with storage_errors(f"writing the index of {place}"):
                write_whole(place / "index.jsonl", index_bytes([known[number] for number in sorted(known)]))
    return CopyReport(copied, skipped, size)


def _open_target(source: DemonstrationDataset, place: Path | ObjectPath) -> dict[int, IndexEntry]:
    """Make the dataset where there is none; returns the episodes that it has."""
    description = json_bytes(source.description.to_json())
    with storage_errors(f"writing to {place}"):
        try:
            if (place / "dataset.json").read_bytes() != description:
                raise DatasetError(f"{place} holds another dataset; choose another place")
        except FileNotFoundError:
            if place.is_dir() and not (isinstance(place, Path) and not any(place.iterdir())):
                raise DatasetError(f"{place} holds something other than a dataset; choose another") from None
            write_whole(place / "dataset.json", description)
            return {}
    if isinstance(place, Path):
        return {entry.number: entry for entry in DemonstrationDataset.open(place, recover=False).entries}
    return {entry.number: entry for entry in read_index(cast(Path, place / "index.jsonl"))}


def _copy_episode(
    source: DemonstrationDataset, entry: IndexEntry, place: Path | ObjectPath, pool: ThreadPoolExecutor
) -> int:
    """Copy one episode, its commit marker last; returns its bytes."""
    origin = source.path / "episodes" / entry.name
    attributes = read_attributes(origin)
    if attributes.get("complete") is not True:
        raise DatasetError(f"{origin} was never committed (no commit marker)")
    files: dict[str, str] = attributes["checksums"]["files"]
    final = place / "episodes" / entry.name
    if isinstance(final, ObjectPath):
        return _copy_files(origin, files, final, pool)
    partial = final.with_name(f"{entry.name}.partial")
    final.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(partial, ignore_errors=True)
    try:
        size = _copy_files(origin, files, partial, pool)
        for folder in (partial, *(p for p in partial.rglob("*") if p.is_dir())):
            sync_path(folder)
        os.rename(partial, final)
        sync_path(final.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return size


def _copy_files(
    origin: Path, files: dict[str, str], target: Path | ObjectPath, pool: ThreadPoolExecutor
) -> int:
    def copy(name: str) -> int:
        data = (origin / name).read_bytes()
        if name != _MARKER and hashlib.sha256(data).hexdigest() != files[name]:
            raise DatasetError(f"{origin / name} is damaged: its checksum does not match")
        write_whole(target / name, data)
        return len(data)

    return sum(pool.map(copy, files)) + copy(_MARKER)
