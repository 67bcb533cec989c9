"""Several datasets of one robot as one new dataset; episodes are linked or copied, byte for byte."""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from demonstrations.arrays import json_bytes
from demonstrations.dataset import DemonstrationDataset
from demonstrations.durable import FileLock, replace_file, storage_errors, sync_path
from demonstrations.editing.relabel import link_files
from demonstrations.episode import Episode
from demonstrations.index import episode_name, index_entry, write_index
from demonstrations.provenance import software_version, utc_now
from demonstrations.schema import CameraFormat
from demonstrations.verify import verify
from demonstrations.versions import VERSIONS_FILE, VersionHistory
from robotics.errors import DatasetError, IncompatibleError


@dataclass(frozen=True)
class Merged:
    """What was done."""

    episodes: int
    duplicates: int
    """Episodes that were in more than one dataset, or twice in one; the new one has each once."""
    copied_bytes: int
    """Of files that could not be hard links."""


def merge_datasets(
    datasets: Sequence[DemonstrationDataset],
    out: Path,
    *,
    command: str,
    on_episode: Callable[[int], None] = lambda done: None,
) -> Merged:
    """Make a new dataset of what the others show, in their order; it appears whole, and verified.

    Args:
        on_episode: Told after each episode how many are done.

    Raises:
        IncompatibleError: They are not of one interface, or store other cameras.
        DatasetError: Something exists at `out`, or an episode is damaged.
    """
    check_alike(datasets)
    if out.exists():
        raise DatasetError(f"{out} already exists; choose another name")
    partial = out.with_name(f".{out.name}.merging")
    with storage_errors(f"merging into {out}"):
        partial.mkdir(parents=True, exist_ok=True)
        lock = FileLock(partial / "commit.lock")
        if not lock.acquire(wait=False):
            raise DatasetError(f"another process is merging into {out}")
        try:
            merged, origins = _fill(datasets, partial, command, on_episode)
            problems = verify(DemonstrationDataset.open(partial, recover=False))
            if problems:
                raise DatasetError(
                    f"nothing was merged: {origins[problems[0].episode]}: {problems[0].text} "
                    f"({len(problems)} problems in all); see `robotics data verify` and `repair`"
                )
            shutil.rmtree(partial / "in_use", ignore_errors=True)
            os.rename(partial, out)
            sync_path(out.parent)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        finally:
            lock.release()
    return merged


def check_alike(datasets: Sequence[DemonstrationDataset]) -> None:
    """Refuse to mix robots or picture sizes.

    Raises:
        IncompatibleError: Names the two datasets and what differs.
        DatasetError: There is none.
    """
    if not datasets:
        raise DatasetError("no dataset to merge")
    first = datasets[0]
    for other in datasets[1:]:
        a, b = first.description, other.description
        if a.interface_fingerprint != b.interface_fingerprint:
            raise IncompatibleError(
                f"{first.path} ({a.embodiment}, interface {a.interface_fingerprint}) and {other.path} "
                f"({b.embodiment}, interface {b.interface_fingerprint}) are of different interfaces"
            )
        if _cameras(a.cameras) != _cameras(b.cameras):
            raise IncompatibleError(
                f"{first.path} and {other.path} store other cameras: "
                f"{_camera_text(a.cameras)} and {_camera_text(b.cameras)}"
            )


def _cameras(cameras: Sequence[CameraFormat]) -> dict[str, tuple[int, int]]:
    return {camera.name: (camera.height, camera.width) for camera in cameras}


def _camera_text(cameras: Sequence[CameraFormat]) -> str:
    return ", ".join(f"{camera.name} {camera.height} x {camera.width}" for camera in cameras)


def _fill(
    datasets: Sequence[DemonstrationDataset], folder: Path, command: str, on_episode: Callable[[int], None]
) -> tuple[Merged, dict[str, str]]:
    """Returns what was done, and for each new episode's name where it comes from."""
    for item in folder.iterdir():  # of a merge that was killed
        if item.is_dir():
            shutil.rmtree(item)
        elif item.name != "commit.lock":
            item.unlink()
    for name in ("episodes", "staging"):
        (folder / name).mkdir()
    description = replace(datasets[0].description, software_version=software_version(), created_utc=utc_now())
    entries, seen, copied, duplicates = [], set(), 0, 0
    origins = {"": str(folder)}
    for dataset in datasets:
        for entry in dataset.entries:
            if entry.checksum in seen:
                duplicates += 1
                continue
            seen.add(entry.checksum)
            target = folder / "episodes" / episode_name(len(entries))
            origins[target.name] = f"{dataset.path}/episodes/{entry.name}"
            copied += link_files(dataset.path / "episodes" / entry.name, target)
            entries.append(index_entry(Episode(target, len(entries))))
            on_episode(len(entries) + duplicates)
    write_index(folder / "index.jsonl", entries)
    history = VersionHistory(folder / VERSIONS_FILE, ())
    history.append(history.next_version(command, frozenset(), before=0, made=range(len(entries))))
    replace_file(folder / "dataset.json", json_bytes(description.to_json()))
    return Merged(len(entries), duplicates, copied), origins
