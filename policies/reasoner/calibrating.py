"""Fits, on held-out scenes, when a thing counts as being what a phrase says."""

from dataclasses import replace

import numpy as np

from policies.reasoner.decoding import overlap
from policies.reasoner.looking import Looker, canonical_phrase, word_evidence
from policies.reasoner.model_folder import MatchCalibration, ReasonerModel
from policies.reasoner.phrases import describe, judge
from robotics.reasoning.language.families import COLOURS, PATTERNS
from robotics.reasoning.query import Thing
from robotics.reasoning.scenes.folder import SceneFolder

RECALL = 0.95
"""Part of the true phrases that shall count as present."""
PARTS = (0.0, 0.15, 0.3, 0.5, 1.0)
"""Shares of the phrase vector that are tried."""
_SAME = 0.5


def calibrate(
    model: ReasonerModel, scenes: SceneFolder, views: int, seed: int = 0
) -> tuple[MatchCalibration, dict[str, float]]:
    """The calibration that tells present from absent best, and how well it does.

    A phrase is asked of a whole view: its evidence is that of the best fitting thing. Half of the absent ones
    differ from a thing in view by colour or pattern alone.

    Returns:
        The metrics are the area under the ROC, and false positives at 95 % recall, of each share tried;
        none where nothing was seen.
    """
    evidence, truth = _collect(model, scenes, views, np.random.default_rng(seed))
    if not truth.any() or truth.all():  # a network that sees nothing yet
        return MatchCalibration(), {}
    metrics, best, best_area = {}, MatchCalibration(), -1.0
    for column, part in enumerate(PARTS):
        present, absent = evidence[truth, column], evidence[~truth, column]
        area = float((present[:, None] > absent[None, :]).mean() + 0.5 * (present[:, None] == absent).mean())
        threshold = float(np.quantile(present, 1 - RECALL))
        metrics[f"area {part:g}"] = area
        metrics[f"false {part:g}"] = float((absent >= threshold).mean())
        if area > best_area:
            best_area = area
            best = MatchCalibration(threshold, 1.0 / logistic_slope(evidence[:, column], truth), part)
    return best, metrics


def logistic_slope(values: np.ndarray, truth: np.ndarray, steps: int = 30) -> float:
    """Of the logistic regression of truth (n,) on values (n,), at least 0.05; by Newton's method."""
    scale = float(values.std()) or 1.0
    x = np.stack([np.ones(len(values)), (values - values.mean()) / scale], axis=1)
    weights = np.zeros(2)
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        curvature = x.T * (p * (1 - p)) @ x + 1e-2 * np.eye(2)
        weights += np.linalg.solve(curvature, x.T @ (truth - p) - 1e-2 * weights)
    return max(float(weights[1]) / scale, 0.05)


def _collect(
    model: ReasonerModel, scenes: SceneFolder, views: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Evidence of phrases in views, (question, share), and whether they are true, (question,)."""
    looker, rows, truth = Looker(model), [], []
    for index in np.linspace(0, len(scenes) - 1, min(views, len(scenes))).astype(int):
        scene = scenes[int(index)]
        shown = [thing for thing in scene.facts.objects if thing.pixels > 0]
        seen = [thing for thing in shown if thing.is_seen]
        look = looker.look(scene.view)
        if not seen or not look.things:
            continue
        words = [(thing.family, thing.colour, thing.pattern) for thing in shown]
        for _ in range(6):
            thing = seen[int(rng.integers(len(seen)))]
            asked = describe((thing.family, thing.colour, thing.pattern), rng)
            if asked == Thing(""):
                continue
            if rng.random() < 0.5:
                asked = _changed(asked, thing.family, rng)
            judged = [judge(asked, word) for word in words]
            if 1 not in judged and -1 in judged:
                continue
            by_words = np.array([word_evidence(t.words, asked) for t in look.things])
            by_phrase = looker.logits(look.things, [canonical_phrase(asked)])[:, 0]
            rows.append([float(((1 - p) * by_words + p * by_phrase).max()) for p in PARTS])
            truth.append(1 in judged)
    return np.array(rows), np.array(truth, bool)


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
