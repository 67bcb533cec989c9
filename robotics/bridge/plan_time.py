"""Plan time: how many steps of plans have been executed, and how many there were at an earlier tick.

A chunk that answers the state of tick t comes late by the steps executed since t, however long that
took. Plan time counts these: it runs with the speed override while a plan is executed and stands still
while there is none. An estimate of latency in its place makes arms jump when it is wrong.
"""

from bisect import bisect_left
from collections import deque

import numpy as np

_RAMP_S = 0.5
"""From standstill to full speed override: gentle enough for joints at their greatest speed."""
_DIGITS = 9
"""Sums of tenths must not miss a whole step by rounding."""


class PlanTime:
    """In control steps; ticks are control ticks."""

    def __init__(self, control_rate_hz: int, memory_s: float):
        """
        Args:
            memory_s: How far back `at` is asked [s]; earlier ticks count like the earliest known.
        """
        self.now = 0.0
        """At the start of the next tick."""
        self.speed = 1.0
        """Steps a tick at present, 0 .. 1."""
        self.wanted_speed = 1.0
        """What `speed` approaches."""
        self._greatest_change = 1.0 / (_RAMP_S * control_rate_hz)
        self._ticks: deque[int] = deque(maxlen=max(2, round(memory_s * control_rate_hz) + 2))
        self._times: deque[float] = deque(maxlen=self._ticks.maxlen)

    @property
    def is_changing(self) -> bool:
        """Whether the speed is on its way to another."""
        return self.speed != self.wanted_speed

    def begin(self, tick: int) -> None:
        """A tick begins; missed ones before it executed nothing."""
        self._ticks.append(tick)
        self._times.append(self.now)

    def at(self, tick: int, next_tick: int) -> float:
        """Plan time at the start of a tick: measured, or for a coming one if the plan goes on at full speed.

        Args:
            next_tick: The one that has not begun yet.
        """
        index = bisect_left(self._ticks, tick)
        if index < len(self._ticks):
            return self._times[index]
        return self.now + max(0, tick - next_tick)

    def advance(self) -> None:
        """The tick that has begun executes the plan."""
        self.now = float(self.ahead(1)[0])
        self.speed = self._next_speed(self.speed)

    def ahead(self, count: int) -> np.ndarray:
        """Plan time at the ends of the coming ticks, shape (count,)."""
        speeds, speed = np.empty(count), self.speed
        for index in range(count):
            speed = self._next_speed(speed)
            if speed == self.wanted_speed:
                speeds[index:] = speed
                break
            speeds[index] = speed
        return np.round(self.now + np.cumsum(speeds), _DIGITS)

    def _next_speed(self, speed: float) -> float:
        change = self.wanted_speed - speed
        return speed + min(max(change, -self._greatest_change), self._greatest_change)
