"""Where two fingers fit around a thing for one orientation of the hand, and how good each place looks."""

from dataclasses import dataclass

import numpy as np

from policies.reasoner.solid import Solid
from robotics.reasoning.reasoner import GripperShape

_CLEAR_M = 0.004
"""A finger passes things at this distance, as measured in the lattice."""
_WIDEST_SIDE_M = 0.012
"""Opening wider than this on each side buys nothing."""
_SLIPPERY = 0.6
"""Surfaces that both recede so steeply across the fingers, as at a corner, are squeezed out of them."""
_TABLE_GAP_M = 0.001
"""Fingers stop so far above the table."""
_PAD_PART = 0.73
"""Of a finger's width that the pad covers."""
_MOST_DEPTHS, _MOST_PLACES = 10, 13
"""Tried for one orientation, so that large things take no longer than small ones."""

FEATURES = (
    "patch",
    "patch squared",
    "wedge",
    "corner",
    "twist",
    "lever",
    "engaged",
    "side gap",
    "unseen",
    "guessed",
    "width",
    "thin",
    "tilt",
    "above middle",
)
"""What a candidate is judged by, in the order of `Candidate.features`."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A place where the fingers fit."""

    tool: np.ndarray
    """Tool point in the world, shape (3,) [m]."""
    rotation: np.ndarray
    """tool_in_world, shape (3, 3)."""
    opening: float
    """[m]"""
    features: np.ndarray
    """Shape (len(FEATURES),)."""


@dataclass(frozen=True, eq=False)
class _Lattice:
    """The space around the thing, resampled along the hand's axes: x across, y closing, w approach."""

    thing: np.ndarray
    other: np.ndarray
    unseen: np.ndarray
    seen: np.ndarray
    low: np.ndarray
    """Coordinates of the outer corner along the hand's axes, shape (3,) [m]."""
    step: float


def codes_at(solid: Solid, points: np.ndarray, table_z: float = 0.0) -> np.ndarray:
    """`Solid.code` at world points (..., 3); the table counts as others, what lies outside as free."""
    index = np.floor(solid.index(points)).astype(np.int32)
    shape = np.array(solid.thing.shape)
    inside = ((index >= 0) & (index < shape)).all(axis=-1)
    clipped = np.clip(index, 0, shape - 1)
    found = solid.code[clipped[..., 0], clipped[..., 1], clipped[..., 2]]
    found[~inside] = 0
    found[points[..., 2] < table_z] = 2
    return found


def search(
    solid: Solid,
    rotation: np.ndarray,
    gripper: GripperShape,
    within: "tuple[np.ndarray, np.ndarray, np.ndarray] | None" = None,
    table_z: float = 0.0,
) -> list[Candidate]:
    """Candidates for a hand with rotation tool_in_world (3, 3).

    Args:
        within: Only grasps of what lies in this box: centre (3,), half size (3,) [m], rotation (3, 3).
    """
    filled = np.argwhere(solid.thing)
    if len(filled) == 0:
        return []
    surface = solid.world(filled + 0.5)
    if within is not None:
        centre, half, turned = within
        near = (np.abs((surface - centre) @ turned) <= half + 0.005).all(axis=-1)
        if not near.any():
            return []
    else:
        near = np.ones(len(surface), bool)
    along = surface @ rotation  # the hand's axes
    lattice = _resample(solid, rotation, along[near], gripper, table_z)
    centroid = along.mean(axis=0)
    thing_top = along[:, 2].min()
    cumulative = np.maximum.accumulate(lattice.thing | lattice.other, axis=2)
    steps = _Steps(gripper, lattice.step)
    found: list[Candidate] = []
    spread = along[near]
    places = _spaced(spread[:, 0].min(), spread[:, 0].max(), 2 * lattice.step, _MOST_PLACES)
    depths = _spaced(thing_top + 1.5 * lattice.step, spread[:, 2].max(), 2 * lattice.step, _MOST_DEPTHS)
    for place in places:
        i = int((place - lattice.low[0]) / lattice.step)
        window = slice(max(0, i - steps.half_width), i + steps.half_width + 1)
        swept = np.asarray(cumulative[window].any(axis=0))  # (y, w)
        for depth in depths:
            k = min(int((depth - lattice.low[2]) / lattice.step), swept.shape[1] - 1)
            for start, end, left, right in _runs(swept[:, k], steps):
                features = _features(lattice, i, k, start, end, steps)
                if features is None:
                    continue
                found.append(
                    _candidate(
                        lattice,
                        (i, k, start, end, min(left, right)),
                        features,
                        centroid,
                        rotation,
                        gripper,
                        surface,
                        table_z,
                    )
                )
    return found


class _Steps:
    """A gripper in cells of a lattice."""

    def __init__(self, gripper: GripperShape, step: float):
        self.step = step
        self.half_width = round(gripper.finger_width / 2 / step)
        self.half_pad = max(1, round(gripper.finger_width * _PAD_PART / 2 / step))
        self.pad = max(1, round(gripper.pad_length / step))
        self.thickness = int(np.ceil(gripper.finger_thickness / step))
        self.clear = int(np.ceil(_CLEAR_M / step))
        self.widest_side = max(self.clear, round(_WIDEST_SIDE_M / step))
        self.opening = int(gripper.opening / step)


def _resample(
    solid: Solid, rotation: np.ndarray, along: np.ndarray, gripper: GripperShape, table_z: float
) -> _Lattice:
    step = solid.voxel
    side = gripper.opening + gripper.finger_thickness
    pad = np.array([gripper.finger_width / 2 + step, side, 0.0])
    low, high = along.min(axis=0) - pad, along.max(axis=0) + pad
    low[2] = min(low[2], (solid.world(np.argwhere(solid.thing) + 0.5) @ rotation)[:, 2].min()) - 0.02
    high[2] += 2 * step
    low[2] = np.floor(low[2] / step) * step  # seen from above, the table lies between two layers
    shape = np.ceil((high - low) / step).astype(int)
    axes = [low[a] + (np.arange(shape[a]) + 0.5) * step for a in range(3)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1) @ rotation.T
    code = codes_at(solid, points, table_z)
    return _Lattice(
        thing=(code & 1) > 0,
        other=(code & 2) > 0,
        unseen=(code & 4) > 0,
        seen=(code & 8) > 0,
        low=low,
        step=step,
    )


def _spaced(low: float, high: float, step: float, most: int) -> np.ndarray:
    """Evenly spaced from low to high, no closer than about `step`, at most `most`."""
    count = int(np.clip(np.ceil((high - low) / step), 1, most))
    return np.linspace(low, high, count) if count > 1 else np.array([(low + high) / 2])


def _runs(filled: np.ndarray, steps: _Steps) -> list[tuple[int, int, int, int]]:
    """Stretches of a line that fit between fingers which fit beside them.

    Returns:
        (start, end, free cells before, free cells after) of each, ends exclusive.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], filled, [False]]).astype(np.int8)))
    starts, ends = edges[::2].tolist(), edges[1::2].tolist()
    found = []
    need = steps.thickness + steps.clear
    for a, start in enumerate(starts):
        before = start - (ends[a - 1] if a else 0)
        if before < need:
            continue
        for b in range(a, len(starts)):
            end = ends[b]
            if end - start > steps.opening - 2:
                break
            after = (starts[b + 1] if b + 1 < len(starts) else len(filled)) - end
            if after >= need:
                found.append((start, end, before - steps.thickness, after - steps.thickness))
    return found


def _features(
    lattice: _Lattice, i: int, k: int, start: int, end: int, steps: _Steps
) -> "tuple[float, ...] | None":
    """patch, wedge, corner, twist, engaged, unseen, guessed; None: the pads cannot hold the thing alone."""
    across = slice(max(0, i - steps.half_pad), i + steps.half_pad + 1)
    deep = slice(max(0, k - steps.pad + 1), k + 1)
    if lattice.other[across, start:end, deep].any():
        return None
    thing = lattice.thing[across, start:end, deep]  # (x, y, w)
    hit = thing.any(axis=1)  # (x, w)
    if hit.sum() < 2:
        return None
    seen = lattice.seen[across, start:end, deep]
    patch, wedge, tilt = [], [], []
    for side in (thing, thing[:, ::-1]):
        first = side.argmax(axis=1)
        reach = first[hit].min()
        touched = hit & (first <= reach + 1)
        near = hit & (first <= reach + 4)
        slope_x, slope_w = _slopes(first, near)
        patch.append(float(touched.mean()))
        wedge.append(-slope_w)
        tilt.append(slope_x)
    corner = abs(tilt[0] + tilt[1]) / 2
    if corner > _SLIPPERY:
        return None
    half = max(1, (end - start) // 2)
    guessed = 1.0 - min(
        float(seen[:, :half].any(axis=(1, 2)).mean()), float(seen[:, -half:].any(axis=(1, 2)).mean())
    )
    window = slice(max(0, i - steps.half_width), i + steps.half_width + 1)
    fingers = np.concatenate(
        [
            lattice.unseen[window, max(0, start - steps.thickness - 1) : start, : k + 1].ravel(),
            lattice.unseen[window, end : end + steps.thickness + 1, : k + 1].ravel(),
        ]
    )
    return (
        min(patch),
        max(0.0, sum(wedge) / 2),
        corner,
        abs(tilt[0] - tilt[1]) / 2,
        float(hit.any(axis=0).mean()),
        float(fingers.mean()) if fingers.size else 0.0,
        guessed,
    )


def _slopes(first: np.ndarray, near: np.ndarray) -> tuple[float, float]:
    """How the contact surface recedes along x and w, in cells a cell, fitted to the near part."""
    x, w = np.nonzero(near)
    if len(x) < 4:
        return 0.0, 0.0
    y = first[near].astype(float)
    x, w = x - x.mean(), w - w.mean()
    y = y - y.mean()
    xx, ww, xw = x @ x + 0.5, w @ w + 0.5, x @ w
    determinant = xx * ww - xw * xw
    slope_x = ((x @ y) * ww - (w @ y) * xw) / determinant
    slope_w = ((w @ y) * xx - (x @ y) * xw) / determinant
    return float(np.clip(slope_x, -2, 2)), float(np.clip(slope_w, -2, 2))


def _candidate(
    lattice: _Lattice,
    where: tuple[int, int, int, int, int],
    contact: tuple[float, ...],
    centroid: np.ndarray,
    rotation: np.ndarray,
    gripper: GripperShape,
    surface: np.ndarray,
    table_z: float,
) -> Candidate:
    i, k, start, end, free = where
    patch, wedge, corner, twist, engaged, unseen, guessed = contact
    step = lattice.step
    width = (end - start) * step
    side = min(free * step, _WIDEST_SIDE_M)
    opening = min(gripper.opening, width + 2 * side)
    tip = lattice.low + np.array([i + 0.5, (start + end) / 2, k + 1.0]) * step
    tip[2] = min(tip[2], _deepest(tip, rotation, table_z))
    tool = rotation @ (tip - [0.0, 0.0, gripper.tip_length])
    pad_centre = tip - [0.0, 0.0, gripper.pad_length / 2]
    # What hangs far out of the fingers turns in them; only what is horizontal pulls.
    arm = rotation @ (centroid - pad_centre)
    lever = float(np.hypot(arm[0], arm[1]))
    high = float(np.clip((rotation @ pad_centre)[2] - surface[:, 2].mean(), 0.0, 0.1))
    features = np.array(
        [
            patch,
            patch * patch,
            wedge,
            corner,
            twist,
            lever / 0.05,
            engaged,
            side / 0.01,
            unseen,
            guessed,
            width / 0.05,
            float(width < 0.008),
            1.0 + rotation[2, 2],
            high / 0.03,
        ]
    )
    return Candidate(tool, rotation, float(opening), features)


def _deepest(tip: np.ndarray, rotation: np.ndarray, table_z: float) -> float:
    """How far along the approach the fingers' ends may go before the table [m]."""
    if rotation[2, 2] > -0.2:
        return float("inf")
    beside = rotation[2, 0] * tip[0] + rotation[2, 1] * tip[1]
    return float((table_z + _TABLE_GAP_M - beside) / rotation[2, 2])


def palm_is_free(solid: Solid, candidate: Candidate, gripper: GripperShape, table_z: float = 0.0) -> bool:
    """Whether the palm fits behind the fingers without touching thing, others or table."""
    back = gripper.finger_length - gripper.tip_length
    x = np.linspace(-gripper.palm_depth / 2, gripper.palm_depth / 2, 7)
    y = np.linspace(-gripper.palm_width / 2, gripper.palm_width / 2, 15)
    z = -back - np.array([0.0, 0.015, 0.03, 0.055])
    box = np.stack(np.meshgrid(x, y, z, indexing="ij"), axis=-1).reshape(-1, 3)
    code = codes_at(solid, candidate.tool + box @ candidate.rotation.T, table_z)
    return not bool((code & 3).any())
