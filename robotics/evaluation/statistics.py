"""What a number of trials says: success rates with their intervals, and latency percentiles."""

import math
from collections.abc import Sequence

import numpy as np

from robotics.session import LatencyStatistics

Z_95 = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""


def wilson_interval(successes: int, trials: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of a success probability (E. B. Wilson, JASA 22, 1927).

    It stays in 0..1 and stays honest at 0 % and 100 %, where the normal approximation has width 0.

    Returns:
        Lower and upper bound; (0, 1) where there were no trials.

    Raises:
        ValueError: Not 0 <= successes <= trials.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"wanted 0 <= successes <= trials, got {successes} of {trials}")
    if trials == 0:
        return 0.0, 1.0
    rate = successes / trials
    spread = z * math.sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    centre = rate + z * z / (2 * trials)
    # at the ends the bound is exactly 0 or 1; rounding would miss it by 1e-17
    lower = 0.0 if successes == 0 else (centre - spread) / scale
    upper = 1.0 if successes == trials else (centre + spread) / scale
    return lower, upper


def latency_statistics(stage: str, milliseconds: Sequence[float]) -> LatencyStatistics:
    """Percentiles of a sample of latencies [ms]; zeros where the sample is empty."""
    if len(milliseconds) == 0:
        return LatencyStatistics(stage, 0, 0.0, 0.0, 0.0, 0.0)
    # more digits than the clock is worth would only litter the reports
    percentiles = np.percentile(milliseconds, (50, 95, 99, 100)).round(3).tolist()
    return LatencyStatistics(stage, len(milliseconds), *percentiles)


def derangement(count: int, seed: int) -> np.ndarray:
    """A random permutation, shape (count,), that moves every index; a single index stays.

    Sattolo's algorithm: one cycle through all indices.
    """
    rng = np.random.default_rng(seed)
    order = np.arange(count)
    for last in range(count - 1, 0, -1):
        other = int(rng.integers(last))
        order[last], order[other] = order[other], order[last]
    return order
