"""The network's maps as things: which cells belong together, their boxes in the image and in space.

Cells vote: each says which box it belongs to and where its thing's middle in space is; a peak of the map of
middles gathers the cells that agree with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from policies.reasoner.losses import sides
from policies.reasoner.network import STRIDE, Maps
from policies.reasoner.preparing import Prepared

_PEAK, _THING = 0.12, 0.4
"""Least probability of a peak, and of a cell that shows a thing."""
_MOST = 60
"""Things in one view."""
_SAME = 0.5
"""Peaks whose boxes overlap so much, of one middle in space, are one thing."""
_SAME_AGAIN, _NEAR = 0.6, 0.5
"""Overlap of boxes, and distance of middles per size, from which on two things are one."""
_AGREES = 0.2
"""Least overlap of a cell's box with that of its peak."""


@dataclass(frozen=True, eq=False)
class SeenThing:
    """One thing in a view, at the network's size; space is the camera's level frame."""

    probability: float
    """That there is a thing, as this box says."""
    cells: tuple[np.ndarray, np.ndarray]
    """Rows and columns of its cells."""
    weight: np.ndarray
    """Of its cells: probability that they show a thing, (cell,)."""
    box: tuple[float, float, float, float]
    """Left, top, right, bottom [pixel]."""
    center: np.ndarray
    """(3,) [m]."""
    size: np.ndarray
    """(3,) [m]."""
    yaw: float
    """[rad]"""
    is_round: bool
    words: dict[str, np.ndarray]
    """By the names in `network.WORDS`: log probability of each canonical word, (word,)."""
    handle: np.ndarray
    """Probability that its cells show a handle, (cell,)."""


@dataclass(frozen=True, eq=False)
class Sight:
    """What the network saw in one view."""

    things: tuple[SeenThing, ...]
    """The surest first."""
    label: np.ndarray
    """Number of the thing at each cell, -1 none, (rows, columns)."""
    table: np.ndarray
    """Probability that a cell shows the table's free top, (rows, columns)."""


def read_maps(maps: Maps, prepared: Prepared) -> Sight:
    """The things in the maps of one view (a batch of one)."""
    values = {name: tensor[0] for name, tensor in maps.values.items()}
    thing = torch.sigmoid(values["thing"][0])
    middle = torch.sigmoid(values["middle"][0])
    peaks = _peaks(middle, thing)
    rows, columns = np.nonzero(thing.numpy() > _THING)
    label = np.full(thing.shape, -1, int)
    table = torch.sigmoid(values["table"][0]).numpy()
    if not len(peaks) or not len(rows):
        return Sight((), label, table)
    boxes = _boxes(values["sides"])
    middles = _projected_middles(values["centre"])
    kept = _distinct(peaks, boxes, middles)
    owner = _owners(rows, columns, kept, boxes, middles)
    surface = prepared.surface()
    level = {name: tensor.numpy() for name, tensor in values.items()}
    names = {kind: logits[0].numpy() for kind, logits in maps.words.items()}
    things = []
    for number, (row, column) in enumerate(kept):
        mine = owner == number
        if not mine.any():
            continue
        own = rows[mine], columns[mine]
        weight = thing.numpy()[own]
        label[own] = len(things)
        inner = weight * (0.05 + middle.numpy()[own])
        box = _weighted_medians(boxes[own], inner)
        left, top = np.clip(box[:2], 0, [prepared.width - 1.0, prepared.height - 1.0])
        right = float(np.clip(box[2], left + 1.0, prepared.width))
        bottom = float(np.clip(box[3], top + 1.0, prepared.height))
        center, size, yaw, is_round = _box3d(level, own, inner, surface, prepared)
        words = {
            kind: log_softmax(logits[:, own[0], own[1]] @ inner / inner.sum())
            for kind, logits in names.items()
        }
        handle = 1 / (1 + np.exp(-level["handle"][0][own]))
        things.append(
            SeenThing(
                float(middle[row, column]),
                own,
                weight,
                (float(left), float(top), right, bottom),
                *(center, size, yaw, is_round, words, handle),
            )
        )
    return Sight(tuple(things), label, table)


def _peaks(middle: torch.Tensor, thing: torch.Tensor) -> list[tuple[int, int]]:
    """Cells that are more of a middle than their neighbours, the surest first."""
    highest = F.max_pool2d(middle[None, None], 3, 1, 1)[0, 0]
    found = torch.nonzero((middle == highest) & (middle > _PEAK) & (thing > _THING))
    order = torch.argsort(middle[found[:, 0], found[:, 1]], descending=True, stable=True)[:_MOST]
    return [(int(r), int(c)) for r, c in found[order]]


def _boxes(raw: torch.Tensor) -> np.ndarray:
    """Left, top, right, bottom [pixel] that each cell says, (rows, columns, 4)."""
    away = sides(raw.permute(1, 2, 0)).numpy()
    rows, columns = np.indices(away.shape[:2])
    x, y = (columns + 0.5) * STRIDE, (rows + 0.5) * STRIDE
    return np.stack([x - away[..., 0], y - away[..., 1], x + away[..., 2], y + away[..., 3]], axis=-1)


def _projected_middles(raw: torch.Tensor) -> np.ndarray:
    """Column and row [pixel] of the middle in space that each cell says, (rows, columns, 2)."""
    away = raw[:2].permute(1, 2, 0).numpy() * (8 * STRIDE)
    rows, columns = np.indices(away.shape[:2])
    return away + np.stack([(columns + 0.5) * STRIDE, (rows + 0.5) * STRIDE], axis=-1)


def overlap(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes (n, 4) and (m, 4), (n, m)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    inner = np.prod(np.clip(high - low, 0, None), axis=-1)
    areas = [np.prod(np.clip(x[:, 2:] - x[:, :2], 1e-6, None), axis=-1) for x in (a, b)]
    return inner / (areas[0][:, None] + areas[1][None, :] - inner)


def _apart(a: np.ndarray, b: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Distances of middles (n, 2) from (m, 2), relative to the size of the boxes (m, 4), (n, m)."""
    size = np.sqrt(np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 2.0, None), axis=-1))
    return np.linalg.norm(a[:, None] - b[None], axis=-1) / size


def _distinct(peaks: list[tuple[int, int]], boxes: np.ndarray, middles: np.ndarray) -> list[tuple[int, int]]:
    """Peaks less those that mean the same thing as a surer one."""
    at = tuple(np.array(peaks).T)
    box, middle = boxes[at], middles[at]
    same = (overlap(box, box) > _SAME) & (_apart(middle, middle, box) < 0.5)
    kept: list[int] = []
    for i in range(len(peaks)):
        if not any(same[i, j] for j in kept):
            kept.append(i)
    return [peaks[i] for i in kept]


def distinct_things(things: Sequence[SeenThing]) -> list[int]:
    """Numbers of the things that are not a surer one again: another box there, at the same place in space;
    the surest first."""
    order = sorted(range(len(things)), key=lambda i: -things[i].probability)
    if not order:
        return []
    boxes = np.array([thing.box for thing in things])
    same = overlap(boxes, boxes) > _SAME_AGAIN
    kept: list[int] = []
    for i in order:
        apart = [np.linalg.norm(things[i].center - things[j].center) for j in kept]
        near = [away < _NEAR * float(things[j].size.max()) for away, j in zip(apart, kept, strict=True)]
        if not any(same[i, j] and close for j, close in zip(kept, near, strict=True)):
            kept.append(i)
    return kept


def _owners(
    rows: np.ndarray,
    columns: np.ndarray,
    peaks: list[tuple[int, int]],
    boxes: np.ndarray,
    middles: np.ndarray,
) -> np.ndarray:
    """Number of the peak that each cell agrees with best, -1 none, (cell,)."""
    at = tuple(np.array(peaks).T)
    agreement = overlap(boxes[rows, columns], boxes[at])
    score = agreement - 0.5 * np.minimum(_apart(middles[rows, columns], middles[at], boxes[at]), 1.0)
    score = np.where(agreement > _AGREES, score, -np.inf)
    best = score.argmax(axis=1)
    owner = np.where(np.isfinite(score.max(axis=1)), best, -1)
    for number, (row, column) in enumerate(peaks):
        owner[(rows == row) & (columns == column)] = number
    return owner


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Log probabilities of logits (n,)."""
    shifted = logits - logits.max()
    return shifted - np.log(np.exp(shifted).sum())


def _weighted_medians(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Of each column of values (n, k), (k,)."""
    order = np.argsort(values, axis=0)
    sums = np.cumsum(weight[order], axis=0)
    place = (sums >= sums[-1] / 2).argmax(axis=0)
    return np.take_along_axis(values, order, axis=0)[place, np.arange(values.shape[1])]


def _box3d(
    level: dict[str, np.ndarray],
    own: tuple[np.ndarray, np.ndarray],
    weight: np.ndarray,
    surface: np.ndarray,
    prepared: Prepared,
) -> tuple[np.ndarray, np.ndarray, float, bool]:
    """Centre and size [m], yaw [rad] in the level frame, and whether its footprint is round."""

    def mean(name: str) -> np.ndarray:
        return (level[name][:, own[0], own[1]] * weight).sum(1) / weight.sum()

    size = np.exp(np.clip(mean("log_size"), -4.0, 3.0)) * 0.05
    is_round = bool(mean("round")[0] > 0)
    half, quarter = mean("yaw2"), mean("yaw4")
    if is_round:
        yaw = 0.0
    elif np.linalg.norm(half) > 0.5:
        yaw = float(np.arctan2(half[0], half[1]) / 2)
    else:
        yaw = float(np.arctan2(quarter[0], quarter[1]) / 4)
    measured = prepared.depth is not None and prepared.has_intrinsics
    at = surface[own]
    known = np.isfinite(at).all(axis=-1)
    if measured and prepared.geometry[4].any() and known.any():
        guesses = at[known] + level["offset"][:, own[0], own[1]].T[known] * 0.1
        center = _weighted_medians(guesses, weight[known])
        return center, size, yaw, is_round
    place = _projected_middles(torch.from_numpy(level["centre"]))[own]
    column, row = (place * weight[:, None]).sum(0) / weight.sum()
    depth = float(np.exp(np.clip(mean("centre")[2], -4, 4)) * prepared.intrinsics.fx / 200.0)
    if measured and known.any():  # the camera's place is unknown: the network saw no depth, but here it is
        seen = prepared.depth[own[0] * STRIDE + STRIDE // 2, own[1] * STRIDE + STRIDE // 2]  # type: ignore[index]
        depth = float(np.median(seen[seen > 0])) + 0.4 * float(size.min())
    return prepared.rays(np.array(column), np.array(row)) * depth, size, yaw, is_round
