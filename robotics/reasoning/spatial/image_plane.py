"""Relations where nothing but the image is known: boxes in it become things on a make-believe table.

A box's bottom edge is where its thing stands; a row further up is further away. The typical box is taken to
be 7 cm wide, and rows to be foreshortened as a camera that looks down by 40 degrees sees them.
"""

import math
from collections.abc import Sequence

import numpy as np

from robotics.reasoning.answers import Box2D
from robotics.reasoning.query import Relation
from robotics.reasoning.spatial.placed import LEVEL_VIEWER, Placed
from robotics.reasoning.spatial.relations import band, relation_scores

TYPICAL_WIDTH = 0.07
"""[m]"""
FORESHORTENING = math.sin(math.radians(40))
"""Rows per column for the same distance on the table."""


def metres_per_pixel(boxes: Sequence[Box2D]) -> float:
    """Of the make-believe table; any positive number where there are no boxes."""
    if not boxes:
        return 1e-3
    return TYPICAL_WIDTH / max(1.0, float(np.median([box.right - box.left for box in boxes])))


def place_boxes(boxes: Sequence[Box2D]) -> list[Placed]:
    """Boxes as things in a level frame, x right, y away; scale and height are rough."""
    scale = metres_per_pixel(boxes)
    placed = []
    for box in boxes:
        width = (box.right - box.left) * scale
        height = (box.bottom - box.top) * scale
        x = (box.left + box.right) / 2 * scale
        y = -box.bottom * scale / FORESHORTENING + width / 2
        placed.append(Placed((x, y, height / 2), (width, width, height), 0.0, box.label))
    return placed


def place_pixels(height: int, width: int, boxes: Sequence[Box2D]) -> np.ndarray:
    """The pixels of the image on the table of `place_boxes`, shape (height, width, 3)."""
    scale = metres_per_pixel(boxes)
    columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return np.stack([columns * scale, -rows * scale / FORESHORTENING, np.zeros_like(rows)], axis=-1)


def image_relation_scores(
    relation: Relation, boxes: Sequence[Box2D], anchors: Sequence[Box2D], everything: Sequence[Box2D] = ()
) -> np.ndarray:
    """How clearly a relation holds for each box, shape (boxes,), 0..1; see `relations.relation_scores`.

    Args:
        everything: All boxes of the view, which tell its scale.
    """
    if relation in (Relation.ON, Relation.IN):
        return np.array([_carried(box, anchors[0]) for box in boxes])
    if relation is Relation.UNDER:
        return np.array([_carried(anchors[0], box) for box in boxes])
    count, every = len(boxes), [*boxes, *anchors, *everything]
    placed = place_boxes(every)
    return relation_scores(relation, placed[:count], placed[count : count + len(anchors)], LEVEL_VIEWER)


def _carried(box: Box2D, support: Box2D) -> float:
    """Of 'on' and 'in': amid the support's columns, with its bottom edge in the support's rows."""
    half = (support.right - support.left) / 2
    aside = abs((box.left + box.right) - (support.left + support.right)) / 2
    if half <= 0 or not support.top < box.bottom < support.bottom or box.top >= support.bottom:
        return 0.0
    return float(band(aside / half, 0.6, 1.0))
