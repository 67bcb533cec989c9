"""The plan in force: chunk steps laid on plan time, the newest chunk over, after or among older ones."""

from collections import deque
from dataclasses import dataclass

import numpy as np

from robotics.action import ActionChunk
from robotics.errors import ChunkRefusedError
from robotics.motion_settings import ChunkStrategy
from robotics.safety.status import ChunkStatus

_MOST_IN_ENSEMBLE = 32
_ENSEMBLE_DECAY = 0.01
"""Weight of chunk i is exp(-decay * i), the oldest first (Zhao et al. 2023, ACT)."""


@dataclass(frozen=True)
class PlannedStep:
    """What the plan asks for at one control tick."""

    requested: np.ndarray
    """Shape (action_dim,)."""
    intended: np.ndarray
    """Shape (action_dim,)."""
    chunk_id: int
    """0 in the gap before a chunk that starts later."""


@dataclass(frozen=True)
class _Rows:
    """Consecutive steps: row k is reached at plan time `first + k + 1`."""

    first: float
    """Plan time at which row 0 begins."""
    knots: np.ndarray
    """Where the motion comes from at `first`, then the rows; positions, then intended: shape
    (2, 1 + n, action_dim), read-only."""
    chunk_ids: np.ndarray
    """Shape (n,)."""

    def __post_init__(self):
        self.knots.setflags(write=False)

    @property
    def values(self) -> np.ndarray:
        """Shape (2, n, action_dim)."""
        return self.knots[:, 1:]

    @property
    def end(self) -> float:
        return self.first + len(self.chunk_ids)

    def index(self, time: float) -> int:
        """The row in force at a plan time."""
        return max(0, int(np.floor(time - self.first)))

    def at(self, times: np.ndarray) -> np.ndarray:
        """Values at plan times (count,), straight between steps; shape (2, count, action_dim)."""
        place = np.clip(times - self.first, 0.0, len(self.chunk_ids))
        left = np.minimum(place.astype(int), len(self.chunk_ids) - 1)
        share = (place - left)[:, None]
        return self.knots[:, left] * (1.0 - share) + self.knots[:, left + 1] * share


class ChunkSchedule:
    """Knows plan time only (see plan_time.py), nothing of limits.

    A chunk's step 0 belongs to the plan time of the state that it answers. On arrival the steps executed
    since are skipped.
    """

    def __init__(self, action_dim: int):
        self._empty = np.zeros((2, 1, action_dim))
        self.consumed = 0
        """Control ticks that executed a plan, since start."""
        self.revision = 0
        """Changes whenever the plan does, other than by executing it."""
        self.strategy = ChunkStrategy.SPLICE
        self._waiting: tuple[ActionChunk, float] | None = None
        self._ensemble: deque[_Rows] = deque(maxlen=_MOST_IN_ENSEMBLE)
        self.clear()

    def clear(self) -> None:
        """Drop the plan."""
        self._rows = _Rows(0.0, self._empty, np.empty(0, np.int64))
        self._waiting = None
        self._ensemble.clear()
        self.late_tolerance_ns = 0
        """Of the newest chunk [ns]."""
        self.revision += 1

    def submit(self, chunk: ActionChunk, now: float, start: float, hold: np.ndarray, period_ns: int) -> None:
        """Let a chunk take its place in the plan, as the strategy says.

        Args:
            chunk: Checked by the guard; its arrays are copied.
            now: Plan time at the start of the next tick.
            start: Plan time of the state that the chunk answers.
            hold: The last applied target, shape (action_dim,).
            period_ns: Of a step [ns].

        Raises:
            ChunkRefusedError: Status `stale`, every step has been executed or replaced.
        """
        rows = self._place(chunk, now, start, hold, period_ns)
        self.late_tolerance_ns = chunk.late_tolerance_ns
        if self.strategy is ChunkStrategy.HOLD and self.is_in_force(now):
            self._waiting = chunk, start
            return
        if self.strategy is ChunkStrategy.ENSEMBLE:
            self._ensemble.append(rows)
            rows = self._mean(rows)
        self._put(rows)

    def _place(self, chunk: ActionChunk, now: float, start: float, hold: np.ndarray, period_ns: int) -> _Rows:
        """The steps that are left of a chunk, from `now` on."""
        intended = chunk.positions if chunk.intended is None else chunk.intended
        values = np.array([chunk.positions, intended], float)  # (2, horizon, action_dim)
        ids = np.full(chunk.horizon, chunk.chunk_id, np.int64)
        skip = int(np.floor(now - start))  # < 0: the chunk starts later
        if skip < 0:
            before, before_ids = self._rows_before(now, -skip, hold)
            return _Rows(
                now,
                np.concatenate([_pair(hold), before, values], axis=1),
                np.concatenate([before_ids, ids]),
            )
        late = skip - (chunk.horizon - 1)
        if late > 0 and late * period_ns <= chunk.late_tolerance_ns:
            skip, start = chunk.horizon - 1, now - (chunk.horizon - 1)
        elif late > 0:
            raise ChunkRefusedError(
                ChunkStatus.STALE.value,
                f"all {chunk.horizon} steps of the chunk are past: "
                f"{skip} steps have been executed since the state that it answers",
            )
        knots = values[:, skip - 1 :] if skip else np.concatenate([_pair(hold), values], axis=1)
        return _Rows(start + skip, knots, ids[skip:])

    def _rows_before(self, now: float, count: int, hold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`count` rows of the present plan from `now` on (2, count, action_dim), and their chunks' ids.

        Where it ends, its last position is kept.
        """
        start = self._rows.index(now)
        values = self._rows.values[:, start : start + count]
        ids = self._rows.chunk_ids[start : start + count]
        gap = count - len(ids)
        if gap > 0:
            last = values[0, -1] if len(ids) else hold
            values = np.concatenate([values, np.repeat(_pair(last), gap, axis=1)], axis=1)
            ids = np.concatenate([ids, np.zeros(gap, np.int64)])
        return values, ids

    def _mean(self, newest: _Rows) -> _Rows:
        """The weighted mean of the newest chunk and all older ones that still speak, step by step."""
        while self._ensemble and self._ensemble[0].end <= newest.first:
            self._ensemble.popleft()
        times = newest.first + 1.0 + np.arange(len(newest.chunk_ids))
        total, weights = np.zeros_like(newest.values), np.zeros((len(times), 1))
        for age, rows in enumerate(self._ensemble):
            speaks = ((times > rows.first) & (times <= rows.end))[:, None]
            weight = np.exp(-_ENSEMBLE_DECAY * age) * speaks
            total += weight * rows.at(times)
            weights += weight
        knots = np.concatenate([newest.knots[:, :1], total / weights], axis=1)
        return _Rows(newest.first, knots, newest.chunk_ids)

    def _put(self, rows: _Rows) -> None:
        self._rows = rows
        self.revision += 1

    def is_in_force(self, now: float) -> bool:
        """Whether a step is left at plan time `now`."""
        return now < self._rows.end

    def follow_up(self, now: float, hold: np.ndarray, period_ns: int) -> bool:
        """The plan has run out: the chunk that waited for that takes over; False where there is none."""
        if self._waiting is None:
            return False
        (chunk, start), self._waiting = self._waiting, None
        try:
            self._put(self._place(chunk, now, start, hold, period_ns))
        except ChunkRefusedError:  # the plan that it waited for was the longer one
            return False
        return True

    def remaining(self, now: float) -> np.ndarray:
        """The plan from plan time `now` on, shape (steps, action_dim); read-only."""
        return self._rows.values[0, self._rows.index(now) :]

    def steps_left(self, now: float) -> int:
        """Steps from plan time `now` on."""
        return max(0, int(np.ceil(self._rows.end - now)))

    def ticks_until_end(self, times: np.ndarray) -> int:
        """How many of the ticks that end at these plan times (count,) the plan lasts."""
        return int(np.searchsorted(times, self._rows.end)) + 1

    def positions_at(self, times: np.ndarray) -> np.ndarray:
        """The plan at plan times (count,), straight between its steps; shape (count, action_dim)."""
        return self._rows.at(times)[0]

    def execute(self, now: float, then: float) -> PlannedStep:
        """What a tick asks for that brings plan time from `now` to `then`, counted as consumed."""
        self.consumed += 1
        requested, intended = self._rows.at(np.array([then]))[:, 0]
        return PlannedStep(requested, intended, int(self._rows.chunk_ids[self._rows.index(now)]))


def _pair(position: np.ndarray) -> np.ndarray:
    """One row, requested and intended alike, shape (2, 1, action_dim)."""
    return np.array([[position], [position]])
