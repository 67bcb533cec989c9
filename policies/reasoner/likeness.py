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
"""Rolls that are tried where one thing alone is paired."""


@dataclass(frozen=True, eq=False)
class _Form:
    """What shows of a thing, apart from where and how large."""

    centre: np.ndarray
    """Of the mask, column and row [pixel]."""
    reach: float
    """Square root of its area [pixel]."""
    tint: np.ndarray
    """Mean a* and b* (2,)."""
    cells: np.ndarray
    """Patch, RGB 0..1 and its weight in the last channel, (32, 32, 4)."""


def match_points(source: Look, points: Sequence[Point], target: Look) -> tuple[Correspondence, ...]:
    """For each point of a thing its place in the other picture; None where its thing is not there, or where
    the point lies on none."""
    ours = [_form(source, i) for i in range(len(source.things))]
    theirs = [_form(target, i) for i in range(len(target.things))]
    pairs = _pairs(source, ours, target, theirs)
    roll = _roll(ours, theirs, pairs)
    return tuple(_carry(source, point, target, ours, theirs, pairs, roll) for point in points)


def _form(look: Look, number: int) -> _Form:
    patch = look.patch(number)
    weight = patch.weight / max(float(patch.weight.sum()), 1e-6)
    centre = np.array([float((patch.columns * weight).sum()), float((patch.rows * weight).sum())])
    reach = float(np.sqrt(max((patch.weight > SHOWN).sum(), 1))) * patch.cell
    at = np.broadcast_arrays(patch.columns, patch.rows)
    picture = cv2.remap(
        np.ascontiguousarray(as_rgb(look.view.image)),
        *(at[0].astype(np.float32) - 0.5, at[1].astype(np.float32) - 0.5),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    picture = picture.astype(np.float32) / 255.0
    tint = (cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)[..., 1:] * weight[..., None]).sum((0, 1))
    return _Form(centre, reach, tint, np.dstack([picture, patch.weight]))


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


def _roll(ours: list[_Form], theirs: list[_Form], pairs: dict[int, tuple[int, float]]) -> float:
    """Turn of the picture [rad]: from the lines between pairs, or else from the thing itself."""
    total = 0.0j
    numbers = list(pairs)
    for place, i in enumerate(numbers):
        for k in numbers[place + 1 :]:
            a, b = ours[k].centre - ours[i].centre, theirs[pairs[k][0]].centre - theirs[pairs[i][0]].centre
            size = (ours[i].reach + ours[k].reach) / 2
            if np.linalg.norm(a) > _APART * size and np.linalg.norm(b) > 1:
                turned = complex(*b) / complex(*a)
                total += turned / abs(turned) * np.exp(pairs[i][1] + pairs[k][1])
    if total:
        return float(np.angle(total))
    if not numbers:
        return 0.0
    best = max(numbers, key=lambda i: pairs[i][1])
    return _own_turn(ours[best], theirs[pairs[best][0]])


def _own_turn(ours: _Form, theirs: _Form) -> float:
    """The turn at which one thing's mask and colours meet the other's best [rad]."""
    scores, turns = [], np.arange(_TURNS) * 2 * np.pi / _TURNS
    middle = (CELLS - 1) / 2
    for turn in turns:
        matrix = cv2.getRotationMatrix2D((middle, middle), -np.degrees(turn), 1.0)
        turned = cv2.warpAffine(ours.cells, matrix, (CELLS, CELLS))
        both = np.minimum(turned[..., 3], theirs.cells[..., 3])
        either = np.maximum(turned[..., 3], theirs.cells[..., 3])
        apart = np.abs(turned[..., :3] - theirs.cells[..., :3]).mean(-1)
        scores.append(both.sum() / max(either.sum(), 1e-6) - (apart * both).sum() / max(both.sum(), 1e-6))
    # the smallest turn of those that fit alike
    good = np.flatnonzero(np.array(scores) >= max(scores) - 0.02)
    return float(min(np.angle(np.exp(1j * turns[good])), key=abs))


def _carry(
    source: Look,
    point: Point,
    target: Look,
    ours: list[_Form],
    theirs: list[_Form],
    pairs: dict[int, tuple[int, float]],
    roll: float,
) -> Correspondence:
    number = _thing_at(source, point)
    if number is None or number not in pairs:
        return Correspondence(point, None, confidence=0.5)
    other, likeness = pairs[number]
    a, b = ours[number], theirs[other]
    away = (np.array([point.column, point.row]) - a.centre) * (b.reach / max(a.reach, 1e-6))
    cosine, sine = np.cos(roll), np.sin(roll)
    column, row = b.centre + np.array([[cosine, -sine], [sine, cosine]]) @ away
    confidence = float(np.clip(np.exp(likeness), 0.05, 0.9))
    there = Point(
        float(np.clip(column, 0, target.view.width - 1e-3)),
        float(np.clip(row, 0, target.view.height - 1e-3)),
        point.label,
        confidence,
    )
    return Correspondence(point, there, confidence)


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
