"""Robot time: int64 nanoseconds of one monotonic clock, named by an id that is new at each start."""

import time
import uuid
from typing import Protocol

NS_PER_S = 1_000_000_000


def new_clock_id() -> str:
    """A fresh id; a time stamp that carries another clock's id is refused."""
    return uuid.uuid4().hex[:16]


class Clock(Protocol):
    """Robot time never runs backwards."""

    @property
    def clock_id(self) -> str: ...

    def now_ns(self) -> int:
        """Robot time [ns]."""
        ...


class MonotonicClock:
    """Wall-paced robot time: the machine's monotonic clock (shared by all processes of the machine)."""

    def __init__(self, clock_id: str | None = None):
        self.clock_id = clock_id or new_clock_id()

    def now_ns(self) -> int:
        return time.monotonic_ns()


class SteppedClock:
    """Lockstep robot time: it moves only when told to."""

    def __init__(self, clock_id: str | None = None):
        self.clock_id = clock_id or new_clock_id()
        self._now_ns = 0

    def now_ns(self) -> int:
        return self._now_ns

    def advance(self, duration_ns: int) -> None:
        """Move robot time forward by `duration_ns` >= 0 [ns]."""
        if duration_ns < 0:
            raise ValueError(f"robot time never runs backwards; got {duration_ns} ns")
        self._now_ns += duration_ns
