"""What the maps are trained to say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from policies.reasoner.network import STRIDE, WORDS, Maps
from policies.reasoner.scene_samples import TARGETS, Sample

_COLUMN = {name: i for i, name in enumerate(TARGETS)}
_MIDDLE_SIGMA = 0.9
"""Of the peak at a thing's middle [cell]."""
WEIGHTS = {
    "thing": 1.0,
    "middle": 1.0,
    "table": 0.5,
    "handle": 0.3,
    "round": 0.2,
    "sides": 1.0,
    "offset": 1.5,
    "size": 1.0,
    "yaw": 0.5,
    "centre": 0.5,
    "family": 1.0,
    "colour": 0.5,
    "pattern": 0.25,
}


@dataclass(frozen=True)
class Batch:
    """Samples as tensors; cell maps are (batch, rows, columns, ...)."""

    images: Tensor
    """0..1 (batch, 3, height, width)."""
    geometry: Tensor
    cells: Tensor
    """Row into `targets` of the thing at each cell, -1 none, int64."""
    table: Tensor
    handle: Tensor
    targets: Tensor
    """Of all things of the batch, (thing, len(TARGETS))."""
    surface: Tensor
    """NaN where unknown."""
    middle: Tensor
    """1 at the middle cell of a thing, falling off around it."""
    words: tuple[tuple[str, str, str], ...]
    """Family, colour, pattern of each thing."""


def collate(samples: Sequence[Sample]) -> Batch:
    """Samples of one size as a batch."""
    start, cells = 0, []
    for sample in samples:
        cells.append(np.where(sample.cells > 0, sample.cells.astype(np.int64) - 1 + start, -1))
        start += len(sample.targets)
    return Batch(
        torch.from_numpy(np.stack([s.image for s in samples])).permute(0, 3, 1, 2).float() / 255.0,
        torch.from_numpy(np.stack([s.geometry for s in samples])),
        torch.from_numpy(np.stack(cells)),
        torch.from_numpy(np.stack([s.table for s in samples])),
        torch.from_numpy(np.stack([s.handle for s in samples])),
        torch.from_numpy(np.concatenate([s.targets for s in samples])),
        torch.from_numpy(np.stack([s.surface for s in samples])),
        torch.from_numpy(np.stack([_middles(s.cells) for s in samples])),
        tuple(word for s in samples for word in s.words),
    )


def _middles(cells: np.ndarray) -> np.ndarray:
    """Peaks at the cell of each thing that is nearest to the middle of its cells, (rows, columns) 0..1."""
    rows, columns = np.indices(cells.shape)
    peaks = np.zeros(cells.shape, np.float32)
    for number in np.unique(cells[cells > 0]):
        r, c = np.nonzero(cells == number)
        nearest = np.argmin((r - r.mean()) ** 2 + (c - c.mean()) ** 2)
        square = (rows - r[nearest]) ** 2 + (columns - c[nearest]) ** 2
        peaks = np.maximum(peaks, np.exp(-square / (2 * _MIDDLE_SIGMA**2)))
    return peaks.astype(np.float32)


def compute_losses(maps: Maps, batch: Batch) -> dict[str, Tensor]:
    """Every part of the loss, unweighted."""
    v = maps.values
    on_thing = batch.cells >= 0
    losses = {
        "thing": _balanced(v["thing"][:, 0], on_thing.float()),
        "middle": _focal(v["middle"][:, 0], batch.middle),
        "table": F.binary_cross_entropy_with_logits(v["table"][:, 0], batch.table.float()),
    }
    where = on_thing.nonzero(as_tuple=True)
    owner = batch.cells[where]
    if len(owner) == 0:
        return losses
    counts = torch.bincount(owner, minlength=len(batch.targets)).float()
    weight = counts[owner].rsqrt()
    weight = weight / weight.sum()
    cells = {name: v[name][where[0], :, where[1], where[2]] for name in v}
    t = batch.targets[owner]
    column = (where[2].float() + 0.5) * STRIDE
    row = (where[1].float() + 0.5) * STRIDE
    losses["handle"] = (
        F.binary_cross_entropy_with_logits(
            cells["handle"][:, 0], batch.handle[where].float(), reduction="none"
        )
        * weight
    ).sum()
    losses["round"] = (
        F.binary_cross_entropy_with_logits(
            cells["round"][:, 0], (_of(t, "symmetry") == 0).float(), reduction="none"
        )
        * weight
    ).sum()
    losses["sides"] = (_box_loss(cells["sides"], t, column, row) * weight).sum()
    losses |= _space_losses(cells, t, batch, where, column, row, weight)
    return losses | _word_losses(maps, batch, where, owner, weight)


def sides(raw: Tensor) -> Tensor:
    """Distances to left, top, right, bottom [pixel] of the map's values (..., 4)."""
    return F.softplus(raw) * (8 * STRIDE)


def _of(t: Tensor, name: str) -> Tensor:
    return t[:, _COLUMN[name]]


def _box_loss(raw: Tensor, t: Tensor, column: Tensor, row: Tensor) -> Tensor:
    """1 - generalised IoU of each cell's box, plus a little L1 on the logarithms of its sides."""
    got = sides(raw)
    want = torch.stack(
        [column - _of(t, "left"), row - _of(t, "top"), _of(t, "right") - column, _of(t, "bottom") - row],
        dim=1,
    ).clamp_min(0.5)
    inner = torch.minimum(got, want)
    overlap = (inner[:, 0] + inner[:, 2]) * (inner[:, 1] + inner[:, 3])
    area = (got[:, 0] + got[:, 2]) * (got[:, 1] + got[:, 3])
    wanted = (want[:, 0] + want[:, 2]) * (want[:, 1] + want[:, 3])
    union = area + wanted - overlap
    outer = torch.maximum(got, want)
    hull = (outer[:, 0] + outer[:, 2]) * (outer[:, 1] + outer[:, 3])
    giou = overlap / union - (hull - union) / hull
    return 1 - giou + 0.1 * (got.clamp_min(0.5).log() - want.log()).abs().mean(1)


def _space_losses(
    cells: dict[str, Tensor],
    t: Tensor,
    batch: Batch,
    where: tuple[Tensor, ...],
    column: Tensor,
    row: Tensor,
    weight: Tensor,
) -> dict[str, Tensor]:
    """3D box: offset from the surface (where depth was given), size, yaw, projected centre."""
    place = t[:, _COLUMN["x"] : _COLUMN["z"] + 1]
    given = batch.geometry[:, 4, STRIDE // 2 :: STRIDE, STRIDE // 2 :: STRIDE][where] > 0
    surface = batch.surface[where]
    known = (given & torch.isfinite(surface).all(-1)).float()
    difference = torch.where(torch.isfinite(surface), place - surface, torch.zeros_like(place)) * 10.0
    offset = (cells["offset"] - difference).abs().sum(1)
    log_size = t[:, _COLUMN["log_x"] : _COLUMN["log_z"] + 1]
    size = (cells["log_size"] - log_size).abs().sum(1)
    symmetry = _of(t, "symmetry")
    half = (symmetry == 1) | (symmetry == 2)
    quarter = symmetry == 4
    yaw2 = (cells["yaw2"] - t[:, _COLUMN["sin2"] : _COLUMN["cos2"] + 1]).abs().sum(1) * half.float()
    yaw4 = (cells["yaw4"] - t[:, _COLUMN["sin4"] : _COLUMN["cos4"] + 1]).abs().sum(1) * (
        half | quarter
    ).float()
    want = torch.stack(
        [
            (_of(t, "column") - column) / (8 * STRIDE),
            (_of(t, "row") - row) / (8 * STRIDE),
            _of(t, "log_depth"),
        ],
        dim=1,
    )
    inside = (want[:, :2].abs().amax(1) < 6).float()
    centre = (cells["centre"] - want).abs().sum(1) * inside
    return {
        "offset": (offset * known * weight).sum() / (known * weight).sum().clamp_min(1e-3),
        "size": (size * weight).sum(),
        "yaw": ((yaw2 + yaw4) * weight).sum(),
        "centre": (centre * weight).sum(),
    }


def _balanced(logits: Tensor, target: Tensor) -> Tensor:
    """Binary cross entropy; the rarer things weigh twice."""
    loss = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return (loss * (1 + target)).mean()


def _focal(logits: Tensor, target: Tensor) -> Tensor:
    """The penalty-reduced focal loss of CornerNet (arXiv 1808.01244), per peak."""
    p = torch.sigmoid(logits).clamp(1e-5, 1 - 1e-5)
    peak = (target > 0.999).float()
    hit = -((1 - p) ** 2) * p.log() * peak
    miss = -((1 - target) ** 4) * p**2 * (1 - p).log() * (1 - peak)
    return (hit + miss).sum() / peak.sum().clamp_min(1)


def _word_losses(
    maps: Maps, batch: Batch, where: tuple[Tensor, ...], owner: Tensor, weight: Tensor
) -> dict[str, Tensor]:
    """Which words fit."""
    losses = {}
    for kind, (name, words) in enumerate(WORDS.items()):
        number = {word: i for i, word in enumerate(words)}
        labels = torch.tensor([number[thing[kind]] for thing in batch.words])[owner]
        logits = maps.words[name][where[0], :, where[1], where[2]]
        losses[name] = (F.cross_entropy(logits, labels, reduction="none") * weight).sum()
    return losses
