"""How clearly a relation holds between two things: 1 is clearly true, 0 clearly false, between is ambiguous.

Ambiguous relations may be answered, with their lower score; tests and training leave them out.
"""

from collections.abc import Sequence

import numpy as np

from robotics.reasoning.query import Relation
from robotics.reasoning.spatial.footprints import gap, is_over
from robotics.reasoning.spatial.placed import Placed, Viewer

CLEAR_SLOPE, FALSE_SLOPE = 1.0, 1.7
"""Sideways distance over distance in the relation's direction: up to the first it is clearly true."""
NEXT_TO_CLEAR, NEXT_TO_FALSE = 0.06, 0.12
"""Gap between footprints [m]."""
CONTACT_CLEAR, CONTACT_FALSE = 0.012, 0.03
"""Between a thing's underside and the top of what carries it [m]."""
SEGMENT_CLEAR, SEGMENT_FALSE = 0.20, 0.10
"""Part of the way from one anchor to the other that does not count as between, at either end."""
ASIDE_CLEAR, ASIDE_FALSE = 0.35, 0.5
"""Distance from the line between two anchors, relative to their distance."""
FLAT = 0.035
"""Up to this height a plate or a tray carries what lies within its rim [m]."""
PLACE_GAP = 0.02
"""So much nearer is clearly nearer [m]."""

_DIRECTIONS = {
    Relation.LEFT_OF: (0, -1),
    Relation.RIGHT_OF: (0, 1),
    Relation.IN_FRONT_OF: (1, -1),
    Relation.BEHIND: (1, 1),
}
"""Axis of the viewer (0 right, 1 away) and sign."""
_EMPTY_EDGE = 1e-9


def band(value: float | np.ndarray, clear: float, false: float) -> np.ndarray:
    """1 where value <= clear, 0 where it is >= false, in between falling from 0.9 to 0.1."""
    value = np.asarray(value, float)
    inside = 0.9 - 0.8 * (value - clear) / (false - clear)
    return np.where(value <= clear, 1.0, np.where(value >= false, 0.0, inside))


def direction_scores(relation: Relation, difference: np.ndarray, viewer: Viewer) -> np.ndarray:
    """Of LEFT_OF, RIGHT_OF, IN_FRONT_OF and BEHIND for differences thing - anchor (..., 2) [m]."""
    axis, sign = _DIRECTIONS[relation]
    seen = viewer.coordinates(difference)
    along, across = sign * seen[..., axis], np.abs(seen[..., 1 - axis])
    slope = across / np.maximum(along, _EMPTY_EDGE)
    return np.where(along > _EMPTY_EDGE, band(slope, CLEAR_SLOPE, FALSE_SLOPE), 0.0)


def between_scores(xy: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Of places (..., 2) between two places (2,) [m]."""
    line = second - first
    length = float(np.linalg.norm(line))
    if length < 1e-6:
        return np.zeros(np.shape(xy)[:-1])
    offset = np.asarray(xy, float) - first
    part = offset @ line / length**2
    aside = np.abs(offset @ np.array([-line[1], line[0]])) / length**2
    end = np.minimum(part, 1 - part)
    return np.minimum(band(-end, -SEGMENT_CLEAR, -SEGMENT_FALSE), band(aside, ASIDE_CLEAR, ASIDE_FALSE))


def is_directional(relation: Relation) -> bool:
    """Whether the relation is one of the viewer's four directions."""
    return relation in _DIRECTIONS


def relation_score(relation: Relation, thing: Placed, anchors: Sequence[Placed], viewer: Viewer) -> float:
    """How clearly `thing` stands in a relation to its anchors (two for BETWEEN, else one).

    Raises:
        ValueError: Not as many anchors as the relation has; or NEAREST_TO or FARTHEST_FROM, which compare
            several things (`relation_scores`).
    """
    wanted = 2 if relation is Relation.BETWEEN else 1
    if len(anchors) != wanted:
        raise ValueError(f"'{relation.value}' wants {wanted} anchor(s), got {len(anchors)}")
    anchor = anchors[0]
    here, there = np.array(thing.center[:2]), np.array(anchor.center[:2])
    if relation is Relation.ON:
        return _carried_score(thing, anchor)
    if relation is Relation.UNDER:
        return _carried_score(anchor, thing)
    if relation is Relation.IN:
        return _inside_score(thing, anchor)
    if any(is_over(thing, a) or is_over(a, thing) for a in anchors):
        return 0.0  # on it or in it is not beside it
    if relation in _DIRECTIONS:
        return float(direction_scores(relation, here - there, viewer))
    if relation is Relation.BETWEEN:
        return float(between_scores(here, there, np.array(anchors[1].center[:2])))
    if relation is Relation.NEXT_TO:
        return float(band(gap(thing, anchor), NEXT_TO_CLEAR, NEXT_TO_FALSE))
    raise ValueError(f"'{relation.value}' compares several things; wanted relation_scores")


def relation_scores(
    relation: Relation, things: Sequence[Placed], anchors: Sequence[Placed], viewer: Viewer
) -> np.ndarray:
    """`relation_score` of several things, shape (things,); for NEAREST_TO and FARTHEST_FROM among them.

    Raises:
        ValueError: Not as many anchors as the relation has.
    """
    if relation not in (Relation.NEAREST_TO, Relation.FARTHEST_FROM):
        return np.array([relation_score(relation, thing, anchors, viewer) for thing in things])
    if len(anchors) != 1:
        raise ValueError(f"'{relation.value}' wants 1 anchor(s), got {len(anchors)}")
    if not things:
        return np.zeros(0)
    there = np.array(anchors[0].center[:2])
    distances = np.array([np.linalg.norm(np.array(t.center[:2]) - there) for t in things])
    return rank_scores(distances if relation is Relation.NEAREST_TO else -distances, PLACE_GAP)


def rank_scores(values: np.ndarray, margin: float) -> np.ndarray:
    """For 'the least of them', shape (n,): 1 for the least, less for who is within `margin` of it, else 0.

    Where another one is so near, the least itself is ambiguous, too: 0.9 or less.
    """
    if len(values) < 2:
        return np.ones(len(values))
    order = np.argsort(values, kind="stable")
    behind = (values - values[order[0]]) / margin
    scores = np.clip(0.5 * (1 - behind), 0.0, 0.5)
    lead = behind[order[1]]
    scores[order[0]] = 1.0 if lead >= 1 else 0.6 + 0.3 * lead
    return scores


def _carried_score(thing: Placed, support: Placed) -> float:
    if not is_over(thing, support) or thing.center[2] <= support.center[2]:
        return 0.0
    rise = thing.bottom - support.top
    if support.size[2] <= FLAT and rise < 0:
        rise = min(0.0, thing.bottom - support.bottom)  # below the rim of a plate is on the plate, too
    return float(band(abs(rise), CONTACT_CLEAR, CONTACT_FALSE))


def _inside_score(thing: Placed, container: Placed) -> float:
    """In a container is: over it, and with its underside clearly below the rim."""
    if not is_over(thing, container) or thing.bottom < container.bottom - CONTACT_CLEAR:
        return 0.0
    if thing.volume > container.volume:
        return 0.0
    return float(band(thing.bottom - container.top, -CONTACT_CLEAR, 0.0))
