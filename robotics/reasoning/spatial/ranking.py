"""Which one of several: the leftmost, the largest, the tall ones."""

from collections.abc import Callable, Sequence

import numpy as np

from robotics.reasoning.query import Superlative
from robotics.reasoning.spatial.placed import Placed, Viewer
from robotics.reasoning.spatial.relations import PLACE_GAP, rank_scores

VOLUME_GAP = 0.30
"""Relative difference of volume that makes one clearly larger."""
HEIGHT_GAP = 0.015
"""[m]"""

_MEASURES: dict[str, tuple[int, Callable[[Placed], float]]] = {
    "small": (-1, lambda thing: thing.volume),
    "large": (1, lambda thing: thing.volume),
    "tall": (1, lambda thing: thing.size[2]),
    "short": (-1, lambda thing: thing.size[2]),
    "long": (1, lambda thing: max(thing.size)),
    "thin": (-1, lambda thing: min(thing.size[:2])),
    "wide": (1, lambda thing: min(thing.size[:2])),
}
"""Size word -> sign and what is compared."""

COMPARED_SIZES = tuple(_MEASURES)


def superlative_scores(superlative: Superlative, things: Sequence[Placed], viewer: Viewer) -> np.ndarray:
    """How clearly each of several things is the one that is meant, shape (things,), 0..1."""
    if not things:
        return np.zeros(0)
    centers = np.array([thing.center for thing in things])
    right, away = viewer.coordinates(centers[:, :2]).T
    volumes = np.log(np.maximum([thing.volume for thing in things], 1e-12))
    heights = np.array([thing.size[2] for thing in things])
    distance = np.linalg.norm(centers[:, :2] - np.array(viewer.position), axis=1)
    volume_gap = np.log(1 + VOLUME_GAP)
    match superlative:
        case Superlative.LEFTMOST:
            return rank_scores(right, PLACE_GAP)
        case Superlative.RIGHTMOST:
            return rank_scores(-right, PLACE_GAP)
        case Superlative.NEAREST:
            return _agreeing(away, distance)
        case Superlative.FARTHEST:
            return _agreeing(-away, -distance)
        case Superlative.LARGEST:
            return rank_scores(-volumes, volume_gap)
        case Superlative.SMALLEST:
            return rank_scores(volumes, volume_gap)
        case Superlative.TALLEST:
            return rank_scores(-heights, HEIGHT_GAP)
        case Superlative.SHORTEST:
            return rank_scores(heights, HEIGHT_GAP)
        case Superlative.MIDDLE:
            return _middle_scores(right)


def _agreeing(away: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Nearest by the way that one has to reach and as the crow flies; where these differ, it is ambiguous."""
    return (rank_scores(away, PLACE_GAP) + rank_scores(distance, PLACE_GAP)) / 2


def _middle_scores(right: np.ndarray) -> np.ndarray:
    """From left to right; of an even number both middle ones, half as good."""
    count = len(right)
    if count < 3:
        return np.full(count, 1.0 if count == 1 else 0.5)
    order = np.argsort(right, kind="stable")
    scores = np.zeros(count)
    if count % 2 == 0:
        scores[order[count // 2 - 1 : count // 2 + 1]] = 0.5
        return scores
    middle = order[count // 2]
    sorted_right = right[order]
    lead = min(np.diff(sorted_right)[count // 2 - 1 : count // 2 + 1]) / PLACE_GAP
    scores[middle] = 1.0 if lead >= 1 else 0.6 + 0.3 * lead
    return scores


def size_scores(size: str, things: Sequence[Placed]) -> np.ndarray:
    """How clearly each of several things that match otherwise is 'small', 'tall' ..., shape (things,).

    A size is a comparison: among several, the ones beyond the midpoint between the extremes are meant, if
    the extremes differ by 30 % of volume (or of the length compared). A thing alone may be called anything,
    and so may things that are all alike (0.5: ambiguous).
    """
    if len(things) < 2:
        return np.ones(len(things))
    sign, measure = _MEASURES[size]
    values = sign * np.log(np.maximum([measure(thing) for thing in things], 1e-12))
    gap = np.log(1 + VOLUME_GAP)
    low, high = values.min(), values.max()
    if high - low < gap:
        return np.full(len(things), 0.5)
    beyond = (values - (low + high) / 2) / gap
    return np.where(beyond >= 0.45, 1.0, np.where(beyond <= -0.45, 0.0, 0.5 + beyond * 0.8))
