"""The same points of the scene in another view, by depth and the cameras' places."""

from collections.abc import Sequence

import numpy as np

from robotics.pinhole import project
from robotics.reasoning.answers import Correspondence, Frame, Point
from robotics.reasoning.errors import MissingInputError
from robotics.reasoning.lifting import depth_at, place_at
from robotics.reasoning.view import View

_HIDDEN_M, _HIDDEN_PART = 0.015, 0.01
"""A point so far behind what the other view sees there is hidden: metres, and part of its distance."""
_SURE, _UNCHECKED = 0.95, 0.6


def carry_points(source: View, points: Sequence[Point], target: View) -> tuple[Correspondence, ...]:
    """For each point its place in `target`, or None where it is hidden there or outside the picture.

    Raises:
        MissingInputError: `source` lacks depth, or a view its calibration.
    """
    lacking = [
        f"{name} lacks {what}"
        for name, what, known in (
            ("the first view", "depth", source.depth is not None),
            ("the first view", "calibration", source.is_calibrated),
            ("the second view", "calibration", target.is_calibrated),
        )
        if not known
    ]
    if lacking:
        raise MissingInputError(
            f"correspondences need depth in the first view and calibration of both; {', '.join(lacking)}"
        )
    return tuple(_carry(source, point, target) for point in points)


def _carry(source: View, point: Point, target: View) -> Correspondence:
    position, _ = place_at(source, point.column, point.row)
    if position is None:
        return Correspondence(point, None, confidence=0.5)
    k, pose = target.intrinsics, target.camera_in_world
    assert k is not None and pose is not None
    column, row, depth = project(np.array(position), pose.rotation, pose.position, k)
    if depth <= 0 or not (0 <= column < target.width and 0 <= row < target.height):
        return Correspondence(point, None, confidence=_SURE)
    seen = depth_at(target, float(column), float(row))
    if seen is not None and depth - seen > _HIDDEN_M + _HIDDEN_PART * depth:
        return Correspondence(point, None, confidence=_SURE)
    confidence = _SURE if seen is not None else _UNCHECKED
    there = Point(float(column), float(row), point.label, confidence, position, Frame.WORLD)
    return Correspondence(point, there, confidence)
