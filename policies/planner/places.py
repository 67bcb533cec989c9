"""Where a step wants a thing to end: in a container, on another thing, on the table."""

import numpy as np

from policies.planner.errors import NotFoundError, PlannerError
from policies.planner.placing import Place
from policies.planner.sight import Sight, box_axes, span
from robotics.reasoning.answers import Box3D, Point
from robotics.reasoning.view import View

_FLOOR_M = 0.004
"""Thickness of a container's floor."""
_DROP_IN_M, _DROP_ON_M, _DROP_DOWN_M = 0.012, 0.003, 0.004
"""Things are let go so far above where they will lie."""
_INSIDE_SHARE = 0.5
"""Of a footprint's half extents, plus this:"""
_INSIDE_M = 0.02


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
        sight.asked += 1
        found = sight.reasoner.point(view, place)
        if found.best is not None:
            x, y = _on_plane(view, found.best)
            return Place(x, y, 0.0, 0.0, _DROP_DOWN_M, upright=True, label=f"on '{place}'")
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


def is_over(thing: Box3D, base: Box3D) -> bool:
    """Whether a thing's centre is over a base's footprint, well inside."""
    away = np.array(thing.center) - np.array(base.center)
    for axis, size in zip(box_axes(base).T, base.size, strict=True):
        if abs(axis[2]) < 0.5 and abs(float(away @ axis)) > _INSIDE_SHARE * 0.5 * size + _INSIDE_M:
            return False
    return True


def is_at(thing: Box3D, place: Place, within_m: float = 0.04) -> bool:
    """Whether a thing's centre is about over a place."""
    return float(np.hypot(thing.center[0] - place.x, thing.center[1] - place.y)) < within_m
