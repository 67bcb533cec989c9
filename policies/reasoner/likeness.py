"""The same points of things in another picture, by what the things are and how they lie to each other.

Needs neither depth nor calibration. Things of both looks are paired by their words, colours and sizes; how
the pairs lie tells the roll between the cameras; within a thing a point keeps its place relative to the mask.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from scipy.optimize import linear_sum_assignment

from policies.reasoner.looking import Look
from policies.reasoner.network import WORDS
from policies.reasoner.patch import CELLS, SHOWN
from robotics.reasoning.answers import Correspondence, Point
from robotics.reasoning.checks import as_rgb

_LEAST = -0.8
"""Likeness from which on two things are taken to be the same."""
_TINT = 0.02
"""Likeness lost per unit of distance in the a*b* plane."""
_SIZE, _MOST_SIZE = 0.35, 1.0
"""Likeness lost per logarithm of the ratio of sizes, at most so much of it."""
_APART = 1.0
"""Distance of two things from which on they tell the roll, of their mean size in the image."""
_TURNS = 24
"""Of a thing that are tried."""
_PULL = 1.0
"""Of the roll of the pictures on a thing's own turn: score lost by half a turn."""


@dataclass(frozen=True, eq=False)
class _Form:
    """What shows of a thing, apart from where and how large."""

    centre: np.ndarray
    """Of the mask, column and row [pixel]."""
    reach: float
    """Square root of its area [pixel]."""
    spread: np.ndarray
    """Covariance of its pixels' columns and rows (2, 2) [pixel ** 2]."""
    tint: np.ndarray
    """Mean a* and b* (2,)."""
    cell: float
    """Side of a cell [pixel]."""
    middle: np.ndarray
    """The centre in cells, (2,)."""
    cells: np.ndarray
    """Patch, RGB 0..1 and its weight in the last channel, (32, 32, 4)."""


def match_points(source: Look, points: Sequence[Point], target: Look) -> tuple[Correspondence, ...]:
    """For each point of a thing its place in the other picture; None where its thing is not there, or where
    the point lies on none."""
    ours = [_form(source, i) for i in range(len(source.things))]
    theirs = [_form(target, i) for i in range(len(target.things))]
    pairs = _pairs(source, ours, target, theirs)
    roll = _roll(ours, theirs, pairs)
    numbers = [_thing_at(source, point) for point in points]
    linear = {i: _fit(ours[i], theirs[pairs[i][0]], roll) for i in set(numbers) if i in pairs}
    found = []
    for point, number in zip(points, numbers, strict=True):
        if number is None or number not in pairs:
            found.append(Correspondence(point, None, confidence=0.5))
            continue
        other, likeness = pairs[number]
        away = np.array([point.column, point.row]) - ours[number].centre
        column, row = (theirs[other].centre + linear[number] @ away).tolist()
        confidence = float(np.clip(np.exp(likeness), 0.05, 0.9))
        column = float(np.clip(column, 0, target.view.width - 1e-3))
        row = float(np.clip(row, 0, target.view.height - 1e-3))
        found.append(Correspondence(point, Point(column, row, point.label, confidence), confidence))
    return tuple(found)


def _form(look: Look, number: int) -> _Form:
    patch = look.patch(number)
    weight = patch.weight / max(float(patch.weight.sum()), 1e-6)
    centre = np.array([float((patch.columns * weight).sum()), float((patch.rows * weight).sum())])
    reach = float(np.sqrt(max((patch.weight > SHOWN).sum(), 1))) * patch.cell
    at = np.broadcast_arrays(patch.columns, patch.rows)
    away = np.stack([at[0] - centre[0], at[1] - centre[1]])
    spread = np.einsum("irc,jrc,rc->ij", away, away, weight) + np.eye(2)
    picture = cv2.remap(
        np.ascontiguousarray(as_rgb(look.view.image)),
        *(at[0].astype(np.float32) - 0.5, at[1].astype(np.float32) - 0.5),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    picture = picture.astype(np.float32) / 255.0
    tint = (cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)[..., 1:] * weight[..., None]).sum((0, 1))
    middle = (centre - [patch.square.left, patch.square.top]) / patch.cell - 0.5
    return _Form(centre, reach, spread, tint, patch.cell, middle, np.dstack([picture, patch.weight]))


def _pairs(
    source: Look, ours: list[_Form], target: Look, theirs: list[_Form]
) -> dict[int, tuple[int, float]]:
    """For each thing that is there, too: which one it is, and how like it."""
    if not ours or not theirs:
        return {}
    likeness = np.zeros((len(ours), len(theirs)))
    for kind in WORDS:
        a, b = (np.array([thing.words[kind] for thing in look.things]) for look in (source, target))
        likeness += np.log(np.exp(a / 2) @ np.exp(b / 2).T + 1e-9)  # Bhattacharyya
    tints = [np.array([form.tint for form in forms]) for forms in (ours, theirs)]
    likeness -= _TINT * np.linalg.norm(tints[0][:, None] - tints[1][None], axis=-1)
    sizes = [np.log([thing.size.prod() ** (1 / 3) for thing in look.things]) for look in (source, target)]
    likeness -= _SIZE * np.minimum(np.abs(sizes[0][:, None] - sizes[1][None]), _MOST_SIZE)
    rows, columns = linear_sum_assignment(-np.maximum(likeness, 3 * _LEAST))
    return {
        int(i): (int(j), float(likeness[i, j]))
        for i, j in zip(rows, columns, strict=True)
        if likeness[i, j] > _LEAST
    }


def _roll(ours: list[_Form], theirs: list[_Form], pairs: dict[int, tuple[int, float]]) -> float | None:
    """Turn of the picture [rad], from the lines between pairs; None: fewer than two are apart."""
    total = 0.0j
    numbers = list(pairs)
    for place, i in enumerate(numbers):
        for k in numbers[place + 1 :]:
            a, b = ours[k].centre - ours[i].centre, theirs[pairs[k][0]].centre - theirs[pairs[i][0]].centre
            size = (ours[i].reach + ours[k].reach) / 2
            if np.linalg.norm(a) > _APART * size and np.linalg.norm(b) > 1:
                turned = complex(*b) / complex(*a)
                total += turned / abs(turned) * np.exp(pairs[i][1] + pairs[k][1])
    return float(np.angle(total)) if total else None


def _root(covariance: np.ndarray) -> np.ndarray:
    """The symmetric square root (2, 2)."""
    values, axes = np.linalg.eigh(covariance)
    return (axes * np.sqrt(np.maximum(values, 1e-6))) @ axes.T


def _fit(ours: _Form, theirs: _Form, roll: float | None) -> np.ndarray:
    """The linear map (2, 2) from offsets in one thing's mask to those in the other's.

    Both masks are made round, which undoes how views foreshorten them, and turned so that mask and colours
    fit best, turns near the roll of the pictures before others.
    """
    outer, inner = _root(theirs.spread), np.linalg.inv(_root(ours.spread))
    best, most = np.eye(2), -np.inf
    for turn in np.arange(_TURNS) * 2 * np.pi / _TURNS:
        cosine, sine = np.cos(turn), np.sin(turn)
        linear = outer @ np.array([[cosine, -sine], [sine, cosine]]) @ inner
        u, _, v = np.linalg.svd(linear)
        own = u @ v
        off = float(np.angle(np.exp(1j * (np.arctan2(own[1, 0], own[0, 0]) - (roll or 0.0)))))
        # cells of theirs from cells of ours
        cells = np.zeros((2, 3))
        cells[:, :2] = linear * (ours.cell / theirs.cell)
        cells[:, 2] = theirs.middle - cells[:, :2] @ ours.middle
        turned = cv2.warpAffine(ours.cells, cells, (CELLS, CELLS))
        both = np.minimum(turned[..., 3], theirs.cells[..., 3])
        either = np.maximum(turned[..., 3], theirs.cells[..., 3])
        apart = np.abs(turned[..., :3] - theirs.cells[..., :3]).mean(-1)
        score = both.sum() / max(either.sum(), 1e-6) - (apart * both).sum() / max(both.sum(), 1e-6)
        score -= (_PULL if roll is not None else 0.02) * abs(off) / np.pi
        if score > most:
            best, most = linear, score
    return best


def _thing_at(look: Look, point: Point) -> int | None:
    """Number of the thing that shows at a point."""
    best, most = None, SHOWN / 2
    for number in range(len(look.things)):
        patch = look.patch(number)
        row = int(np.floor((point.row - patch.square.top) / patch.cell))
        column = int(np.floor((point.column - patch.square.left) / patch.cell))
        if 0 <= row < CELLS and 0 <= column < CELLS and patch.weight[row, column] > most:
            best, most = number, float(patch.weight[row, column])
    return best
