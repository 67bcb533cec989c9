"""What a thing covers of the table, seen from above: a turned rectangle or a disc."""

import math

import numpy as np

from robotics.reasoning.spatial.placed import Placed


def local_coordinates(thing: Placed, xy: np.ndarray) -> np.ndarray:
    """Along the thing's own x and y from its centre, shape (..., 2) [m], of places xy (..., 2) [m]."""
    c, s = math.cos(thing.yaw), math.sin(thing.yaw)
    return (np.asarray(xy, float) - np.array(thing.center[:2])) @ np.array([[c, -s], [s, c]])


def distance_to_footprint(thing: Placed, xy: np.ndarray) -> np.ndarray:
    """From places (..., 2) to the footprint [m], shape (...); negative inside, exact outside."""
    x, y = np.moveaxis(local_coordinates(thing, xy), -1, 0)
    if thing.is_round:
        return np.hypot(x, y) - (thing.size[0] + thing.size[1]) / 4
    x, y = np.abs(x) - thing.size[0] / 2, np.abs(y) - thing.size[1] / 2
    return np.hypot(np.maximum(x, 0.0), np.maximum(y, 0.0)) + np.minimum(np.maximum(x, y), 0.0)


def corners(thing: Placed) -> np.ndarray:
    """Of the footprint's rectangle, counterclockwise, shape (4, 2) [m]."""
    c, s = math.cos(thing.yaw), math.sin(thing.yaw)
    half = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * np.array(thing.size[:2]) / 2
    return half @ np.array([[c, s], [-s, c]]) + np.array(thing.center[:2])


def gap(a: Placed, b: Placed) -> float:
    """Distance between two footprints [m]; 0 or less where they touch or overlap."""
    if a.is_round or b.is_round:
        disc, other = (a, b) if a.is_round else (b, a)
        radius = (disc.size[0] + disc.size[1]) / 4
        return float(distance_to_footprint(other, np.array(disc.center[:2]))) - radius
    first, second = corners(a), corners(b)
    if _overlap(first, second):
        return 0.0
    # the nearest points of two separate convex polygons include a corner of one of them
    return float(min(distance_to_footprint(a, second).min(), distance_to_footprint(b, first).min()))


def _overlap(first: np.ndarray, second: np.ndarray) -> bool:
    """Of two rectangles, by the axis that separates them."""
    for polygon in (first, second):
        for axis in (polygon[1] - polygon[0], polygon[2] - polygon[1]):
            p, q = first @ axis, second @ axis
            if p.max() < q.min() or q.max() < p.min():
                return False
    return True


def is_over(thing: Placed, anchor: Placed) -> bool:
    """Whether the centre of the thing's footprint lies in the anchor's footprint."""
    return bool(distance_to_footprint(anchor, np.array(thing.center[:2])) <= 0.0)
