"""Where a step wants a thing to end: in a container, on another thing, on the table."""

import numpy as np

from policies.planner.arms import level
from policies.planner.errors import NotFoundError, PlannerError
from policies.planner.placing import Place
from policies.planner.sight import Sight, box_axes, extent, span
from robotics.reasoning.answers import Box3D, Point
from robotics.reasoning.view import View

_FLOOR_M = 0.004
"""Thickness of a container's floor."""
_DROP_IN_M, _DROP_ON_M, _DROP_DOWN_M = 0.012, 0.003, 0.004
"""Things are let go so far above where they will lie."""
_TOLERANCE_M = 0.01
"""Added to what counts as being at a place."""
_NEAR_M = 0.05
"""A thing so near to a free place has been put there."""


def inside(container: Box3D, label: str) -> Place:
    """Let go just above the floor of a container."""
    low, high = span(container)
    return Place(
        x=container.center[0],
        y=container.center[1],
        support=max(low, 0.0) + _FLOOR_M,
        obstacle=high,
        drop=_DROP_IN_M,
        upright=False,
        within=_radius(container) + _TOLERANCE_M,
        label=f"in '{label}'",
    )


def on_top(base: Box3D, label: str) -> Place:
    """Stand on the middle of a thing, parallel to it."""
    high = span(base)[1]
    return Place(
        x=base.center[0],
        y=base.center[1],
        support=high,
        obstacle=high,
        drop=_DROP_ON_M,
        upright=True,
        within=_radius(base) + _TOLERANCE_M,
        align=box_axes(base),
        label=f"on '{label}'",
    )


def on_table(sight: Sight, views: tuple[View, ...], place: str) -> Place:
    """A free place that the reasoner points at.

    Raises:
        NotFoundError: It says that there is none.
    """
    reason = ""
    for view in views:
        found = sight.reasoner.point(view, place)
        if found.best is not None:
            x, y = _on_plane(view, found.best)
            return Place(x, y, 0.0, 0.0, _DROP_DOWN_M, upright=True, within=_NEAR_M, label=f"on '{place}'")
        reason = reason or found.reason or "there is none"
    raise NotFoundError(f"'{place}': {reason}")


def _on_plane(view: View, point: Point) -> tuple[float, float]:
    """Where the ray of a pixel meets the table's plane [m]."""
    if view.intrinsics is None or view.camera_in_world is None:
        raise PlannerError(f"camera '{view.name}' is not calibrated, so that '{point.label}' has no place")
    k, camera = view.intrinsics, view.camera_in_world
    ray = camera.rotation @ np.array([(point.column - k.cx) / k.fx, (point.row - k.cy) / k.fy, 1.0])
    if ray[2] > -1e-3:
        raise PlannerError(f"camera '{view.name}' sees no table where '{point.label}' was pointed at")
    at = camera.position - ray * (camera.position[2] / ray[2])
    return float(at[0]), float(at[1])


def is_at(thing: Box3D, place: Place) -> bool:
    """Whether a thing's centre is about over a place and not below what should carry it."""
    aside = float(np.hypot(thing.center[0] - place.x, thing.center[1] - place.y))
    return aside < place.within and thing.center[2] > place.support


def _radius(box: Box3D) -> float:
    """Of the largest circle inside a box's footprint [m]."""
    return 0.5 * min(extent(box, level(axis)) for axis in box_axes(box).T if abs(axis[2]) < 0.7)
