"""index.jsonl: one line a committed episode, so that a large dataset opens without reading its episodes.

The episodes are the truth: a missing, torn or stale index is rebuilt from them.
"""

import json
import os
import re
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from demonstrations.durable import replace_file, write_all

_EPISODE_NAME = re.compile(r"episode_(\d{6,})\.zarr")


def episode_name(number: int) -> str:
    return f"episode_{number:06d}.zarr"


def episode_numbers(folder: Path) -> list[int]:
    """Numbers of the episodes in a folder, ascending."""
    if not folder.is_dir():
        return []
    return sorted(int(m[1]) for m in map(_EPISODE_NAME.fullmatch, os.listdir(folder)) if m)


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

    @property
    def name(self) -> str:
        return episode_name(self.number)


def read_index(path: Path) -> list[IndexEntry]:
    """Every readable line, in file order; damaged ones are left out (their episodes will be missing)."""
    names = {f.name for f in fields(IndexEntry)}
    entries = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return []
    for line in lines:
        try:
            entries.append(IndexEntry(**{k: v for k, v in json.loads(line).items() if k in names}))
        except (ValueError, TypeError, AttributeError):
            continue
    return entries


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


def is_index_of(path: Path, entries: list[IndexEntry]) -> bool:
    """Whether the file holds exactly these entries."""
    try:
        return path.read_bytes() == b"".join(map(_line, entries))
    except OSError:
        return False


def _line(entry: IndexEntry) -> bytes:
    return json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n"


def index_bytes(entries: list[IndexEntry]) -> bytes:
    """The file that holds exactly these entries."""
    return b"".join(map(_line, entries))
