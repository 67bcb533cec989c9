"""Trains the closer look on the things of scene folders."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from policies.reasoner.closer_network import Closer, CloserNet, CloserNetConfig
from policies.reasoner.closer_samples import CropAugmentation, CropBatch, collate_crops, draw_crops
from policies.reasoner.fitting import Schedule, fit
from policies.reasoner.network import WORDS
from policies.reasoner.proposals import Proposals
from policies.reasoner.scene_samples import Augmentation, SceneViews

CLOSER_WEIGHTS = {
    **{"is thing": 1.0, "family": 1.0, "colour": 0.7, "pattern": 1.2, "mask": 1.0, "handle": 0.5},
    **{"round": 0.2, "box": 1.0, "offset": 0.5, "size": 0.7, "yaw": 0.5, "centre": 0.3},
}
_RARE = (1.0, 3.0, 3.0, 3.0)
"""Weight of each pattern: most things are plain, and with equal weights all were called so for long."""
_SMOOTH = 0.05
"""Of each word's truth, spread over all words."""


@dataclass(frozen=True)
class CloserTraining(Schedule):
    """One training run of the closer look."""

    steps: int = 5800
    views: int = 32
    """A step."""
    crops: int = 4
    """A view, at most."""
    augmentation: Augmentation = field(default_factory=lambda: Augmentation(no_geometry=0.25))
    boxes: CropAugmentation = field(default_factory=CropAugmentation)
    proposed: float = 0.5
    """Part of the views whose boxes are the first look's; those of others are the things', disturbed."""
    proposals: int = 6000
    """Views that the first look is asked about."""
    network: CloserNetConfig = field(default_factory=CloserNetConfig)


class CropBatches(Dataset):
    """Batch `step` depends on the seed and the step only."""

    def __init__(self, views: SceneViews, training: CloserTraining, proposals: Proposals | None = None):
        self._views, self._training, self._proposals = views, training, proposals

    def __len__(self) -> int:
        return self._training.steps

    def __getitem__(self, step: int) -> CropBatch:
        t = self._training
        rng = np.random.default_rng([t.seed, 8, step])
        samples = []
        while len(samples) < 2:  # of a single one there are no batch statistics
            for drawn in rng.integers(len(self._views), size=t.views):
                index, boxes = int(drawn), None
                if self._proposals is not None and rng.random() < t.proposed:
                    place = index % len(self._proposals.views)
                    index, boxes = int(self._proposals.views[place]), self._proposals.of(place)
                scene = self._views.scene(index)
                samples += draw_crops(scene, t.crops, rng, t.augmentation, t.boxes, boxes)
        return collate_crops(samples)

    def iterate(self, first: int) -> Iterator[CropBatch]:
        """From a step on, made ahead in another process."""
        yield from DataLoader(
            self, batch_size=None, sampler=range(first, len(self)), num_workers=1, prefetch_factor=4
        )


def closer_losses(closer: Closer, batch: CropBatch) -> dict[str, Tensor]:
    """Every part of the loss, unweighted."""
    truth = batch.of("is_thing")
    judged = (truth >= 0).float()
    v = closer.values
    is_thing = F.binary_cross_entropy_with_logits(v["is thing"][:, 0], truth.clamp_min(0), reduction="none")
    losses = {"is thing": (is_thing * judged).sum() / judged.sum().clamp_min(1)}
    good = (truth == 1).float()
    good = good / good.sum().clamp_min(1)

    def mean(values: Tensor, also: Tensor | None = None) -> Tensor:
        if also is None:
            return (values * good).sum()
        return (values * good * also).sum() / (good * also).sum().clamp_min(1e-3)

    for place, name in enumerate(WORDS):
        truth = batch.words[:, place]
        wrong = F.cross_entropy(
            closer.words[name], truth.clamp_min(0), reduction="none", label_smoothing=_SMOOTH
        )
        rare = torch.tensor(_RARE)[truth] if name == "pattern" else torch.ones(len(truth))
        losses[name] = mean(wrong, rare * (truth >= 0))
    mask, handle = batch.mask.float(), batch.handle.float()
    losses["mask"] = mean(
        F.binary_cross_entropy_with_logits(closer.mask, mask, reduction="none").mean((1, 2)) * 2
    )
    on_handle = F.binary_cross_entropy_with_logits(closer.handle, handle, reduction="none")
    losses["handle"] = mean((on_handle * mask * (1 + handle)).sum((1, 2)) / mask.sum((1, 2)).clamp_min(1))
    round_shape = (batch.of("symmetry") == 0).float()
    losses["round"] = mean(
        F.binary_cross_entropy_with_logits(v["round"][:, 0], round_shape, reduction="none")
    )
    box = batch.several("left", "bottom")
    losses["box"] = mean(1 - _overlaps(v["box"], box)[1] + 2 * (v["box"] - box).abs().mean(1))
    offset = (v["offset"] - batch.several("x", "z")).abs().clamp_max(4).sum(1)
    losses["offset"] = mean(offset, batch.of("has_reference"))
    losses["size"] = mean((v["log_size"] - batch.several("log_x", "log_z")).abs().sum(1))
    half = ((batch.of("symmetry") == 1) | (batch.of("symmetry") == 2)).float()
    either = ((batch.of("symmetry") == 4) | (half > 0)).float()
    yaw = (v["yaw2"] - batch.several("sin2", "cos2")).abs().sum(1) * half
    yaw = yaw + (v["yaw4"] - batch.several("sin4", "cos4")).abs().sum(1) * either
    losses["yaw"] = mean(yaw)
    losses["centre"] = mean((v["centre"] - batch.several("column", "log_width")).abs().clamp_max(2).sum(1))
    return losses


def _overlaps(got: Tensor, want: Tensor) -> tuple[Tensor, Tensor]:
    """Intersection over union, and the generalised one, of pairs of boxes (n, 4), each (n,)."""
    low, high = torch.maximum(got[:, :2], want[:, :2]), torch.minimum(got[:, 2:], want[:, 2:])
    inner = (high - low).clamp_min(0).prod(1)
    areas = [(box[:, 2:] - box[:, :2]).clamp_min(1e-3).prod(1) for box in (got, want)]
    union = areas[0] + areas[1] - inner
    outer = (torch.maximum(got[:, 2:], want[:, 2:]) - torch.minimum(got[:, :2], want[:, :2])).prod(1)
    outer = outer.clamp_min(1e-3)
    return inner / union, inner / union - (outer - union) / outer


def train_closer(
    views: SceneViews,
    held_out: SceneViews,
    training: CloserTraining,
    out: Path,
    budget_cpu_s: float = float("inf"),
    evaluate_every: int = 1000,
    say: Callable[[str], None] = print,
    start_from: Path | None = None,
    proposals: Proposals | None = None,
) -> CloserNet:
    """Train until the steps or the CPU time are used up; an interrupted run in `out` goes on.

    Args:
        proposals: Of the first look, see `CloserTraining.proposed`.

    Returns:
        The moving average of the weights, in evaluation mode.
    """
    torch.manual_seed(training.seed)
    net = CloserNet(training.network).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def losses_of(net: CloserNet, batch: CropBatch) -> dict[str, Tensor]:
        with torch.autocast("cpu", torch.bfloat16):
            closer = net(batch.channels, batch.light)
        return closer_losses(closer, batch)

    groups = [{"params": list(net.parameters()), "factor": 1.0}]
    return fit(
        *(
            net,
            groups,
            CropBatches(views, training, proposals).iterate,
            losses_of,
            CLOSER_WEIGHTS,
            training,
            out,
        ),
        *(budget_cpu_s, lambda net: closer_scores(net, held_out), evaluate_every, say, start_from),
    )


def closer_scores(net: CloserNet, held_out: SceneViews, views: int = 150) -> dict[str, float]:
    """Of true boxes, disturbed as in training, with depth: words named right, overlap of boxes and masks,
    middles in space, sizes and turns."""
    rng = np.random.default_rng(0)
    boxes = CropAugmentation(elsewhere=0.0, coarse=0.0, repaint=0.0)
    plain = Augmentation(flip=0.0, no_geometry=0.0, blur=0.0, jpeg=0.0, noise=0.0, light=0.0)
    samples = []
    for index in np.linspace(0, len(held_out) - 1, min(views, len(held_out))).astype(int):
        samples += draw_crops(held_out.scene(int(index)), 6, rng, plain, boxes)
    if not samples:
        return {}
    batch = collate_crops(samples)
    with torch.inference_mode():
        closer = net(batch.channels, batch.light)
    scores = {
        name: float((closer.words[name].argmax(1) == batch.words[:, place]).float().mean())
        for place, name in enumerate(WORDS)
    }
    mask, truth = closer.mask > 0, batch.mask
    scores["mask IoU"] = float(((mask & truth).sum((1, 2)) / (mask | truth).sum((1, 2)).clamp_min(1)).mean())
    overlaps, _ = _overlaps(closer.values["box"], batch.several("left", "bottom"))
    scores["box IoU"] = float(overlaps.mean())
    off = (closer.values["offset"] - batch.several("x", "z")).norm(dim=1) * 5
    scores["centre_cm"] = float(off[batch.of("has_reference") > 0].median())
    ratio = (closer.values["log_size"] - batch.several("log_x", "log_z")).abs()
    scores["size_%"] = float(100 * ratio.median())
    half = (batch.of("symmetry") == 1) | (batch.of("symmetry") == 2)
    turn = torch.atan2(closer.values["yaw2"][:, 0], closer.values["yaw2"][:, 1])
    true = torch.atan2(batch.of("sin2"), batch.of("cos2"))
    wrong = torch.remainder(turn - true + np.pi, 2 * np.pi) - np.pi
    scores["yaw_deg"] = float(torch.rad2deg(wrong[half].abs() / 2).median()) if half.any() else float("nan")
    return scores
