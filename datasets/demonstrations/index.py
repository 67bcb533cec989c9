"""index.jsonl: one line a committed episode, so that a large dataset opens without reading its episodes.

The episodes are the truth: a missing, torn or stale index is rebuilt from them.
"""

import json
import os
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from demonstrations.durable import replace_file, write_all
from demonstrations.episode import Episode
from demonstrations.schema import EpisodeMetadata

_EPISODE_NAME = re.compile(r"episode_(\d{6,})\.zarr")


def episode_name(number: int) -> str:
    return f"episode_{number:06d}.zarr"


def episode_numbers(folder: Path) -> list[int]:
    """Numbers of the episodes in a folder, ascending."""
    if not folder.is_dir():
        return []
    return sorted(int(m[1]) for m in map(_EPISODE_NAME.fullmatch, os.listdir(folder)) if m)


def number_ranges(numbers: Iterable[int]) -> str:
    """Numbers in short, such as '0-4, 7'."""
    ranges: list[list[int]] = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in ranges)


@dataclass(frozen=True)
class IndexEntry:
    """One line: enough to list, choose and count episodes."""

    number: int
    length: int
    """Control ticks."""
    frames: int
    """Over all cameras."""
    task: str
    instruction: str
    seed: int | None
    success: bool | None
    truncated: bool
    source: str
    recorded_utc: str
    checksum: str
    operator: str = ""
    size_bytes: int | None = None
    """Of all its files; None in an index from before this was kept."""
    marks: tuple[str, ...] = ()
    """What a reader of a list should know, such as 'truncated' or '3 frames dropped'."""

    @property
    def name(self) -> str:
        return episode_name(self.number)


def index_entry(episode: Episode) -> IndexEntry:
    """The line of an episode."""
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
        operator=meta.operator,
        size_bytes=folder_bytes(episode.path),
        marks=_marks(meta),
    )


def _marks(meta: EpisodeMetadata) -> tuple[str, ...]:
    dropped = sum(len(camera.dropped_time_ns) for camera in meta.cameras.values())
    return (
        *(["truncated"] if meta.truncated else []),
        *([meta.edit] if meta.edit else []),
        *([f"{dropped} frames dropped"] if dropped else []),
        *([f"{meta.missing_ticks} ticks missing"] if meta.missing_ticks else []),
        *(["note"] if meta.note else []),
    )


def folder_bytes(path: str | Path) -> int:
    """Of every file below a folder."""
    total = 0
    with os.scandir(path) as found:
        for item in found:
            is_folder = item.is_dir(follow_symlinks=False)
            total += folder_bytes(item.path) if is_folder else item.stat(follow_symlinks=False).st_size
    return total


def read_index(path: Path) -> list[IndexEntry]:
    """Every readable line, in file order; damaged ones are left out (their episodes will be missing)."""
    return [entry for entry in _read_lines(path) if entry is not None]


def is_index_of(path: Path, entries: list[IndexEntry]) -> bool:
    """Whether the file holds exactly these entries."""
    return _read_lines(path) == entries


def _read_lines(path: Path) -> list[IndexEntry | None]:
    """One entry a line, None for a damaged one."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return []
    return [_read_line(line) for line in lines]


def _read_line(line: bytes) -> IndexEntry | None:
    try:
        values = {k: v for k, v in json.loads(line).items() if k in _NAMES}
        return IndexEntry(**{**values, "marks": tuple(values.get("marks", ()))})
    except (ValueError, TypeError, AttributeError):
        return None


_NAMES = {f.name for f in fields(IndexEntry)}


def append_index(path: Path, entry: IndexEntry) -> None:
    """Add one line, durably; a torn line before it is closed first."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        write_all(descriptor, b"\n" * torn + _line(entry))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_index(path: Path, entries: list[IndexEntry]) -> None:
    """Replace the whole index."""
    replace_file(path, index_bytes(entries))


def _line(entry: IndexEntry) -> bytes:
    return json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n"


def index_bytes(entries: list[IndexEntry]) -> bytes:
    """The file that holds exactly these entries."""
    return b"".join(map(_line, entries))
