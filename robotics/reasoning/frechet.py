"""Discrete Frechet distance: how far two paths are apart when both are walked forwards."""

import numpy as np


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """The shortest leash that lets one walk along `first` and another along `second`, never backwards.

    Eiter and Mannila, "Computing discrete Frechet distance", 1994.

    Args:
        first: Waypoints, shape (n, dimension).
        second: Waypoints, shape (m, dimension), in the same unit.

    Raises:
        ValueError: A path is empty or the dimensions differ.
    """
    a, b = np.atleast_2d(np.asarray(first, float)), np.atleast_2d(np.asarray(second, float))
    if a.size == 0 or b.size == 0 or a.shape[1] != b.shape[1]:
        raise ValueError(f"paths must be (n, d) and (m, d) with n, m > 0, got {a.shape} and {b.shape}")
    apart = np.linalg.norm(a[:, None] - b[None], axis=-1)  # (n, m)
    leash = np.empty_like(apart)
    leash[0] = np.maximum.accumulate(apart[0])
    leash[:, 0] = np.maximum.accumulate(apart[:, 0])
    for i in range(1, len(a)):
        for j in range(1, len(b)):
            before = min(leash[i - 1, j], leash[i, j - 1], leash[i - 1, j - 1])
            leash[i, j] = max(before, apart[i, j])
    return float(leash[-1, -1])


def resample(path: np.ndarray, count: int) -> np.ndarray:
    """`count` points (count, dimension) evenly spaced along a path (n, dimension)."""
    steps = np.linalg.norm(np.diff(path, axis=0), axis=-1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.linspace(0.0, along[-1], count)
    return np.stack([np.interp(wanted, along, path[:, k]) for k in range(path.shape[1])], axis=-1)
