"""Camera frames in zarr v3 shard files, appended as they are encoded.

A shard is `shard_frames` chunks one after another, each a JPEG and its crc32c, then the index: offset
and length of every chunk as little-endian uint64 (all ones where there is none), and its crc32c.
Writing the index last and knowing each frame's place elsewhere (journal.py) makes a half-written
shard recoverable, which zarr's own writer cannot do.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from demonstrations.arrays import crc32c_bytes
from demonstrations.durable import write_all
from demonstrations.storage import RangeFile
from robotics.errors import DatasetError

_NONE = np.iinfo(np.uint64).max


def shard_key(shard: int, separator: str = ".") -> str:
    """A shard's path inside its camera's array."""
    return separator.join(("c", str(shard), "0", "0", "0"))


def shard_index(places: list[tuple[int, int]], shard_frames: int) -> bytes:
    """The end of a shard file whose chunks lie at `places`: (offset, length) [byte]."""
    index = np.full((shard_frames, 2), _NONE, "<u8")
    if places:
        index[: len(places)] = places
    data = index.tobytes()
    return data + crc32c_bytes(data)


def file_checksum(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class ShardWriter:
    """Appends encoded frames of one camera; each full shard gets its index and is made durable."""

    def __init__(self, folder: Path, shard_frames: int):
        self.folder = folder
        self.shard_frames = shard_frames
        self.frames = 0
        self.checksums: dict[str, str] = {}
        """SHA-256 of each finished shard, by its path relative to `folder`."""
        self._descriptor: int | None = None
        self._places: list[tuple[int, int]] = []
        self._offset = 0
        self._digest = hashlib.sha256()

    def append(self, encoded: bytes) -> tuple[int, int]:
        """Append one frame; returns its place in its shard: offset and length with crc32c [byte]."""
        if self._descriptor is None:
            path = self.folder / shard_key(self.frames // self.shard_frames)
            self.folder.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            self._places, self._offset, self._digest = [], 0, hashlib.sha256()
        chunk = encoded + crc32c_bytes(encoded)
        self._write(chunk)
        place = (self._offset, len(chunk))
        self._places.append(place)
        self._offset += len(chunk)
        self.frames += 1
        if len(self._places) == self.shard_frames:
            self.finish()
        return place

    def finish(self) -> None:
        """Close the shard in work with its index; frames that it lacks are marked as absent."""
        if self._descriptor is None:
            return
        self._write(shard_index(self._places, self.shard_frames))
        os.fdatasync(self._descriptor)
        self.checksums[shard_key((self.frames - 1) // self.shard_frames)] = self._digest.hexdigest()
        self.abandon()

    def abandon(self) -> None:
        """Close the file as it is."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _write(self, data: bytes) -> None:
        assert self._descriptor is not None
        write_all(self._descriptor, data)
        self._digest.update(data)


class ShardReader:
    """Random access to one camera's encoded frames; keeps the indices, opens files only while reading."""

    def __init__(self, folder: Path, frames: int, shard_frames: int):
        self.folder = folder
        self.frames = frames
        self.shard_frames = shard_frames
        self._indices: dict[int, np.ndarray] = {}
        # the first recordings were made with zarr's default separator
        self._separator = "/" if (folder / "c").is_dir() else "."

    def read(self, frames: list[int]) -> list[bytes]:
        """The JPEGs of these frames, checked against their crc32c.

        Raises:
            IndexError: There is no such frame.
            DatasetError: A shard is missing or damaged.
        """
        encoded: list[bytes] = [b""] * len(frames)
        for frame in frames:
            if not 0 <= frame < self.frames:
                raise IndexError(f"{self.folder}: no frame {frame}; there are {self.frames}")
        by_shard: dict[int, list[int]] = {}
        for position, frame in enumerate(frames):
            by_shard.setdefault(frame // self.shard_frames, []).append(position)
        for shard, positions in by_shard.items():
            self._read_shard(
                shard, [(p, frames[p] % self.shard_frames) for p in positions], encoded.__setitem__
            )
        return encoded

    def _read_shard(
        self, shard: int, wanted: list[tuple[int, int]], put: Callable[[int, bytes], None]
    ) -> None:
        path = self.folder / shard_key(shard, self._separator)
        try:
            with RangeFile(path) as file:
                index = self._indices.get(shard)
                if index is None:
                    index = self._indices[shard] = self._read_index(file, path)
                places = [(int(index[slot][0]), int(index[slot][1])) for _, slot in wanted]
                present = [place for place in places if place[0] != _NONE]
                parts = iter(file.read_ranges(present))
        except OSError as error:
            raise DatasetError(f"{path}: cannot be read ({error.strerror})") from error
        for (position, slot), (offset, length) in zip(wanted, places, strict=True):
            data = next(parts) if offset != _NONE else b""
            if len(data) < 5 or len(data) != length or crc32c_bytes(data[:-4]) != data[-4:]:
                frame = shard * self.shard_frames + slot
                raise DatasetError(f"{path}: frame {frame} is damaged, its checksum does not match")
            put(position, data[:-4])

    def _read_index(self, file: RangeFile, path: Path) -> np.ndarray:
        size = 16 * self.shard_frames + 4
        data, end = file.read_end(size)
        if len(data) != size or crc32c_bytes(data[:-4]) != data[-4:]:
            raise DatasetError(f"{path}: the shard's index is damaged")
        index = np.frombuffer(data, "<u8", count=2 * self.shard_frames).reshape(-1, 2)
        present = index[index[:, 0] != _NONE]
        if len(present) and int((present[:, 0] + present[:, 1]).max()) > end - size:
            raise DatasetError(f"{path}: the shard's index points outside the file")
        return index
