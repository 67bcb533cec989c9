"""Draws any answer on the picture that it is about."""

from collections.abc import Sequence

import numpy as np

from robotics.reasoning.answers import (
    Answer,
    Box2D,
    Box3D,
    Correspondence,
    Found,
    Grasp,
    Point,
    Success,
    Trajectory,
)
from robotics.reasoning.checks import as_rgb
from robotics.reasoning.drawing.canvas import Canvas
from robotics.reasoning.drawing.flat import draw_boxes, draw_grasps, draw_points, draw_trajectories
from robotics.reasoning.drawing.pairs import draw_matches
from robotics.reasoning.drawing.solid import draw_boxes3d
from robotics.reasoning.errors import MissingInputError
from robotics.reasoning.frames import frame_in_camera
from robotics.reasoning.view import View

GOOD, BAD, WORDS = (120, 240, 120), (255, 110, 100), (240, 240, 240)

Drawable = Found | Success | Answer | Sequence[Correspondence]


def draw(view: View, answer: Drawable, target: View | None = None) -> np.ndarray:
    """The view's picture with the answer on it, a new RGB array; nothing found is said in a banner.

    Args:
        target: The other view of correspondences.

    Raises:
        ImageError: The picture cannot be used.
        MissingInputError: Correspondences without `target`, or 3D boxes in the world of an unplaced camera.
    """
    if isinstance(answer, Found | Success | Answer):
        canvas = Canvas(as_rgb(view.image))
        if isinstance(answer, Success):
            verdict = "success" if answer.achieved else "no success"
            text = f"{verdict} {answer.probability:.0%}" + (f": {answer.reason}" if answer.reason else "")
            canvas.banner(text, GOOD if answer.achieved else BAD)
        elif isinstance(answer, Answer):
            canvas.banner(answer.text, WORDS)
        else:
            draw_found(canvas, answer, view)
        return canvas.image
    if target is None:
        raise MissingInputError("correspondences are drawn on two views, got one")
    return draw_matches(view.image, target.image, answer)


def draw_found(canvas: Canvas, found: Found, view: View) -> None:
    """Items of one kind, or why there are none."""
    items = found.items
    if not items:
        if found.unknown_words:
            canvas.banner(f"unknown: {', '.join(found.unknown_words)}", BAD)
        else:
            canvas.banner(found.reason or "nothing found", BAD)
        return
    first = items[0]
    if isinstance(first, Point):
        draw_points(canvas, items)
    elif isinstance(first, Box2D):
        draw_boxes(canvas, items)
    elif isinstance(first, Box3D):
        draw_boxes3d(canvas, items, view)
    elif isinstance(first, Grasp):
        draw_grasps(canvas, items, _pixels_per_metre(items[0], view))
    elif isinstance(first, Trajectory):
        draw_trajectories(canvas, items)


def _pixels_per_metre(grasp: Grasp, view: View) -> float | None:
    if grasp.position is None or view.intrinsics is None:
        return None
    depth = frame_in_camera(grasp.frame, view.camera_in_world).apply(np.array(grasp.position))[2]
    return view.intrinsics.fx / depth if depth > 0 else None
