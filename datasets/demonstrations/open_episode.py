"""The episode in work: its ticks in memory, its queue, and the one thread that encodes and writes."""

import queue
import threading
from typing import Any

import numpy as np

from demonstrations.durable import storage_errors
from demonstrations.journal import event_line
from demonstrations.schema import EpisodeMetadata
from demonstrations.staging import StagedEpisode
from robotics.errors import DatasetError, RoboticsError
from robotics.observation import CameraFrame
from robotics.session import Event

_ROWS_PER_WRITE = 25


class OpenEpisode:
    """Takes what the writer is given, in order; `failure` tells that its thread could not write."""

    def __init__(self, staged: StagedEpisode, metadata: EpisodeMetadata, capacity: int):
        self.staged = staged
        self.metadata = metadata
        self.length = 0
        self.events: list[Event] = []
        self.dropped: dict[str, list[int]] = {}
        self.peak = 0
        self.bytes = 0
        self.failure: RoboticsError | None = None
        self._added = 0
        self._taken = 0
        self._records: list[bytes] = []
        self._unwritten = 0
        self._room = threading.Semaphore(capacity)
        self._queue: queue.SimpleQueue[tuple[str, Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="episode writer", daemon=True)
        self._thread.start()

    @property
    def queued(self) -> int:
        return self._added - self._taken

    def add_row(self, record: bytes) -> None:
        self._records.append(record)
        self.length += 1
        self._unwritten += 1
        if self._unwritten == _ROWS_PER_WRITE:
            self._queue.put(("rows", b"".join(self._records[-self._unwritten :])))
            self._unwritten = 0

    def add_event(self, event: Event) -> None:
        self.events.append(event)
        self._queue.put(("event", event))

    def add_frame(self, camera: str, frame: CameraFrame, wait: bool) -> bool:
        if not self._room.acquire(blocking=wait):
            self.dropped.setdefault(camera, []).append(frame.capture_time_ns)
            return False
        self._added += 1
        self.peak = max(self.peak, self.queued)
        self._queue.put(("frame", (camera, frame)))
        return True

    def rows(self, dtype: np.dtype) -> np.ndarray:
        return np.frombuffer(b"".join(self._records), dtype)

    def drain(self) -> None:
        """Wait until all is written, then end the thread; raises what writing raised."""
        if self._unwritten:
            self._queue.put(("rows", b"".join(self._records[-self._unwritten :])))
        self.stop()
        if self.failure is not None:
            self.fail()

    def fail(self) -> None:
        """Leave the files to recovery and raise what went wrong."""
        self.stop()
        self.staged.abandon()
        assert self.failure is not None
        raise self.failure

    def stop(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _write(self) -> None:
        while (item := self._queue.get()) is not None:
            kind, value = item
            try:
                if self.failure is None:
                    with storage_errors(f"recording to {self.staged.path.parent.parent}"):
                        self._write_item(kind, value)
            except Exception as error:
                wrapped = DatasetError(f"recording failed: {error!r}")
                self.failure = error if isinstance(error, RoboticsError) else wrapped
            finally:
                if kind == "frame":
                    self._taken += 1
                    self._room.release()

    def _write_item(self, kind: str, value: Any) -> None:
        if kind == "frame":
            self.bytes += self.staged.write_frame(*value)
        elif kind == "rows":
            self.staged.write_rows(value)
        else:
            self.staged.write_event(event_line(value))
