"""Where on the table (or on a tray) there is room, relative to things."""

from collections.abc import Sequence

import numpy as np

from robotics.reasoning.query import Relation
from robotics.reasoning.spatial.footprints import distance_to_footprint
from robotics.reasoning.spatial.placed import Placed, Viewer
from robotics.reasoning.spatial.relations import band, between_scores, direction_scores, is_directional

MARGIN = 0.025
"""A free place keeps this distance from every footprint [m]."""
REACH_CLEAR, REACH_FALSE = 0.30, 0.40
"""A place in a direction of a thing is nearer to its footprint than this [m]."""
BESIDE_CLEAR, BESIDE_FALSE = 0.09, 0.15
"""The same for a place next to a thing: a thing of 6 cm put there is 6 cm away [m]."""
TABLE_TOLERANCE = 0.012
"""Points so near to the table's plane belong to it [m]."""
_CELL = 0.01
"""Of the map on which the roomiest place is sought [m]."""


def clearance(points: np.ndarray, things: Sequence[Placed]) -> np.ndarray:
    """Distance of each point (..., 2 or 3) to the nearest footprint [m], shape (...); inf without things.

    It is the same for every question about a view; negative in a footprint.
    """
    xy = np.asarray(points, float)[..., :2]
    nearest = np.full(xy.shape[:-1], np.inf)
    for thing in things:
        np.minimum(nearest, distance_to_footprint(thing, xy), out=nearest)
    return nearest


def place_scores(
    points: np.ndarray, relation: Relation | None, anchors: Sequence[Placed], viewer: Viewer
) -> np.ndarray:
    """How clearly places (..., 2 or 3) stand in a relation to things, free or not, shape (...), 0..1.

    Raises:
        ValueError: Not as many anchors as the relation has, or a place 'under' something.
    """
    xy = np.asarray(points, float)[..., :2]
    if relation is None:
        return np.ones(xy.shape[:-1])
    wanted = 2 if relation is Relation.BETWEEN else 1
    if len(anchors) != wanted:
        raise ValueError(f"'{relation.value}' wants {wanted} anchor(s), got {len(anchors)}")
    here = np.array(anchors[0].center[:2])
    if relation is Relation.BETWEEN:
        return between_scores(xy, here, np.array(anchors[1].center[:2]))
    if relation is Relation.UNDER:
        raise ValueError("there are no free places under things")
    distance = distance_to_footprint(anchors[0], xy)
    if is_directional(relation):
        near = band(distance, REACH_CLEAR, REACH_FALSE)
        return np.minimum(direction_scores(relation, xy - here, viewer), near)
    if relation in (Relation.ON, Relation.IN):
        return band(distance, -0.01, 0.0)
    if relation is Relation.FARTHEST_FROM:
        return _toward(distance, np.nanmax(distance, initial=-np.inf, where=np.isfinite(distance)))
    return band(distance, BESIDE_CLEAR, BESIDE_FALSE)  # next to, nearest to


def _toward(distance: np.ndarray, farthest: float) -> np.ndarray:
    return band(farthest - distance, 0.1, 0.3)


def free_space_scores(
    points: np.ndarray,
    things: Sequence[Placed],
    relation: Relation | None,
    anchors: Sequence[Placed],
    viewer: Viewer,
    on_table: np.ndarray | None = None,
    clear_by: np.ndarray | None = None,
) -> np.ndarray:
    """How clearly each pixel is a free place in the relation, shape (h, w), 0..1.

    Args:
        points: The surface under each pixel in the frame of the things, (h, w, 3) [m]; NaN where unknown.
        things: Everything that stands there; anchors included or not.
        on_table: Which pixels show the table's top, (h, w); None: those within 12 mm of z = 0.
        clear_by: `clearance(points, things)` where it is known already (not used for ON and IN).
    """
    known = np.isfinite(points).all(axis=-1)
    if relation in (Relation.ON, Relation.IN) and anchors:
        support = anchors[0]
        others = [thing for thing in things if thing != support and not _carries(thing, support)]
        base = known & (points[..., 2] < support.top + TABLE_TOLERANCE)
        clear_by = clearance(points, others)
    else:
        base = known & (np.abs(points[..., 2]) < TABLE_TOLERANCE if on_table is None else on_table)
        clear_by = clearance(points, [*things, *anchors]) if clear_by is None else clear_by
    scores = np.zeros(points.shape[:2])
    free = base & (clear_by >= MARGIN)
    scores[free] = place_scores(points[free], relation, anchors, viewer)
    return scores


def _carries(thing: Placed, other: Placed) -> bool:
    """Whether `other` may stand on `thing`: a tray on a book is no obstacle to itself."""
    return thing.top <= other.bottom + TABLE_TOLERANCE


def free_space_mask(
    points: np.ndarray,
    things: Sequence[Placed],
    relation: Relation | None,
    anchors: Sequence[Placed],
    viewer: Viewer,
    on_table: np.ndarray | None = None,
) -> np.ndarray:
    """Pixels that are clearly a free place in the relation, shape (h, w); see `free_space_scores`."""
    return free_space_scores(points, things, relation, anchors, viewer, on_table) >= 1.0


def roomiest(mask: np.ndarray, points: np.ndarray) -> tuple[int, int] | None:
    """Row and column of the pixel of a mask (h, w) around which the largest disc of table is in the mask.

    Args:
        points: The surface under each pixel, (h, w, 3) [m].

    Returns:
        None for an empty mask.
    """
    import cv2

    rows, columns = np.nonzero(mask)
    if len(rows) == 0:
        return None
    xy = points[rows, columns, :2]
    low = xy.min(axis=0) - 4 * _CELL  # closing must not reach the edge of the map
    cells = ((xy - low) / _CELL).astype(int)  # (pixel, 2)
    room = np.zeros(cells.max(axis=0) + 5, np.uint8)
    room[cells[:, 0], cells[:, 1]] = 1
    # far from the camera two rows of pixels are more than a cell apart: close the slits between them
    room = cv2.morphologyEx(room, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    radius = cv2.distanceTransform(room, cv2.DIST_L2, 5)[cells[:, 0], cells[:, 1]]
    best = np.flatnonzero(radius >= radius.max() - 1e-6)
    middle = xy[best].mean(axis=0)  # several as good: the one in their midst
    chosen = best[np.argmin(np.linalg.norm(xy[best] - middle, axis=1))]
    return int(rows[chosen]), int(columns[chosen])
