"""Free places on the table, relative to things: by depth, else by the table's plane, else in the image."""

import cv2
import numpy as np

from policies.reasoner.looking import Look
from policies.reasoner.spotting import spot
from robotics.reasoning.answers import Box2D, Found, Point
from robotics.reasoning.lifting import lift_point
from robotics.reasoning.query import FreeSpace
from robotics.reasoning.spatial import (
    LEVEL_VIEWER,
    Placed,
    free_space_scores,
    place_boxes,
    place_pixels,
    roomiest,
)

_STEP = 2
"""Places are sought at every second pixel of the network's input."""
_TABLE = 0.5
_OFF_PLANE = 0.02
"""What is farther from the table's plane is not its top [m]."""
_CLEAR, _PASSABLE = 1.0, 0.4
_APART = 0.06
"""Between several answers, of the picture's width."""


def find_places(look: Look, space: FreeSpace, label: str, limit: int) -> Found[Point]:
    """The roomiest places, or why there is none."""
    anchors, certainty = [], 1.0
    for thing in space.anchors:
        spotted = spot(look, thing, is_anchor=True)
        spare = [i for i in spotted.indices if i not in anchors]
        if not spare:
            reason = spotted.reason or f"there is only one {thing.phrase}"
            return Found((), presence=spotted.presence, reason=reason)
        anchors.append(spare[0])
        certainty = min(certainty, spotted.presence)
    points, viewer = surface_points(look), look.viewer
    placed = look.placed
    if points is None:
        boxes = [_smaller(box, look) for box in placed if isinstance(box, Box2D)]
        height, width = look.prepared.height, look.prepared.width
        things = place_boxes(boxes) if len(boxes) == len(placed) else _in_image(look)
        points, viewer = place_pixels(height, width, boxes or _image_boxes(look)), LEVEL_VIEWER
        points = points[::_STEP, ::_STEP]
    else:
        things = [thing for thing in placed if isinstance(thing, Placed)]
    shape = points.shape[:2]
    table = cv2.resize(look.sight.table.astype(np.float32), (shape[1], shape[0])) > _TABLE
    if look.view.is_calibrated:
        with np.errstate(invalid="ignore"):
            table &= ~(np.abs(points[..., 2]) > _OFF_PLANE)
    scores = free_space_scores(
        points, things, space.relation, [things[i] for i in anchors], viewer, on_table=table
    )
    found: list[Point] = []
    open_places = scores >= (_CLEAR if (scores >= _CLEAR).any() else _PASSABLE)
    while len(found) < limit and (place := roomiest(open_places, points)) is not None:
        row, column = place
        x, y = look.scale
        point = Point(
            min((column * _STEP + 0.5) * x, look.view.width - 0.5),
            min((row * _STEP + 0.5) * y, look.view.height - 0.5),
            label,
            float(scores[row, column]) * certainty,
        )
        found.append(lift_point(point, look.view))
        rows, columns = np.indices(shape)
        open_places &= np.hypot(rows - row, columns - column) > _APART * shape[1]
    if found:
        return Found(tuple(found), presence=max(p.confidence for p in found))
    where = ""
    if space.relation is not None:
        where = f" {space.relation.value} {' and '.join(f'the {thing.phrase}' for thing in space.anchors)}"
    return Found((), presence=0.2, reason=f"no free space{where} in view")


def surface_points(look: Look) -> np.ndarray | None:
    """Surface under every second pixel of the network's input in the frame of `Look.placed` [m],
    (rows, columns, 3); None where only the image is known."""
    prepared = look.prepared
    if not prepared.has_intrinsics:
        return None
    rows, columns = np.indices((prepared.height, prepared.width))[:, ::_STEP, ::_STEP] + 0.5
    rays = prepared.rays(columns, rows)
    if prepared.depth is not None:
        depth = prepared.depth[::_STEP, ::_STEP]
        points = rays * np.where(depth > 0, depth, np.nan)[..., None]
    elif prepared.level_in_world is not None:
        points = prepared.on_plane(rays)
    else:
        return None
    level = prepared.level_in_world
    return points if level is None else level.apply(points)


def _image_boxes(look: Look) -> list[Box2D]:
    return [_smaller(look.box(i), look) for i in range(len(look.things))]


def _in_image(look: Look) -> list[Placed]:
    return place_boxes(_image_boxes(look))


def _smaller(box: Box2D, look: Look) -> Box2D:
    """At the size of the network's input."""
    x, y = look.scale
    return Box2D(box.left / x, box.top / y, box.right / x, box.bottom / y, box.label)
