"""Draws answers that lie in the image: points, boxes, grasps, trajectories."""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from robotics.reasoning.answers import Box2D, Grasp, Point, Trajectory
from robotics.reasoning.drawing.canvas import PALETTE, Canvas, Colour
from robotics.reasoning.reasoner import GripperShape


def colours(labels: Sequence[str]) -> list[Colour]:
    """One colour for each different label, in the order of their first use."""
    known = list(dict.fromkeys(labels))
    return [PALETTE[known.index(label) % len(PALETTE)] for label in labels]


def draw_points(canvas: Canvas, points: Sequence[Point]) -> None:
    """Discs with labels; the best is drawn last, on top."""
    for point, colour in reversed([*zip(points, colours([p.label for p in points]), strict=True)]):
        canvas.dot((point.column, point.row), colour)
    for point, colour in zip(points, colours([p.label for p in points]), strict=True):
        canvas.label(describe(point.label, point.confidence), (point.column, point.row), colour)


def draw_boxes(canvas: Canvas, boxes: Sequence[Box2D]) -> None:
    """Rectangles with labels above their top left corners."""
    paints = colours([b.label for b in boxes])
    for box, colour in zip(boxes, paints, strict=True):
        corners = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)]
        canvas.lines(np.array(corners), colour, closed=True)
    for box, colour in zip(boxes, paints, strict=True):
        canvas.label(describe(box.label, box.confidence), (box.left, box.top), colour)


def draw_grasps(canvas: Canvas, grasps: Sequence[Grasp], pixels_per_metre: float | None = None) -> None:
    """Two fingers across the line between them, a dot at the grasp; the best one strong, the rest thin.

    Args:
        pixels_per_metre: At the grasps, to draw their openings to scale; None: a fixed part of the picture.
    """
    paints = colours([g.label for g in grasps])
    fixed = max(10.0, 0.13 * min(canvas.width, canvas.height))
    for number in reversed(range(len(grasps))):
        grasp, colour = grasps[number], paints[number]
        opening = fixed
        if pixels_per_metre is not None:
            opening = (grasp.opening or GripperShape.opening) * pixels_per_metre
        along = np.array([math.cos(grasp.angle), math.sin(grasp.angle)])
        across = np.array([-along[1], along[0]])
        center = np.array([grasp.column, grasp.row])
        thick = 1.6 if number == 0 else 0.8
        canvas.lines(
            np.array([center - along * opening / 2, center + along * opening / 2]), colour, thick=0.6
        )
        for side in (-1, 1):
            finger = center + side * along * opening / 2
            reach = across * opening * 0.22
            canvas.lines(np.array([finger - reach, finger + reach]), colour, thick=thick * 1.5)
        if number == 0:
            canvas.dot((grasp.column, grasp.row), colour, canvas.radius * 0.6)
    for grasp, colour in [*zip(grasps, paints, strict=True)][:1]:
        canvas.label(describe(grasp.label, grasp.confidence), (grasp.column, grasp.row), colour)


def draw_trajectories(canvas: Canvas, trajectories: Sequence[Trajectory]) -> None:
    """Lines whose colour runs from blue at the start to yellow at the end, with an arrow head."""
    for trajectory in trajectories:
        places = np.array([(p.column, p.row) for p in trajectory.waypoints])
        canvas.lines(places, (0, 0, 0), thick=2.2)
        fine, share = _subdivide(places)
        ramp = _ramp(share)
        for start, end, colour in zip(fine[:-1], fine[1:], ramp[1:], strict=True):
            canvas_line(canvas, start, end, colour)
        _arrow_head(canvas, places, ramp[-1])
        for place, colour in zip(places[:-1], _ramp(_progress(places))[:-1], strict=True):
            canvas.dot((place[0], place[1]), colour, canvas.radius * 0.45)
        canvas.label(describe(trajectory.label, trajectory.confidence), (places[0][0], places[0][1]), ramp[0])


def canvas_line(canvas: Canvas, start: np.ndarray, end: np.ndarray, colour: Colour) -> None:
    """One piece of a stroke without halo, so that pieces join."""
    shift = 4
    a, b = (((p - 0.5) * 2**shift).round().astype(int).tolist() for p in (start, end))
    cv2.line(canvas.image, a, b, colour, max(1, round(canvas.stroke * 1.6)), cv2.LINE_AA, shift)


def describe(label: str, confidence: float) -> str:
    """A label, with its confidence in per cent where the reasoner is not certain."""
    return label if confidence >= 0.995 else f"{label} {confidence:.0%}".strip()


def _progress(places: np.ndarray) -> np.ndarray:
    """Part of the way at each place, 0..1."""
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(places, axis=0), axis=1))])
    return way / max(way[-1], 1e-9)


def _subdivide(places: np.ndarray, pieces: int = 64) -> tuple[np.ndarray, np.ndarray]:
    share = np.unique(np.concatenate([np.linspace(0, 1, pieces), _progress(places)]))
    known = _progress(places)
    columns, rows = (np.interp(share, known, places[:, axis]) for axis in (0, 1))
    return np.stack([columns, rows], axis=1), share


def _ramp(share: np.ndarray) -> list[Colour]:
    """Blue over magenta and orange to yellow: every one bright enough for the dark halo."""
    anchors = np.array([(70, 140, 255), (190, 100, 255), (255, 110, 130), (255, 160, 50), (255, 240, 80)])
    at = np.linspace(0, 1, len(anchors))
    mixed = np.stack([np.interp(share, at, anchors[:, channel]) for channel in range(3)], axis=1)
    return [(int(r), int(g), int(b)) for r, g, b in mixed]


def _arrow_head(canvas: Canvas, places: np.ndarray, colour: Colour) -> None:
    end = places[-1]
    earlier = [p for p in places[:-1] if np.linalg.norm(end - p) > 2 * canvas.stroke]
    if not earlier:
        canvas.dot((end[0], end[1]), colour)
        return
    direction = (end - earlier[-1]) / np.linalg.norm(end - earlier[-1])
    across = np.array([-direction[1], direction[0]])
    size = 3.2 * canvas.radius
    wings = np.array(
        [end - direction * size + across * size * 0.6, end, end - direction * size - across * size * 0.6]
    )
    canvas.lines(wings, colour, thick=1.4)
