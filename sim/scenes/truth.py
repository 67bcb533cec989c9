"""What is true of one view: boxes in the image and in the world, parts, visibility."""

from typing import Any

import cv2
import numpy as np

from robotics.pinhole import Intrinsics, project, unproject
from robotics.pose import Pose, matrix_to_quaternion
from sim.scenes.picture import TABLE
from sim.scenes.pool import Instance
from sim.scenes.thing import Thing

_NEAR_M = 0.02
_FINER = 4
"""Silhouettes are drawn with so many pixels for one of the image, along each side."""


def object_facts(
    number: int, thing: Thing, instance: Instance, ids: np.ndarray, camera: Pose, k: Intrinsics
) -> dict[str, Any]:
    """One entry of `objects` (docs/scenes.md).

    Args:
        number: The thing's id in `ids` (height, width).
        camera: camera_in_world, OpenCV axes.
    """
    mask = ids == number
    pixels = int(mask.sum())
    box, cut = None, False
    if pixels:
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        box = [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]
        cut = bool(box[0] == 0 or box[1] == 0 or box[2] == k.width or box[3] == k.height)
    center, size, turn = box_of(thing, instance)
    area = _silhouette(thing, instance, camera, k) if pixels else 1.0
    return {
        "id": number,
        "family": instance.family,
        "colour": thing.paint.colour,
        "pattern": thing.paint.pattern,
        "rgb": _rounded(thing.paint.rgb, 3),
        "center": _rounded(center),
        "size": _rounded(size),
        "quaternion": _rounded(matrix_to_quaternion(turn), 6),
        "symmetry": thing.symmetry,
        "support": thing.support,
        "inside": thing.inside,
        "parts": [
            _part(name, middle, extent, thing)
            for name, (middle, extent) in instance.shape.part_boxes(thing.opened).items()
        ],
        "pixels": pixels,
        "visible": round(min(1.0, pixels / max(area, 1.0)), 3),
        "box": box,
        "cut": cut,
        "grasps": [],
    }


def box_of(thing: Thing, instance: Instance) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centre (3,) and whole size (3,) [m] and box_in_world (3, 3) of a thing as it lies.

    The box follows the thing's own axes; what is round is not turned about its axis: one side looks up.
    """
    rotation, shape = thing.pose.rotation, instance.shape
    spun = rotation
    if shape.symmetry == 0 and abs(rotation[2, 2]) < 0.97:
        axis = rotation[:, 2]
        up = np.array([0.0, 0.0, 1.0]) - axis[2] * axis
        up /= np.linalg.norm(up)
        spun = np.stack([np.cross(up, axis), up, axis], axis=1)
    points = shape.points(thing.opened) @ (rotation.T @ spun)
    lower, upper = points.min(axis=0), points.max(axis=0)
    center, size, turn = upright_box(spun, (lower + upper) / 2, upper - lower)
    return thing.pose.position + center, size, turn


def upright_box(
    rotation: np.ndarray, middle: np.ndarray, extent: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A box in a thing's frame as a box in the world whose z is up and whose x is the longer side.

    Args:
        rotation: thing_in_world (3, 3).
        middle, extent: In the thing's frame, (3,) [m].

    Returns:
        Its centre from the thing's origin, in world axes (3,); its size (3,); box_in_world (3, 3).
    """
    vertical = int(np.abs(rotation[2]).argmax())
    level = [axis for axis in range(3) if axis != vertical]
    level.sort(key=lambda axis: -extent[axis])
    x, up = rotation[:, level[0]], rotation[:, vertical]
    up = up if up[2] > 0 else -up
    turn = np.stack([x, np.cross(up, x), up], axis=1)
    return rotation @ middle, extent[[*level, vertical]], turn


def _part(name: str, middle: np.ndarray, extent: np.ndarray, thing: Thing) -> dict[str, Any]:
    center, size, turn = upright_box(thing.pose.rotation, middle, extent)
    return {
        "name": name,
        "center": _rounded(thing.pose.position + center),
        "size": _rounded(size),
        "quaternion": _rounded(matrix_to_quaternion(turn), 6),
    }


def _silhouette(thing: Thing, instance: Instance, camera: Pose, k: Intrinsics) -> float:
    """Pixels inside the image that the thing would cover alone: the union of its projected convex parts."""
    outlines = []
    rotation = thing.pose.rotation
    for piece in instance.shape.pieces:
        moved = thing.opened * instance.shape.slide if piece.slides else 0.0
        for hull in piece.mesh.hulls:
            world = (hull + moved) @ rotation.T + thing.pose.position
            points = project(world, camera.rotation, camera.position, k)
            front = points[points[:, 2] > _NEAR_M]
            if len(front) >= 3:
                outlines.append(cv2.convexHull(front[:, :2].astype(np.float32))[:, 0])
    if not outlines:
        return 0.0
    low = np.floor(np.clip(np.min([o.min(axis=0) for o in outlines], axis=0), 0, (k.width, k.height)))
    high = np.ceil(np.clip(np.max([o.max(axis=0) for o in outlines], axis=0), 0, (k.width, k.height)))
    width, height = (_FINER * (high - low)).astype(int)
    if width == 0 or height == 0:
        return 0.0
    canvas = np.zeros((height, width), np.uint8)
    for outline in outlines:
        # 3 fractional bits, and centres of fine pixels at integers
        corners = np.clip(8 * (_FINER * (outline - low) - 0.5), -(2**20), 2**20)
        cv2.fillConvexPoly(canvas, np.round(corners).astype(np.int32), 1, shift=3)
    # OpenCV fills the pixels on the outline, too: half of them lie outside
    inner = cv2.erode(canvas, np.ones((3, 3), np.uint8))
    return (float(canvas.sum()) + float(inner.sum())) / 2 / _FINER**2


def keep_table_top(ids: np.ndarray, depth: np.ndarray, camera: Pose, k: Intrinsics) -> None:
    """What is marked as table (ids, in place) but is not its top becomes background; depth [m]."""
    row, column = np.nonzero(ids == TABLE)
    pixels = np.stack([column + 0.5, row + 0.5, depth[row, column]], axis=-1)
    z = unproject(pixels, camera.rotation, camera.position, k)[:, 2]
    # At grazing views half a pixel is centimetres of table: the tolerance grows with the distance.
    side = np.abs(z) > 0.003 + 0.004 * pixels[:, 2]
    ids[row[side], column[side]] = 0


def _rounded(values: Any, digits: int = 5) -> list[float]:
    return [round(float(value), digits) for value in values]
