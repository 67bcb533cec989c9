"""Which of the things in view a query means, and in one line why none does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from robotics.reasoning.answers import Box2D
from robotics.reasoning.language.families import COLOURS
from robotics.reasoning.query import Relation, Superlative, Thing
from robotics.reasoning.spatial.image_plane import image_relation_scores, place_boxes
from robotics.reasoning.spatial.placed import LEVEL_VIEWER, Placed, Viewer
from robotics.reasoning.spatial.ranking import COMPARED_SIZES, size_scores, superlative_scores
from robotics.reasoning.spatial.relations import relation_scores

Match = Callable[[Thing], np.ndarray]
"""For a plain thing (see `plain`): how probably each thing in view is one, shape (things,), 0..1."""

PRESENT = 0.5
"""Things that match at least so well are there."""


@dataclass(frozen=True)
class Resolution:
    """The things that a query means, best first."""

    indices: tuple[int, ...]
    """Into the things in view."""
    scores: tuple[float, ...]
    """Match times the clarity of relation, superlative and sizes, 0..1; lower where ambiguous."""
    reason: str = ""
    """Where there is nothing: one line that says what is missing."""


def resolve(
    target: Thing,
    things: Sequence[Placed] | Sequence[Box2D],
    match: Match,
    viewer: Viewer = LEVEL_VIEWER,
    present: float = PRESENT,
) -> Resolution:
    """Find what `target` means among the things in view.

    Args:
        things: Boxes in space, or, where nothing but the image is known, in the image.
        match: Recognises plain things; it is called with `plain(target)` and its anchors' plain things.
        viewer: Of things in space.
        present: From which match on a thing is taken to be one.
    """
    resolver = _Resolver(things, match, viewer, present)
    scores, reason = resolver.scores(target)
    order = [int(i) for i in np.argsort(-scores, kind="stable") if scores[i] > 0]
    return Resolution(tuple(order), tuple(float(scores[i]) for i in order), "" if order else reason)


def plain(thing: Thing) -> Thing:
    """The thing without what is decided by comparison with others: what a model is asked to recognise.

    Its phrase is canonical where sizes had to be left out, and as it stood in the query elsewhere.
    """
    kept = tuple(a for a in thing.attributes if a not in COMPARED_SIZES)
    phrase = thing.phrase if kept == thing.attributes and thing.phrase else _canonical(thing, kept)
    return Thing(phrase, thing.noun, thing.colour, kept)


def name_of(thing: Thing) -> str:
    """A short name for messages: 'striped red mug'."""
    name = thing.phrase or _canonical(thing, thing.attributes)
    return f"{thing.part} of the {name}" if thing.part else name


def _canonical(thing: Thing, attributes: tuple[str, ...]) -> str:
    return " ".join(word for word in (*attributes, thing.colour, thing.noun or "object") if word)


def _with_article(name: str) -> str:
    return f"an {name}" if name[:1] in "aeiou" else f"a {name}"


class _Resolver:
    def __init__(
        self, things: Sequence[Placed] | Sequence[Box2D], match: Match, viewer: Viewer, present: float
    ):
        self.boxes = [t for t in things if isinstance(t, Box2D)]
        self.placed = place_boxes(self.boxes) if self.boxes else [t for t in things if isinstance(t, Placed)]
        self.match, self.present = match, present
        self.viewer = LEVEL_VIEWER if self.boxes else viewer

    def scores(self, target: Thing) -> tuple[np.ndarray, str]:
        """Of each thing in view being meant, 0 below the threshold; and why none is."""
        asked = plain(target)
        if not self.placed:
            return np.zeros(0), f"no {name_of(target)}: nothing is there"
        matched = np.asarray(self.match(asked), float)
        matched = np.where(matched >= self.present, matched, 0.0)
        if not matched.any():
            return matched, self._why_absent(asked)
        scores = matched
        if target.relation is not None:
            related, missing = self._related(target, matched > 0)
            if missing:
                return np.zeros_like(matched), missing
            scores = matched * related
            if not scores.any():
                anchors = " and ".join(f"the {name_of(anchor)}" for anchor in target.anchors)
                here = _with_article(name_of(replace(asked, phrase=target.phrase)))
                return scores, f"there is {here} but none {target.relation.value} {anchors}"
        for size in (a for a in target.attributes if a in COMPARED_SIZES):
            scores = self._among(scores, lambda things, size=size: size_scores(size, things))
        if target.superlative is not None:
            which: Superlative = target.superlative
            scores = self._among(scores, lambda things: superlative_scores(which, things, self.viewer))
        return scores, "" if scores.any() else f"which {name_of(target)} is meant is not clear"

    def _among(self, scores: np.ndarray, judge: Callable[[list[Placed]], np.ndarray]) -> np.ndarray:
        """Scores of the things that are still meant, times how they compare with each other."""
        # an ambiguous one must not take the place of a clear one, hence compare the clear ones if there are
        best = scores.max()
        meant = np.flatnonzero(scores >= 0.5 * best)
        judged = np.zeros_like(scores)
        judged[meant] = scores[meant] * judge([self.placed[i] for i in meant])
        return judged

    def _related(self, target: Thing, wanted: np.ndarray) -> tuple[np.ndarray, str]:
        """How clearly each wanted thing stands in the relation to the best fitting anchors."""
        assert target.relation is not None
        found: list[list[tuple[int, float]]] = []
        for anchor in target.anchors:
            scores, reason = self.scores(anchor)
            if not scores.any():
                return np.zeros_like(scores), reason
            found.append([(int(i), float(scores[i])) for i in np.flatnonzero(scores)])
        if target.relation is Relation.BETWEEN:
            first, second = (found[0], found[-1])
            pairs = [((i, j), min(a, b)) for i, a in first for j, b in second if i != j]
            if not pairs:
                return np.zeros(len(self.placed)), f"there is only one {name_of(target.anchors[0])}"
        else:
            pairs = [((i,), a) for i, a in found[0]]
        best = np.zeros(len(self.placed))
        for indices, certainty in pairs:
            others = [int(i) for i in np.flatnonzero(wanted) if i not in indices]
            relation = np.zeros(len(self.placed))
            relation[others] = self._relation_scores(target.relation, others, indices)
            # of several anchors the likelier one counts, but a doubtful one alone does not lower the answer
            best = np.maximum(best, relation * certainty / max(p for _, p in pairs))
        return best, ""

    def _relation_scores(self, relation: Relation, things: list[int], anchors: tuple[int, ...]) -> np.ndarray:
        if self.boxes:
            boxes = self.boxes
            return image_relation_scores(
                relation, [boxes[i] for i in things], [boxes[i] for i in anchors], boxes
            )
        placed = self.placed
        return relation_scores(
            relation, [placed[i] for i in things], [placed[i] for i in anchors], self.viewer
        )

    def _why_absent(self, asked: Thing) -> str:
        """'no red mug; there is a blue mug'."""
        missing = f"no {name_of(asked)}"
        if not asked.noun or not (asked.colour or asked.attributes):
            return missing
        family = np.asarray(self.match(Thing(asked.noun, asked.noun)), float)
        if family.max() < self.present:
            return f"no {asked.noun} at all"
        which = int(family.argmax())
        by_colour = {
            colour: float(self.match(Thing(f"{colour} {asked.noun}", asked.noun, colour))[which])
            for colour in COLOURS
            if colour != asked.colour
        }
        best = max(by_colour, key=lambda colour: by_colour[colour])
        there = f"{best} {asked.noun}" if by_colour[best] >= self.present else asked.noun
        return f"{missing}; there is {_with_article(there)}"
