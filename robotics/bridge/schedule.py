"""The plan in force: chunk steps laid on control ticks by absolute time, the newest chunk over older ones."""

from dataclasses import dataclass

import numpy as np

from robotics.action import ActionChunk
from robotics.errors import ChunkRefusedError
from robotics.safety.status import ChunkStatus


@dataclass(frozen=True)
class PlannedStep:
    """What the plan asks for at one control tick."""

    requested: np.ndarray
    """Shape (action_dim,)."""
    intended: np.ndarray
    """Shape (action_dim,)."""
    chunk_id: int
    """0 in the gap before a chunk that starts later."""


class ChunkSchedule:
    """Holds one row a control tick from `first_tick` on; knows nothing of limits.

    Time is absolute: step k of a chunk is in force at every tick that starts in
    [start + k dt, start + (k+1) dt). Latency is never estimated; what is past when a chunk arrives
    is skipped.
    """

    def __init__(self, action_dim: int, period_ns: int):
        """`period_ns` is the control period [ns]."""
        self._period_ns = period_ns
        self._empty = np.empty((0, action_dim))
        self.consumed = 0
        """Control ticks that executed a step of a plan, since start."""
        self.revision = 0
        """Changes whenever the rows do, other than by executing them."""
        self.clear()

    def clear(self) -> None:
        """Drop the plan."""
        self._first_tick = 0
        self._positions = self._intended = self._empty
        self._chunk_ids = np.empty(0, np.int64)
        self.revision += 1

    def submit(self, chunk: ActionChunk, tick: int, time_ns: int, hold: np.ndarray) -> None:
        """Replace the part of the plan from the chunk's start on.

        Args:
            chunk: Checked by the guard; its `positions` may be kept.
            tick: The next control tick.
            time_ns: When it starts, robot time [ns].
            hold: The last applied target, shape (action_dim,): it fills a gap between an empty plan
                and a chunk that starts later.

        Raises:
            ChunkRefusedError: Status `stale`, every step is past.
        """
        skip = (time_ns - chunk.start_time_ns) // self._period_ns  # < 0: the chunk starts later
        if skip >= chunk.horizon:
            late_s = (time_ns - chunk.start_time_ns) * 1e-9
            raise ChunkRefusedError(
                ChunkStatus.STALE.value,
                f"all {chunk.horizon} steps of the chunk are past: it answers a state {late_s:.3f} s old",
            )
        positions = np.array(chunk.positions[max(skip, 0) :], float)
        intended = positions if chunk.intended is None else np.array(chunk.intended[max(skip, 0) :], float)
        chunk_ids = np.full(len(positions), chunk.chunk_id, np.int64)
        if skip < 0:
            kept = self._rows_before(tick, -skip, hold)
            positions = np.concatenate([kept[0], positions])
            intended = np.concatenate([kept[1], intended])
            chunk_ids = np.concatenate([kept[2], chunk_ids])
        positions.setflags(write=False)
        intended.setflags(write=False)
        self._first_tick, self._positions, self._intended, self._chunk_ids = (
            tick,
            positions,
            intended,
            chunk_ids,
        )
        self.revision += 1

    def _rows_before(
        self, tick: int, count: int, hold: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """`count` rows of the present plan from `tick` on; where it ends, its last position is kept."""
        start = self._index(tick)
        positions = self._positions[start : start + count]
        intended = self._intended[start : start + count]
        chunk_ids = self._chunk_ids[start : start + count]
        gap = count - len(positions)
        if gap > 0:
            last = positions[-1] if len(positions) else hold
            filler = np.tile(last, (gap, 1))
            positions = np.concatenate([positions, filler])
            intended = np.concatenate([intended, filler])
            chunk_ids = np.concatenate([chunk_ids, np.zeros(gap, np.int64)])
        return positions, intended, chunk_ids

    def _index(self, tick: int) -> int:
        return max(0, tick - self._first_tick)

    def remaining(self, tick: int) -> np.ndarray:
        """The plan from control tick `tick` on, shape (steps, action_dim); read-only."""
        rows = self._positions[self._index(tick) :]
        rows.setflags(write=False)
        return rows

    def steps_left(self, tick: int) -> int:
        """Steps from control tick `tick` on."""
        return max(0, len(self._positions) - self._index(tick))

    def execute(self, tick: int) -> PlannedStep | None:
        """The step in force at control tick `tick`, counted as consumed; None where the plan has run out."""
        index = tick - self._first_tick
        if not 0 <= index < len(self._positions):
            return None
        self.consumed += 1
        return PlannedStep(self._positions[index], self._intended[index], int(self._chunk_ids[index]))
