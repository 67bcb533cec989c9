"""How much each episode of a pool can be trusted: those whose order is improbable count less.

"Look for the Change" weighs web videos by a sigmoid of a relevance score of the video. Recordings have no such score;
here the order score itself is it, and the threshold of each task is found in its own pool.
"""

import numpy as np

SHARPEST = 0.02
"""Scores closer than this are not told apart."""


def episode_weights(scores: np.ndarray, tasks: np.ndarray) -> np.ndarray:
    """Weight 0..1 of every episode, (n,).

    Args:
        scores: Order scores 0..1, (n,).
        tasks: Task number of every episode, int (n,).
    """
    weights = np.ones(len(scores))
    for task in np.unique(tasks):
        own = tasks == task
        threshold, sharpness = find_threshold(scores[own])
        weights[own] = 1.0 / (1.0 + np.exp(-np.clip((scores[own] - threshold) / sharpness, -30, 30)))
    return weights


def find_threshold(scores: np.ndarray) -> tuple[float, float]:
    """Below which order score an episode is doubted, and how gradually.

    At most half of a pool is taken to be wrong: the upper half of the scores tells how good ones spread, and
    what lies further below the median than 4 such spreads is doubted.
    """
    middle = float(np.median(scores))
    upper = scores[scores >= middle]
    spread = max(float(np.median(upper) - middle) * 2, SHARPEST)
    return middle - 4 * spread, spread
