"""How well success is told on held-out episodes, and what a logit is worth as a probability."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from policies.reasoner.success import Calibration, SuccessDetector
from policies.reasoner.success_examples import JudgedEpisode, Kind, other_words
from robotics.reasoning.view import View

PULL = 1e-3
"""Of the calibration's slope to 0."""


@dataclass(frozen=True)
class Judgements:
    """Logits of examples, each (n,)."""

    logit: np.ndarray
    kind: np.ndarray
    episode: np.ndarray
    """Place in the list of episodes."""

    @property
    def achieved(self) -> np.ndarray:
        """bool (n,)"""
        return self.kind == Kind.ACHIEVED

    def part(self, chosen: np.ndarray) -> "Judgements":
        return Judgements(self.logit[chosen], self.kind[chosen], self.episode[chosen])

    def auroc(self, kind: Kind | None = None) -> float:
        """Of successes against one kind of example, or against all others; NaN where there are none."""
        others = ~self.achieved if kind is None else self.kind == kind
        return auroc(self.logit[self.achieved], self.logit[others])


def auroc(positive: np.ndarray, negative: np.ndarray) -> float:
    """How often a positive one is above a negative one; equal ones count half."""
    if not len(positive) or not len(negative):
        return float("nan")
    above = (positive[:, None] > negative[None]).mean()
    return float(above + 0.5 * (positive[:, None] == negative[None]).mean())


def judge_held_out(
    detector: SuccessDetector, episodes: Sequence[JudgedEpisode], seed: int = 0, *, with_before: bool = True
) -> Judgements:
    """Two successes an episode, and of every other kind what the episode has; all its cameras together.

    A failed episode gives its last moment only.

    Args:
        with_before: Whether the picture before is shown.
    """
    rng = np.random.default_rng(seed)
    found: list[tuple[float, int, int]] = []
    for place, episode in enumerate(episodes):
        words = episode.instruction
        start = episode.start
        at = lambda pictures, moment: {camera: pictures[camera][moment] for camera in pictures}  # noqa: E731
        last = at(episode.end, -1)
        if not episode.success:
            cases = [(start, last, words, Kind.FAILED)]
        else:
            middles = len(next(iter(episode.middle.values())))
            moments = sorted({middles - 1, middles - 2, middles // 2, 1} & set(range(middles)))
            cases = [(start, at(episode.end, 0), words, Kind.ACHIEVED), (start, last, words, Kind.ACHIEVED)]
            cases += [(start, at(episode.middle, k), words, Kind.NOT_YET) for k in moments]
            cases.append((last, start, words, Kind.UNDONE))
            if (others := other_words(words, rng)) is not None:
                cases.append((start, last, others, Kind.OTHER_WORDS))
            different = [other for other in episodes if other.task != episode.task]
            if different:
                instruction = different[rng.integers(len(different))].instruction
                cases.append((start, last, instruction, Kind.OTHER_TASK))
        for before, after, instruction, kind in cases:
            views = [View(image, name=camera) for camera, image in after.items()]
            earlier = [View(image, name=camera) for camera, image in before.items()] if with_before else []
            found.append((detector.logit(earlier, views, instruction), int(kind), place))
    logit, kind, place = zip(*found, strict=True) if found else ((), (), ())
    return Judgements(np.array(logit), np.array(kind, int), np.array(place, int))


def calibrate(judgements: Judgements) -> Calibration:
    """Platt's scaling by Newton's method; successes and all others weigh alike.

    Without one of the two there is nothing to fit, and logits are taken as they are.
    """
    y = judgements.achieved.astype(float)
    if not 0 < y.sum() < len(y):
        return Calibration()
    weight = np.where(y == 1, 0.5 / y.sum(), 0.5 / (1 - y).sum())
    centre, spread = float(judgements.logit.mean()), max(float(judgements.logit.std()), 1e-6)
    x = np.stack([(judgements.logit - centre) / spread, np.ones(len(y))], axis=1)

    def loss(slope: np.ndarray) -> float:
        logit = x @ slope
        # the small pull to 0 keeps it finite where all is separable
        return float(weight @ (np.logaddexp(0, logit) - y * logit) + 0.5 * PULL * slope @ slope)

    slope = np.zeros(2)
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ slope, -50, 50)))
        gradient = x.T @ (weight * (p - y)) + PULL * slope
        hessian = (x.T * (weight * p * (1 - p))) @ x + PULL * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        while loss(slope - step) > loss(slope) and np.abs(step).max() > 1e-9:
            step = step / 2
        slope = slope - step
    if slope[0] <= 0:  # worse than a coin: nothing to scale
        return Calibration()
    temperature = spread / float(slope[0])
    return Calibration(temperature, shift=centre - float(slope[1]) * temperature)


def calibration_error(probability: np.ndarray, achieved: np.ndarray, bins: int = 10) -> float:
    """Mean distance of probability and share of successes over equally wide bins, successes weighing half."""
    weight = np.where(achieved, 0.5 / max(1, achieved.sum()), 0.5 / max(1, (~achieved).sum()))
    place = np.minimum((probability * bins).astype(int), bins - 1)
    error = 0.0
    for k in range(bins):
        own = place == k
        if own.any():
            error += abs(np.sum(weight[own] * (probability[own] - achieved[own])))
    return float(error)
