"""Fits, on held-out scenes, when a thing counts as being what a phrase says."""

from dataclasses import dataclass, replace

import numpy as np

from policies.reasoner.decoding import overlap
from policies.reasoner.looking import Looker
from policies.reasoner.model_folder import MatchCalibration, ReasonerModel
from policies.reasoner.phrases import describe, judge
from robotics.reasoning.language.families import COLOURS, PATTERNS
from robotics.reasoning.query import Thing
from robotics.reasoning.scenes.folder import SceneFolder

RECALL = 0.95
"""Part of the true phrases that shall count as present."""
_SAME = 0.5


@dataclass(frozen=True, eq=False)
class Asked:
    """One phrase asked of one view."""

    signs: np.ndarray
    """Of each thing seen, (thing, 3), see `Looker.signs`."""
    fits: np.ndarray
    """Whether the phrase is true of each thing seen, (thing,); -1 where that is not known."""
    is_present: bool


def calibrate(
    model: ReasonerModel, scenes: SceneFolder, views: int, seed: int = 0
) -> tuple[MatchCalibration, dict[str, float]]:
    """Weights of the signs by logistic regression over things, and the threshold by what counts for a view.

    A phrase's evidence in a view is that of the best fitting thing. Half of the absent ones differ from a
    thing in view by colour or pattern alone.

    Returns:
        The metrics are the area under the ROC, and the false positives at 95 % recall: with these weights,
        and with all alike ("plain"); none where nothing was seen.
    """
    asked = _collect(model, scenes, views, np.random.default_rng(seed))
    present = np.array([question.is_present for question in asked], bool)
    if not present.any() or present.all():  # a network that sees nothing yet
        return MatchCalibration(), {}
    signs, fits = (
        np.concatenate([getattr(question, name) for question in asked]) for name in ("signs", "fits")
    )
    weights = logistic_weights(signs[fits >= 0], fits[fits >= 0] == 1)
    metrics: dict[str, float] = {}
    match = MatchCalibration()
    for name, used in (("", weights), ("plain ", np.ones(3))):
        evidence = np.array([(question.signs @ used).max() for question in asked])
        threshold = float(np.quantile(evidence[present], 1 - RECALL))
        metrics[f"{name}area"] = area_under_roc(evidence[present], evidence[~present])
        metrics[f"{name}false positives"] = float((evidence[~present] >= threshold).mean())
        if not name:
            match = MatchCalibration(*(float(w) for w in weights), threshold=threshold)
    return match, metrics


def area_under_roc(positive: np.ndarray, negative: np.ndarray) -> float:
    """Probability that a positive exceeds a negative."""
    difference = positive[:, None] - negative[None, :]
    return float((difference > 0).mean() + 0.5 * (difference == 0).mean())


def logistic_weights(signs: np.ndarray, truth: np.ndarray, steps: int = 30) -> np.ndarray:
    """Of the logistic regression of truth (n,) on signs (n, k), none negative, (k,); by Newton's method."""
    x = np.column_stack([signs, np.ones(len(signs))])
    weights = np.zeros(x.shape[1])
    used = np.ones(x.shape[1], bool)
    while True:
        for _ in range(steps):
            p = 1 / (1 + np.exp(-np.clip(x[:, used] @ weights[used], -30, 30)))
            curvature = x[:, used].T * (p * (1 - p)) @ x[:, used] + 1e-2 * np.eye(int(used.sum()))
            weights[used] += np.linalg.solve(curvature, x[:, used].T @ (truth - p) - 1e-2 * weights[used])
        negative = (weights < 0) & used
        negative[-1] = False
        if not negative.any():
            return weights[:-1]
        used &= ~negative
        weights[:] = 0.0


def _collect(model: ReasonerModel, scenes: SceneFolder, views: int, rng: np.random.Generator) -> list[Asked]:
    looker, found = Looker(model), []
    for index in np.linspace(0, len(scenes) - 1, min(views, len(scenes))).astype(int):
        scene = scenes[int(index)]
        shown = [thing for thing in scene.facts.objects if thing.pixels > 0]
        seen = [thing for thing in shown if thing.is_seen]
        look = looker.look(scene.view)
        if not seen or not look.things:
            continue
        boxes = np.array([[b.left, b.top, b.right, b.bottom] for b in map(look.box, range(len(look.things)))])
        pairs = overlap(boxes, np.array([thing.box for thing in shown]))
        words = [(thing.family, thing.colour, thing.pattern) for thing in shown]
        for _ in range(8):
            thing = seen[int(rng.integers(len(seen)))]
            asked = describe((thing.family, thing.colour, thing.pattern), rng)
            if asked == Thing(""):
                continue
            if rng.random() < 0.5:
                asked = _changed(asked, thing.family, rng)
            judged = np.array([judge(asked, word) for word in words])
            if 1 not in judged and -1 in judged:
                continue
            fits = np.where(pairs.max(axis=1) >= _SAME, judged[pairs.argmax(axis=1)], -1)
            found.append(Asked(looker.signs(look.things, asked), fits, bool((judged == 1).any())))
    return found


def _changed(asked: Thing, family: str, rng: np.random.Generator) -> Thing:
    """The same with another colour, pattern or noun."""
    if asked.attributes and rng.random() < 0.5:
        return replace(asked, attributes=(str(rng.choice(PATTERNS)),))
    if asked.colour or rng.random() < 0.5:
        return replace(asked, colour=str(rng.choice(COLOURS)))
    return replace(asked, noun=family, colour=str(rng.choice(COLOURS)))


def detection_scores(model: ReasonerModel, scenes: SceneFolder, views: int) -> dict[str, float]:
    """Of all things whatever they are called: recall and precision at an overlap of 0.5, words named right,
    and how far centres in space are off."""
    looker = Looker(model)
    true = found = hits = colours = families = 0
    off: list[float] = []
    for index in np.linspace(0, len(scenes) - 1, min(views, len(scenes))).astype(int):
        scene = scenes[int(index)]
        seen = [thing for thing in scene.facts.objects if thing.is_seen and thing.box is not None]
        look = looker.look(scene.view)
        true, found = true + len(seen), found + len(look.things)
        if not seen or not look.things:
            continue
        boxes = np.array([[b.left, b.top, b.right, b.bottom] for b in map(look.box, range(len(look.things)))])
        pairs = overlap(boxes, np.array([thing.box for thing in seen]))
        for number, thing in enumerate(seen):
            best = int(pairs[:, number].argmax())
            if pairs[best, number] < _SAME:
                continue
            hits += 1
            family, colour = look.names[best]
            families, colours = families + (family == thing.family), colours + (colour == thing.colour)
            centre = np.array(look.box3d(best).center)
            off.append(float(np.linalg.norm(centre - np.array(thing.center))))
    return {
        "recall": hits / max(true, 1),
        "precision": hits / max(found, 1),
        "family": families / max(hits, 1),
        "colour": colours / max(hits, 1),
        "centre_cm": 100 * float(np.median(off)) if off else float("nan"),
    }
