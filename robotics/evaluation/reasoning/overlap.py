"""Intersection over union of upright boxes, in the image and in space."""

import math

import numpy as np

from robotics.reasoning.spatial import Placed
from robotics.reasoning.spatial.footprints import corners


def box_iou(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    """Of two boxes left, top, right, bottom."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def solid_iou(a: Placed, b: Placed) -> float:
    """Of two upright boxes, turned about z: overlap of the footprints times that of the heights."""
    import cv2

    if math.dist(a.center, b.center) > (math.hypot(*a.size) + math.hypot(*b.size)) / 2:
        return 0.0
    height = min(a.top, b.top) - max(a.bottom, b.bottom)
    if height <= 0:
        return 0.0
    # in centimetres: OpenCV works in single precision
    ours, theirs = ((100 * (corners(t) - np.array(a.center[:2]))).astype(np.float32) for t in (a, b))
    area = cv2.intersectConvexConvex(ours, theirs)[0] / 1e4
    shared = area * height
    return float(shared / (a.volume + b.volume - shared)) if shared > 0 else 0.0


def solid_iou_any_turn(guess: Placed, truth: Placed) -> float:
    """Where the true thing is round, its box has no direction: it is turned as the guess is."""
    if truth.is_round:
        truth = Placed(truth.center, truth.size, guess.yaw, truth.label)
    return solid_iou(guess, truth)
