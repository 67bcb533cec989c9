"""The audit log: one JSON line for everything that somebody may have to account for later."""

import contextlib
import errno
import json
import logging
import os
import queue
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from robotics.errors import RoboticsError

MOST_BYTES = 16 << 20
"""Of one file; then it is set aside as FILE.1, and FILE.1 as FILE.2 ..."""
MOST_FILES = 8
"""The oldest goes, never the newest."""
_MOST_WAITING = 10_000
_LONGEST_TEXT = 200
_log = logging.getLogger(__name__)


class AuditError(RoboticsError):
    """An audit log that cannot be opened."""


def default_audit_file(server: str, port: int) -> Path:
    """Where a server's log lies by default: in the user's state folder.

    Args:
        server: 'robot' or 'policy'.
    """
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "robotics" / f"audit-{server}-{port}.jsonl"


class AuditLog:
    """Append-only; written by a thread of its own, so that no disk ever delays the robot. Thread-safe.

    A line that cannot be written is counted and left out, and so is the first word of it in the log of the
    program; the next line that can be written is preceded by one that says how many are missing.
    """

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES, most_files: int = MOST_FILES):
        """Open, or make, a file that only this user can read.

        Raises:
            AuditError: It cannot be opened for another reason than a full disk.
        """
        self.path = path
        self.missing = 0
        """Lines that could not be written since the log was opened."""
        self._untold = 0
        self._said = False
        self._most_bytes, self._most_files = most_bytes, most_files
        self._file = -1
        self._torn = False
        self._counting = threading.Lock()
        try:
            self._open()
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise AuditError(f"cannot write the audit log {path}: {error.strerror}") from error
        self._lines: queue.Queue[tuple[bytes, bool] | None] = queue.Queue(_MOST_WAITING)
        self._writing = threading.Thread(target=self._write_all, name="audit log", daemon=True)
        self._writing.start()

    def note(self, event: str, urgent: bool = False, **facts: Any) -> None:
        """Append one line; returns at once, and never fails.

        Args:
            urgent: It shall survive a power cut: the file is synchronised.
            facts: Texts (cut after 200 characters) and numbers, none of them secret; empty ones are left out.
        """
        line = _encode(event, facts)
        try:
            self._lines.put_nowait((line, urgent))
        except queue.Full:
            self._lose("it is written too slowly")

    def close(self) -> None:
        """Write what was noted so far."""
        if self._writing.is_alive():
            self._lines.put(None)
            self._writing.join()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _write_all(self) -> None:
        while (entry := self._lines.get()) is not None:
            line, urgent = entry
            try:
                self._append(line, urgent)
            except OSError as error:
                self._lose(error.strerror or str(error))

    def _append(self, line: bytes, urgent: bool) -> None:
        self._open_again_if_moved()
        if self._untold:
            # counted down only once it stands in the file
            count = self._untold
            self._write(_encode("lines missing", {"count": count}))
            with self._counting:
                self._untold -= count
        self._write(line)
        if urgent:
            os.fsync(self._file)

    def _write(self, line: bytes) -> None:
        size = os.fstat(self._file).st_size
        if size and size + len(line) > self._most_bytes:
            self._rotate()
        if self._torn:
            line = b"\n" + line
        written = os.write(self._file, line)
        if written < len(line):
            self._torn = True
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._torn = False

    def _open(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _open_again_if_moved(self) -> None:
        """Another program, or another server with this log, may have set the file aside."""
        with contextlib.suppress(FileNotFoundError):
            if self._file >= 0 and os.path.samestat(os.fstat(self._file), os.stat(self.path)):
                return
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self._open()

    def _rotate(self) -> None:
        def numbered(number: int) -> Path:
            return self.path.with_name(f"{self.path.name}.{number}") if number else self.path

        for number in reversed(range(self._most_files - 1)):
            with contextlib.suppress(FileNotFoundError):
                numbered(number).replace(numbered(number + 1))
        os.close(self._file)
        self._file = -1
        self._open()

    def _lose(self, why: str) -> None:
        with self._counting:
            self.missing += 1
            self._untold += 1
            said, self._said = self._said, True
        if not said:
            _log.warning("the audit log %s misses lines: %s; the robot goes on", self.path, why)


def _encode(event: str, facts: dict[str, Any]) -> bytes:
    """One line, in ASCII: what clients call themselves cannot break it or move a terminal's cursor."""
    entry: dict[str, Any] = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event}
    for name, value in facts.items():
        if value or value == 0:
            entry[name] = value if isinstance(value, int | float) else str(value)[:_LONGEST_TEXT]
    return json.dumps(entry).encode("ascii") + b"\n"
