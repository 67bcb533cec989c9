"""One line of a bench's table."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Measurement:
    """A distribution, or a single value (then count is 1 and all percentiles are equal)."""

    what: str
    unit: str
    count: int
    p50: float
    p95: float
    p99: float
    max: float
    note: str = ""


def distribution(what: str, unit: str, values: list[float], note: str = "") -> Measurement:
    """Percentiles of a sample; zeros of an empty one."""
    if not values:
        return Measurement(what, unit, 0, 0.0, 0.0, 0.0, 0.0, note)
    p50, p95, p99, top = (float(v) for v in np.percentile(values, (50, 95, 99, 100)))
    return Measurement(what, unit, len(values), p50, p95, p99, top, note)


def single(what: str, unit: str, value: float, note: str = "") -> Measurement:
    """One number, such as a rate or a count."""
    return Measurement(what, unit, 1, value, value, value, value, note)


def ratio(what: str, ours: Measurement, theirs: Measurement, note: str = "") -> Measurement:
    """Each percentile of one distribution over that of another."""
    return Measurement(
        what,
        "x",
        ours.count,
        ours.p50 / theirs.p50,
        ours.p95 / theirs.p95,
        ours.p99 / theirs.p99,
        ours.max / theirs.max,
        note,
    )


def timed(action: Callable[[], object], count: int, warm_up: int = 3) -> list[float]:
    """Wall time of each call [ms], the first `warm_up` calls excluded."""
    for _ in range(warm_up):
        action()
    times = []
    for _ in range(count):
        started = time.perf_counter()
        action()
        times.append((time.perf_counter() - started) * 1e3)
    return times
