"""Draws 3D boxes: their edges as the camera sees them, the front face tinted."""

from collections.abc import Sequence

import numpy as np

from robotics.pinhole import Intrinsics
from robotics.pose import Pose
from robotics.reasoning.answers import Box3D
from robotics.reasoning.drawing.canvas import Canvas, Colour
from robotics.reasoning.drawing.flat import colours, describe
from robotics.reasoning.frames import frame_in_camera
from robotics.reasoning.view import View

NEAREST = 0.02
"""Edges are cut off at this distance from the camera [m]."""
_SIGNS = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
_EDGES = [(a, b) for a in range(8) for b in range(a + 1, 8) if np.abs(_SIGNS[a] - _SIGNS[b]).sum() == 2]
_FACES = [(axis, side) for axis in range(3) for side in (-1, 1)]


def assumed_intrinsics(width: int, height: int) -> Intrinsics:
    """Of an ordinary camera with 60 degrees across the longer side, where nothing better is known."""
    focal = max(width, height) / 2 / np.tan(np.radians(30))
    return Intrinsics(focal, focal, width / 2, height / 2, width, height)


def draw_boxes3d(canvas: Canvas, boxes: Sequence[Box3D], view: View) -> None:
    """The farthest first. Without intrinsics, those of an ordinary camera are assumed.

    Raises:
        MissingInputError: A box in the world, and the view does not say where its camera is.
    """
    k = view.intrinsics or assumed_intrinsics(view.width, view.height)
    paints = colours([b.label for b in boxes])
    solids = [_corners_in_camera(box, view) for box in boxes]
    order = np.argsort([-corners[:, 2].mean() for corners in solids])
    tops = {}
    for number in order:
        tops[number] = _draw_box(canvas, solids[number], paints[number], k)
    for number, top in tops.items():
        if top is not None:
            text = describe(boxes[number].label, boxes[number].confidence)
            canvas.label(text, (float(top[0]), float(top[1])), paints[number])


def _corners_in_camera(box: Box3D, view: View) -> np.ndarray:
    """The eight corners (8, 3) [m]."""
    pose = frame_in_camera(box.frame, view.camera_in_world).compose(
        Pose(np.array(box.center), np.array(box.rotation))
    )
    return pose.apply(_SIGNS * np.array(box.size) / 2)


def _draw_box(canvas: Canvas, corners: np.ndarray, colour: Colour, k: Intrinsics) -> np.ndarray | None:
    """Draws one box; its topmost place in the image (2,), None where all of it is behind the camera."""
    hidden, front = [], []
    farthest = int(np.argmax(np.linalg.norm(corners, axis=1)))
    for a, b in _EDGES:
        if (cut := _in_front(corners[a], corners[b])) is not None:
            (hidden if farthest in (a, b) else front).append(_project(cut, k))
    if not hidden and not front:
        return None
    if (corners[:, 2] > NEAREST).all():
        for axis, side in _FACES:
            face = corners[_SIGNS[:, axis] == side]
            normal = face.mean(0) - corners.mean(0)
            if normal @ face.mean(0) < 0:  # turned towards the camera
                canvas.tint(_project(face[[0, 1, 3, 2]], k), colour)
    for edge in hidden:
        canvas.lines(edge, colour, thick=0.5)
    for edge in front:
        canvas.lines(edge, colour)
    ends = np.concatenate(hidden + front)
    return ends[np.argmin(ends[:, 1])]


def _in_front(a: np.ndarray, b: np.ndarray) -> np.ndarray | None:
    """The part (2, 3) of an edge that lies before the camera."""
    if max(a[2], b[2]) <= NEAREST:
        return None
    ends = []
    for end, other in ((a, b), (b, a)):
        if end[2] > NEAREST:
            ends.append(end)
        else:
            ends.append(other + (end - other) * (other[2] - NEAREST) / (other[2] - end[2]))
    return np.array(ends)


def _project(points: np.ndarray, k: Intrinsics) -> np.ndarray:
    """Places (n, 2) of points (n, 3) [m] in the camera's frame."""
    depth = np.maximum(points[:, 2], NEAREST)
    return np.stack([k.fx * points[:, 0] / depth + k.cx, k.fy * points[:, 1] / depth + k.cy], axis=1)
