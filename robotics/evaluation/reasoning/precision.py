"""Average precision of boxes, and thresholds on probabilities."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

Guess = TypeVar("Guess")
Truth = TypeVar("Truth")


Where = tuple[int, str]
"""Number of the view, and the query."""


@dataclass(frozen=True)
class Scored(Generic[Guess]):
    """One box that a reasoner found."""

    where: Where
    """It may only match what is wanted there."""
    confidence: float
    box: Guess


@dataclass(frozen=True)
class Wanted(Generic[Truth]):
    """One box that should be found."""

    where: Where
    box: Truth
    is_ignored: bool = False
    """Finding it is neither right nor wrong: hardly visible, cut off, or a lookalike."""


@dataclass(frozen=True)
class Precision:
    """Average precision and what it rests on."""

    value: float
    """NaN where nothing was to be found."""
    interval: tuple[float, float]
    """95 %, of views drawn again with replacement."""
    wanted: int
    guesses: int


@dataclass
class _ViewResult:
    """Of one view: guesses that count, and how many boxes were wanted."""

    confidences: list[float]
    right: list[bool]
    wanted: int = 0


def average_precision(
    guesses: Sequence[Scored[Guess]],
    truths: Sequence[Wanted[Truth]],
    iou: Callable[[Guess, Truth], float],
    threshold: float,
    rounds: int = 200,
) -> Precision:
    """Area under the precision-recall curve, interpolated at all points, over all views and queries pooled.

    The surest guesses choose first, each the truth that it overlaps most (M. Everingham et al., IJCV 2010);
    a truth that is taken makes further guesses of it wrong.

    Args:
        rounds: Of drawing views again, for the interval.
    """
    views = list(_judge(guesses, truths, iou, threshold).values())
    value = _area(views)
    rng = np.random.default_rng(0)
    again = [_area([views[i] for i in rng.integers(len(views), size=len(views))]) for _ in range(rounds)]
    return Precision(value, _interval(again), sum(v.wanted for v in views), len(guesses))


def mean_average_precision(
    classes: Sequence[tuple[Sequence[Scored[Guess]], Sequence[Wanted[Truth]]]],
    iou: Callable[[Guess, Truth], float],
    threshold: float,
    rounds: int = 200,
) -> Precision:
    """Mean over classes of their average precision; for the interval all are computed of the same views.

    Args:
        classes: Guesses and truths of each.
        rounds: Of drawing views again, for the interval.
    """
    judged = [_judge(guesses, truths, iou, threshold) for guesses, truths in classes]

    def mean(numbers: Sequence[int]) -> float:
        areas = [_area([views[n] for n in numbers if n in views]) for views in judged]
        known = [area for area in areas if not math.isnan(area)]
        return sum(known) / len(known) if known else math.nan

    numbers = np.array(sorted({number for views in judged for number in views}), int)
    rng = np.random.default_rng(0)
    again = [mean(rng.choice(numbers, len(numbers)).tolist()) for _ in range(rounds if len(numbers) else 0)]
    wanted = sum(view.wanted for views in judged for view in views.values())
    guesses = sum(len(guesses) for guesses, _ in classes)
    return Precision(mean(numbers.tolist()), _interval(again), wanted, guesses)


def _interval(values: Sequence[float]) -> tuple[float, float]:
    """95 % of those that are known."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return math.nan, math.nan
    low, high = np.quantile(known, (0.025, 0.975))
    return float(low), float(high)


def _judge(
    guesses: Sequence[Scored[Guess]],
    truths: Sequence[Wanted[Truth]],
    iou: Callable[[Guess, Truth], float],
    threshold: float,
) -> dict[int, _ViewResult]:
    """Which guesses are right, by view; those of ignored truths are left out."""
    views: dict[int, _ViewResult] = {}
    by_place: dict[Where, list[int]] = {}
    for index, truth in enumerate(truths):
        by_place.setdefault(truth.where, []).append(index)
        result = views.setdefault(truth.where[0], _ViewResult([], []))
        result.wanted += not truth.is_ignored
    taken: set[int] = set()
    for guess in sorted(guesses, key=lambda g: -g.confidence):
        overlaps = [
            (iou(guess.box, truths[i].box), i) for i in by_place.get(guess.where, ()) if i not in taken
        ]
        fitting = [(value, i) for value, i in overlaps if value >= threshold]
        # a truth that counts goes before one that does not
        best = max(fitting, key=lambda pair: (not truths[pair[1]].is_ignored, pair[0]), default=None)
        if best is not None and truths[best[1]].is_ignored:
            continue
        result = views.setdefault(guess.where[0], _ViewResult([], []))
        result.confidences.append(guess.confidence)
        result.right.append(best is not None)
        if best is not None:
            taken.add(best[1])
    return views


def _area(views: Sequence[_ViewResult]) -> float:
    wanted = sum(view.wanted for view in views)
    if wanted == 0:
        return math.nan
    confidences = np.array([c for view in views for c in view.confidences])
    right = np.array([r for view in views for r in view.right], bool)
    hits = np.cumsum(right[np.argsort(-confidences, kind="stable")])
    precision = hits / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(hits / wanted, prepend=0.0) * envelope).sum())


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
