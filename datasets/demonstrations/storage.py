"""Where a dataset lies: a folder on disk, or a prefix in an object store (S3, GCS, Azure; extra `cloud`).

Reading needs of a place what pathlib.Path offers anyway, and byte ranges. Hence a folder is a plain Path,
which costs nothing, and ObjectPath has the same few methods on an object store.
"""

import errno
import os
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from demonstrations.durable import replace_file
from robotics.errors import DatasetError

_INSTALL = "datasets in object stores need the extra 'cloud': pip install 'robotics[cloud]'"


class Place(Protocol):
    """A file or folder; pathlib.Path and ObjectPath are ones."""

    @property
    def name(self) -> str: ...

    @property
    def parent(self) -> "Place": ...

    def __truediv__(self, key: str, /) -> "Place": ...

    def read_bytes(self) -> bytes:
        """The whole file.

        Raises:
            OSError: It cannot be read; FileNotFoundError where there is none.
        """
        ...

    def is_dir(self) -> bool:
        """Whether anything lies below."""
        ...


class ObjectPath:
    """Implements Place by an object's URL, e.g. s3://bucket/data/episodes.

    Endpoint, region and keys come from the environment (AWS_ENDPOINT, AWS_REGION, AWS_ACCESS_KEY_ID, ...).
    A process whose parent had used one before forking it cannot, and is told so; spawned ones always can.
    """

    def __init__(self, url: str):
        self.url = url.rstrip("/")

    def __repr__(self) -> str:
        return self.url

    def __truediv__(self, key: str) -> "ObjectPath":
        return ObjectPath(f"{self.url}/{key}")

    @property
    def parent(self) -> "ObjectPath":
        return ObjectPath(self.url.rsplit("/", 1)[0])

    @property
    def name(self) -> str:
        return self.url.rsplit("/", 1)[-1]

    def read_bytes(self) -> bytes:
        import obstore

        with _os_errors(self.url):
            return bytes(obstore.get(*self._place()).bytes())

    def read_ranges(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Parts by (offset, length) [byte], fetched at once; shorter where the file ends.

        Raises:
            OSError: The object cannot be read.
        """
        import obstore

        if not ranges:
            return []
        starts, lengths = zip(*ranges, strict=True)
        with _os_errors(self.url):
            return [
                bytes(part) for part in obstore.get_ranges(*self._place(), starts=starts, lengths=lengths)
            ]

    def read_end(self, length: int) -> tuple[bytes, int]:
        """The last `length` bytes, all where there are fewer; and the object's size [byte].

        Raises:
            OSError: The object cannot be read.
        """
        import obstore

        with _os_errors(self.url):
            result = obstore.get(*self._place(), options={"range": {"suffix": length}})
            return bytes(result.bytes()), result.meta["size"]

    def write_bytes(self, data: bytes) -> None:
        """Put the object, whole or not at all.

        Raises:
            OSError: It cannot be written.
        """
        import obstore

        store, key = self._place()
        with _os_errors(self.url):
            obstore.put(store, key, data)

    def is_dir(self) -> bool:
        import obstore

        store, key = self._place()
        with _os_errors(self.url):
            found = obstore.list_with_delimiter(store, key)
        return bool(found["objects"] or found["common_prefixes"])

    def _place(self) -> tuple[Any, str]:
        """Store and key.

        Raises:
            DatasetError: The URL names no store, or this process was forked after one had been used.
        """
        if _users.setdefault("process", os.getpid()) != os.getpid():
            raise DatasetError(
                f"{self.url}: this process was forked after an object store had been used, whose threads it "
                "lacks; start workers with multiprocessing_context='spawn'"
            )
        scheme, _, rest = self.url.partition("://")
        bucket, _, key = rest.partition("/")
        return _open_store(f"{scheme}://{bucket}"), key


def locate(place: str | Path | ObjectPath) -> Path | ObjectPath:
    """A path on disk, or an ObjectPath for what looks like a URL.

    Raises:
        DatasetError: It is a URL, and the extra `cloud` is not installed.
    """
    if isinstance(place, str) and "://" in place:
        try:
            import obstore  # noqa: F401
        except ImportError as error:
            raise DatasetError(_INSTALL) from error
        return ObjectPath(place)
    return Path(place) if isinstance(place, str) else place


def write_whole(place: Path | ObjectPath, data: bytes) -> None:
    """Replace a file, atomically and durably.

    Raises:
        OSError: It cannot be written.
    """
    if isinstance(place, ObjectPath):
        place.write_bytes(data)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        replace_file(place, data)


class RangeFile:
    """Parts of a file, wherever it lies; use with `with`.

    Raises:
        OSError: It cannot be read.
    """

    def __init__(self, place: Path | ObjectPath):
        self._object = place if isinstance(place, ObjectPath) else None
        self._descriptor = -1 if self._object else os.open(place, os.O_RDONLY)  # type: ignore[arg-type]

    def read_ranges(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Parts by (offset, length) [byte]; shorter where the file ends."""
        if self._object:
            return self._object.read_ranges(ranges)
        return [os.pread(self._descriptor, length, offset) for offset, length in ranges]

    def read_end(self, length: int) -> tuple[bytes, int]:
        """The last `length` bytes, all where there are fewer; and the size [byte]."""
        if self._object:
            return self._object.read_end(length)
        size = os.fstat(self._descriptor).st_size
        return os.pread(self._descriptor, length, max(0, size - length)), size

    def __enter__(self) -> "RangeFile":
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)


_users: dict[str, int] = {}
"""The process whose threads do the work, once there is one."""


@contextmanager
def _os_errors(url: str):
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError as error:
        raise FileNotFoundError(errno.ENOENT, "no such object", url) from error
    except (BaseError, OSError) as error:
        raise OSError(errno.EIO, str(error).splitlines()[0], url) from error


@lru_cache(maxsize=16)
def _open_store(root: str) -> Any:
    from obstore.exceptions import BaseError
    from obstore.store import from_url

    options: dict[str, Any] = {}
    if not root.startswith(("memory:", "file:")):  # by default it tries for three minutes
        options["retry_config"] = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}
    try:
        return from_url(root, **options)
    except (BaseError, ValueError, TypeError) as error:
        raise DatasetError(f"{root} is no object store: {str(error).splitlines()[0]}") from error
