"""Which things of a scene a query truly means: the geometry of `spatial` over the true boxes.

What is not clear is no question: a thing that hardly shows, a lookalike (a cube may pass for a block), or an
ambiguous relation makes the truth None.
"""

from collections.abc import Sequence

import numpy as np

from robotics.pose import quaternion_to_matrix
from robotics.reasoning.query import FreeSpace, Relation, Thing
from robotics.reasoning.scenes.facts import ObjectFacts, ViewFacts
from robotics.reasoning.scenes.folder import SceneView
from robotics.reasoning.spatial import free_space_scores, resolve, viewer_axes

LOOKALIKES: dict[str, frozenset[str]] = {
    family: frozenset(others.split())
    for family, others in {
        "apple": "ball pear",
        "ball": "apple egg",
        "basket": "box bowl",
        "block": "cube book box sponge",
        "book": "block box",
        "bottle": "jar can",
        "bowl": "plate cup basket",
        "box": "basket tray block cube",
        "brush": "pen marker screwdriver",
        "cabinet": "box",
        "can": "cylinder jar cup",
        "candle": "cylinder can",
        "carrot": "cone",
        "cone": "carrot",
        "cross": "star",
        "cube": "block box",
        "cup": "mug can bowl jar cylinder",
        "cylinder": "can candle cup jar",
        "egg": "ball",
        "hammer": "wrench",
        "jar": "can bottle cup",
        "knife": "spoon screwdriver pen",
        "marker": "pen candle screwdriver",
        "mug": "cup",
        "pear": "apple",
        "pen": "marker screwdriver knife",
        "phone": "remote book block",
        "plate": "tray bowl",
        "remote": "phone block",
        "screwdriver": "marker pen brush",
        "sponge": "block",
        "spoon": "knife",
        "star": "cross",
        "tray": "plate box",
        "wrench": "hammer",
    }.items()
}
"""Families that a person may honestly take for the family asked for; never counted as wrong or as absent."""

_PART_MARGIN = 0.004
"""Surface points so near to a part's box belong to it [m]."""


def fits(thing: ObjectFacts, asked: Thing) -> float:
    """Whether a thing is what a plain query says: 1 yes, 0 no, 0.5 debatable."""
    if asked.colour not in ("", thing.colour) or any(p != thing.pattern for p in asked.attributes):
        return 0.0
    if asked.noun in ("", thing.family):
        return 1.0
    return 0.5 if thing.family in LOOKALIKES.get(asked.noun, ()) else 0.0


def meant_things(target: Thing, facts: ViewFacts) -> tuple[int, ...] | None:
    """Ids of all things that a query means, clearly; () where there is clearly none; None: not clear.

    Where an anchor is not the only one of its kind, it is not clear which one is meant.
    """
    for anchor in target.anchors:
        anchors = meant_things(anchor, facts)
        if anchors is None or len(anchors) > (2 if _is_pair(target) else 1):
            return None
    shown = [thing for thing in facts.objects if thing.pixels > 0]
    placed = [thing.placed for thing in shown]
    viewer = viewer_axes(facts.camera_in_world)
    answers = set()
    # what is debatable must not matter: neither if it is taken for what is asked, nor if it is not
    for doubt in (False, True):

        def match(asked: Thing, doubt: bool = doubt) -> np.ndarray:
            scores = np.array([fits(t, asked) if t.is_seen else 0.5 * (fits(t, asked) > 0) for t in shown])
            return np.where((scores == 1.0) | (doubt & (scores > 0)), 1.0, 0.0)

        found = resolve(target, placed, match, viewer)
        if any(score < 1.0 for score in found.scores):
            return None
        answers.add(tuple(sorted(shown[i].id for i in found.indices)))
    return answers.pop() if len(answers) == 1 else None


def _is_pair(target: Thing) -> bool:
    """'between the two cups'"""
    return target.relation is Relation.BETWEEN and target.anchors[0] == target.anchors[1]


def part_mask(scene: SceneView, object_id: int, part: str) -> np.ndarray:
    """Pixels of a thing that show its part, shape (height, width)."""
    thing = scene.facts.object(object_id)
    mask = np.zeros(scene.ids.shape, bool)
    own = scene.ids == object_id
    points = scene.points[own]
    shows = np.zeros(len(points), bool)
    for box in (p for p in thing.parts if p.name == part):
        inner = (points - np.array(box.center)) @ quaternion_to_matrix(np.array(box.quaternion))
        shows |= (np.abs(inner) <= np.array(box.size) / 2 + _PART_MARGIN).all(axis=1)
    mask[own] = shows
    return mask


def free_place_mask(space: FreeSpace, scene: SceneView, anchors: Sequence[ObjectFacts]) -> np.ndarray:
    """Pixels of the table that are clearly a free place, shape (height, width)."""
    facts = scene.facts
    things = [thing.placed for thing in facts.objects]
    placed = [anchor.placed for anchor in anchors]
    scores = free_space_scores(
        scene.points,
        things,
        space.relation,
        placed,
        viewer_axes(facts.camera_in_world),
        scene.on_table,
        scene.clearance,
    )
    return scores >= 1.0
