"""Parts of things: handles by the network's map, heads by what is not handle, others by where they sit."""

import numpy as np

from policies.reasoner.looking import Look, as_quaternion, as_vector
from policies.reasoner.patch import SHOWN, Patch
from policies.reasoner.solid import box_of_points
from robotics.pose import Pose
from robotics.reasoning.answers import Box2D, Box3D, Frame
from robotics.reasoning.query import Thing

PARTS = ("handle", "head", "blade", "tip", "rim", "lid", "neck", "stem", "bottom", "drawer")
_HIGH = {"rim": 0.92, "lid": 0.85, "neck": 0.8, "stem": 0.8}
"""Least height in the thing, of its own."""
_LOW, _BELOW_LID = 0.25, 0.94
_TIP = 0.15
"""Of a pen's length that is its tip."""
_NOT_HANDLE = 0.4
"""Handle's probability, of the greatest on the thing, below which something else begins."""
_SURE_HANDLE, _FEWEST = 0.3, 6
_HANDLE = 0.03
"""Where no cell is so likely a handle, none shows."""


def part_weight(look: Look, number: int, part: str) -> np.ndarray | None:
    """Probability that each cell of a thing's patch shows its part, (32, 32); None where none does."""
    patch = look.patch(number)
    if part == "handle":
        # the map is cautious: what counts is where on the thing it is surest
        likely = np.where(patch.weight > SHOWN, patch.handle, 0.0)
        return likely / likely.max() if likely.max() > _HANDLE else None
    if part == "drawer":
        return patch.weight
    if part in ("head", "blade") or (part == "tip" and _has_handle(patch)):
        return _beyond_handle(patch)
    if part == "tip":
        return _narrow_end(patch)
    height = _heights(look, number)
    if part == "bottom":
        shown = height <= _LOW
    elif part in _HIGH:
        own = height[patch.weight > SHOWN]
        shown = height >= min(_HIGH[part], float(own.max(initial=0.0)))
        if part == "neck" and (shown & (height < _BELOW_LID) & (patch.weight > SHOWN)).any():
            shown &= height < _BELOW_LID
    else:
        return None
    shown &= patch.weight > SHOWN
    return np.where(shown, patch.weight, 0.0) if shown.any() else None


def _has_handle(patch: Patch) -> bool:
    return float(patch.handle[patch.weight > SHOWN].max(initial=0.0)) > _SURE_HANDLE


def _beyond_handle(patch: Patch) -> np.ndarray | None:
    """What is not handle of a thing that has one."""
    shown = patch.weight > SHOWN
    most = float(patch.handle[shown].max(initial=0.0))
    rest = shown & (patch.handle < _NOT_HANDLE * most)
    return np.where(rest, patch.weight, 0.0) if most > _HANDLE and rest.any() else None


def _narrow_end(patch: Patch) -> np.ndarray | None:
    """The last of a long thing's length in the image, where it is narrower."""
    shown = patch.weight > SHOWN
    rows, columns = np.nonzero(shown)
    if len(rows) < _FEWEST:
        return None
    points = np.stack([columns, rows], axis=1) - [columns.mean(), rows.mean()]
    long, across = np.linalg.svd(points, full_matrices=False)[2]
    along = points @ long
    low, high = along.min(), along.max()
    place = (along - low) / max(high - low, 1e-6)
    widths = [np.ptp((points @ across)[near]) for near in (place < 0.2, place > 0.8)]
    found = np.zeros_like(patch.weight)
    chosen = place <= _TIP if widths[0] <= widths[1] else place >= 1 - _TIP
    found[rows[chosen], columns[chosen]] = patch.weight[rows[chosen], columns[chosen]]
    return found


def _heights(look: Look, number: int) -> np.ndarray:
    """Of a patch's cells in the thing, 0 at its foot, 1 at its top, (32, 32); where depth is unknown, in the
    image."""
    thing, patch = look.things[number], look.patch(number)
    box = look.box(number)
    in_image = (box.bottom - patch.rows) / max(box.bottom - box.top, 1.0) + 0 * patch.columns
    if look.prepared.depth is None or not look.prepared.has_intrinsics:
        return in_image
    z = patch.surface[..., 2]
    height = (z - (thing.center[2] - thing.size[2] / 2)) / max(float(thing.size[2]), 1e-3)
    return np.where(np.isfinite(height), height, in_image)


def part_box(look: Look, number: int, weight: np.ndarray, label: str, confidence: float) -> Box2D:
    """Around the part in the image."""
    left, top, right, bottom = look.patch(number).box(weight)
    width, height = float(look.view.width), float(look.view.height)
    left, top = min(max(left, 0.0), width - 1), min(max(top, 0.0), height - 1)
    right, bottom = min(max(right, left + 1), width), min(max(bottom, top + 1), height)
    return Box2D(left, top, right, bottom, label, confidence)


def part_box3d(look: Look, number: int, weight: np.ndarray, label: str, confidence: float) -> Box3D | None:
    """Around what shows of the part; None where its surface is not known."""
    points = look.patch(number).surface[weight > min(SHOWN, float(weight.max()) - 1e-6)]
    points = points[np.isfinite(points).all(axis=-1)]
    if look.prepared.depth is None or not len(points):
        return None
    if len(points) < 6:  # too few to turn a box by them
        low, high = points.min(0), points.max(0)
        size = np.maximum(high - low, 0.01)
        pose = Pose((low + high) / 2, np.array([1.0, 0.0, 0.0, 0.0]))
    else:
        level = box_of_points(points, table_z=float(points[:, 2].min()))
        size = np.maximum(np.array(level.size), 0.008)
        pose = Pose(np.array(level.center), np.array(level.rotation))
    frame = Frame.LEVEL
    if look.prepared.level_in_world is not None:
        pose, frame = look.prepared.level_in_world.compose(pose), Frame.WORLD
    return Box3D(
        as_vector(pose.position), as_vector(size), as_quaternion(pose.quaternion), frame, label, confidence
    )


def part_reason(target: Thing) -> str:
    """Why a part was not found."""
    if target.part not in PARTS:
        return f"does not find the {target.part} of things; it finds: {', '.join(PARTS)}"
    return f"the {target.phrase} shows no {target.part}"
