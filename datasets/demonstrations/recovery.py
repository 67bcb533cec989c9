"""What a crash left in staging: finished, cut back to its last whole moment, or set aside with a note."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from demonstrations.arrays import crc32c_bytes
from demonstrations.durable import FileLock, storage_errors
from demonstrations.episode import read_attributes
from demonstrations.journal import FRAME_RECORD, read_events, read_records, row_dtype
from demonstrations.provenance import utc_now
from demonstrations.schema import EpisodeMetadata
from demonstrations.shards import file_checksum, shard_index, shard_key
from demonstrations.staging import DEPTH_JOURNAL, JOURNAL, finish_group
from robotics.errors import RoboticsError, StorageFullError

if TYPE_CHECKING:
    from demonstrations.dataset import DemonstrationDataset

RECOVERED_NOTE = "recovered after an interruption; the end is missing"


def recover_staging(dataset: "DemonstrationDataset") -> tuple[str, ...]:
    """Deal with every staged episode whose recorder is no longer alive.

    A complete one is published. One that was cut short is published up to its last whole tick and frame,
    marked `truncated` and without a judgement. One with nothing in it is removed; a damaged one moves to
    `set_aside/` with a note. On a read-only or full disk everything stays where it is.

    Returns:
        One line for each, for the user.
    """
    staging = dataset.path / "staging"
    if not staging.is_dir() or not os.access(staging, os.W_OK):
        return ()
    report = []
    # a recorder that died before it made its folder, or after that had moved, has left only a lock
    staged = {path.with_suffix(".zarr") for path in staging.iterdir() if path.suffix in (".zarr", ".lock")}
    for path in sorted(staged):
        lock = FileLock(path.with_suffix(".lock"))
        if not lock.acquire(wait=False):
            continue
        try:
            if path.exists():
                report.append(_recover(dataset, path))
        except StorageFullError as error:
            report.append(f"staging/{path.name} waits for recovery: {error}")
        except (RoboticsError, OSError) as error:
            report.append(_set_aside(dataset, path, str(error)))
        finally:
            if not path.exists():
                lock.path.unlink(missing_ok=True)
            lock.release()
    return tuple(report)


def _recover(dataset: "DemonstrationDataset", path: Path) -> str:
    if not (path / "zarr.json").exists():
        shutil.rmtree(path)
        return f"staging/{path.name} was empty: removed"
    attributes = read_attributes(path)
    if attributes.get("complete") is True:
        shutil.rmtree(path / JOURNAL, ignore_errors=True)
        index = dataset.publish(path)
        return f"episode {index} was complete but not committed: committed"
    metadata = EpisodeMetadata.from_attributes(attributes, str(path))
    journal = path / JOURNAL
    rows = read_records(journal / "rows.bin", row_dtype(len(dataset.description.action_names)))
    if not len(rows):
        shutil.rmtree(path)
        return f"staging/{path.name} had no control ticks yet: removed"
    times: dict[str, np.ndarray] = {}
    checksums: dict[str, dict[str, str]] = {}
    depth: dict[str, dict[str, str]] = {}
    with storage_errors(f"recovering {path}"):
        for name in metadata.cameras:
            frames = read_records(journal / f"{name}.bin", FRAME_RECORD)
            depths = read_records(journal / f"{name}{DEPTH_JOURNAL}", FRAME_RECORD)
            shard_frames = metadata.cameras[name].shard_frames
            images, ranges = path / "images" / name, path / "depth" / name
            if len(depths):
                # a picture is written before its depth, so that the last one may lack it
                kept, _ = _repair_shards(ranges, depths, shard_frames)
                frames = frames[:kept] if kept else frames
            kept, checksums[name] = _repair_shards(images, frames, shard_frames)
            times[name] = frames["time_ns"][:kept]
            _, found = _repair_shards(ranges, depths[:kept], shard_frames)
            if found:
                depth[name] = found
            else:
                shutil.rmtree(ranges, ignore_errors=True)
        metadata = replace(
            metadata, truncated=True, note=RECOVERED_NOTE, events=read_events(journal / "events.jsonl")
        )
        _clear_arrays(path)
        metadata = finish_group(
            path, dataset.description, rows, times, checksums, metadata=metadata, depth_checksums=depth
        )
        shutil.rmtree(journal)
    index = dataset.publish(path)
    return f"episode {index} recovered up to tick {metadata.length}, marked truncated"


def _repair_shards(folder: Path, frames: np.ndarray, shard_frames: int) -> tuple[int, dict[str, str]]:
    """Cut a camera's shards after their last whole frame; returns how many are kept, and checksums."""
    kept = 0
    checksums: dict[str, str] = {}
    for shard in range(-(-len(frames) // shard_frames)):
        path = folder / shard_key(shard)
        records = frames[shard * shard_frames : (shard + 1) * shard_frames]
        data = path.read_bytes() if path.exists() else b""
        places: list[tuple[int, int]] = []
        for record in records:
            offset, size = int(record["offset"]), int(record["size"])
            chunk = data[offset : offset + size]
            if len(chunk) != size or size < 5 or crc32c_bytes(chunk[:-4]) != chunk[-4:]:
                break
            places.append((offset, size))
        if places:
            with path.open("r+b") as file:  # in place: a full disk must not cost the frames
                file.seek(sum(places[-1]))
                file.write(shard_index(places, shard_frames))
                file.truncate()
            checksums[shard_key(shard)] = file_checksum(path)
            kept += len(places)
        if len(places) < len(records) or not places:
            break
    for path in folder.glob("c.*"):
        if path.name not in checksums:
            path.unlink()
    return kept, checksums


def _clear_arrays(path: Path) -> None:
    """Remove arrays that an interrupted commit has written; the journal has all of it."""
    for group in ("state", "image_time_ns"):
        shutil.rmtree(path / group, ignore_errors=True)


def _set_aside(dataset: "DemonstrationDataset", path: Path, reason: str) -> str:
    target = dataset.path / "set_aside" / path.name
    try:
        target.parent.mkdir(exist_ok=True)
        os.rename(path, target)
        note = {"reason": reason, "moved_utc": utc_now(), "what": "an interrupted episode, not recoverable"}
        (target / "NOTE.json").write_text(json.dumps(note, indent=1))
    except OSError as error:
        return f"staging/{path.name} cannot be recovered ({reason}) nor moved ({error.strerror})"
    return f"staging/{path.name} cannot be recovered ({reason}): moved to set_aside/"


def recordings_in_work(path: Path) -> int:
    """How many episodes living programs are recording into the dataset now."""
    staging = path / "staging"
    count = 0
    for lock_path in staging.glob("*.lock") if staging.is_dir() else ():
        lock = FileLock(lock_path)
        try:
            free = lock.acquire(wait=False)
        except OSError:  # a read-only disk: nobody can record on it
            continue
        count += not free
        lock.release()
    return count
