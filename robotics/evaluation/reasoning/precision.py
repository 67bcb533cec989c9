"""Average precision of boxes, and thresholds on probabilities."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

Guess = TypeVar("Guess")
Truth = TypeVar("Truth")


@dataclass(frozen=True)
class Scored(Generic[Guess]):
    """One box that a reasoner found, in one image and for one query."""

    where: Hashable
    """Image and query: it may only match truths of the same."""
    confidence: float
    box: Guess


@dataclass(frozen=True)
class Wanted(Generic[Truth]):
    """One box that should be found."""

    where: Hashable
    box: Truth
    is_ignored: bool = False
    """Finding it is neither right nor wrong: hardly visible, cut off, or a lookalike."""


@dataclass(frozen=True)
class Precision:
    """Average precision and what it rests on."""

    value: float
    truths: int
    guesses: int


def average_precision(
    guesses: Sequence[Scored[Guess]],
    truths: Sequence[Wanted[Truth]],
    iou: Callable[[Guess, Truth], float],
    threshold: float,
) -> Precision:
    """Area under the precision-recall curve, interpolated at all points, over all images and queries pooled.

    The surest guesses choose first, each the truth that it overlaps most (M. Everingham et al., IJCV 2010);
    a truth that is taken makes further guesses of it wrong. NaN without truths.
    """
    by_place: dict[Hashable, list[int]] = {}
    for index, truth in enumerate(truths):
        by_place.setdefault(truth.where, []).append(index)
    taken = np.zeros(len(truths), bool)
    right: list[bool] = []
    for guess in sorted(guesses, key=lambda g: -g.confidence):
        best, overlap = None, threshold
        for index in by_place.get(guess.where, ()):
            if taken[index] and not truths[index].is_ignored:
                continue
            value = iou(guess.box, truths[index].box)
            # a truth that counts goes before one that does not
            if value >= overlap and (best is None or truths[best].is_ignored or not truths[index].is_ignored):
                best, overlap = index, value
        if best is None:
            right.append(False)
        elif not truths[best].is_ignored:
            taken[best] = True
            right.append(True)
    wanted = sum(not truth.is_ignored for truth in truths)
    if wanted == 0:
        return Precision(float("nan"), 0, len(guesses))
    hits = np.cumsum(right)
    recall = hits / wanted
    precision = hits / np.arange(1, len(right) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.diff(recall, prepend=0.0)
    return Precision(float((steps * envelope).sum()), wanted, len(guesses))


def false_positives_at_recall(
    present: Sequence[float], absent: Sequence[float], recall: float = 0.95
) -> tuple[float, float]:
    """Part of the absent that pass the threshold that lets `recall` of the present pass, and that threshold.

    Raises:
        ValueError: One of the samples is empty.
    """
    if not len(present) or not len(absent):
        raise ValueError("wanted probabilities of present and of absent things, one of them has none")
    threshold = float(np.quantile(np.asarray(present, float), 1 - recall, method="lower"))
    return float((np.asarray(absent) >= threshold).mean()), threshold


def area_under_roc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Probability that a positive has the higher score, ties half; NaN where one sample is empty."""
    if not len(positive) or not len(negative):
        return float("nan")
    a, b = np.asarray(positive, float)[:, None], np.asarray(negative, float)[None]
    return float((a > b).mean() + 0.5 * (a == b).mean())
