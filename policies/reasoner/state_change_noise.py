"""How much each episode of a pool can be trusted: those whose order is improbable count less.

"Look for the Change" weighs web videos by a sigmoid of a relevance score that came with the video. Recordings
have none; here it is the order score under networks that have not learned from the episode, and the threshold
of each task is found in its own pool.
"""

import numpy as np

SHARPEST = 0.05
"""Scores closer than this are not told apart."""

SEPARATE = 4.0
"""Two groups of scores are two if their means are so many spreads apart."""


def episode_weights(scores: np.ndarray, tasks: np.ndarray) -> np.ndarray:
    """Weight 0..1 of every episode, (n,).

    Args:
        scores: Order scores 0..1, (n,).
        tasks: Task number of every episode, int (n,).
    """
    weights = np.ones(len(scores))
    for task in np.unique(tasks):
        own = tasks == task
        weights[own] = weight_of(scores[own], find_threshold(scores[own]))
    return weights


def weight_of(scores: np.ndarray | float, threshold: tuple[float, float]) -> np.ndarray:
    """Weight 0..1 of order scores under what `find_threshold` found."""
    limit, sharpness = threshold
    return 1.0 / (1.0 + np.exp(-np.clip((np.asarray(scores) - limit) / sharpness, -30, 30)))


def find_threshold(scores: np.ndarray) -> tuple[float, float]:
    """Below which order score an episode is doubted, and how gradually.

    At most half of a pool is taken to be wrong: the upper half of the scores tells how good ones spread, and
    what lies further below the median than 3 such spreads is doubted. Where the scores fall into two groups,
    the lower one is doubted, too.
    """
    middle = float(np.median(scores))
    upper = scores[scores >= middle]
    spread = max(float(np.median(upper) - middle) * 2, SHARPEST)
    limit = middle - 3 * spread
    valley, separation = _two_groups(np.sort(scores))
    if separation > SEPARATE and valley > limit:
        return valley, SHARPEST
    return limit, spread


def _two_groups(ordered: np.ndarray) -> tuple[float, float]:
    """Where ascending scores are best cut in two (Otsu 1979), and how far apart the groups' means then are.

    The distance is in spreads of the groups; a single bell gives less than 3. The upper group is never the
    smaller one.
    """
    best, valley, separation = -1.0, float(ordered[0]), 0.0
    for count in range(1, len(ordered) // 2 + 1):
        low, high = ordered[:count], ordered[count:]
        between = count * (len(ordered) - count) * (high.mean() - low.mean()) ** 2
        if between > best:
            within = np.sqrt((count * low.var() + len(high) * high.var()) / len(ordered))
            best, valley = between, float(low[-1] + high[0]) / 2
            separation = (high.mean() - low.mean()) / max(float(within), SHARPEST / 4)
    return valley, float(separation)
