"""Trains the embedded model on scene folders: resumable to the step, budget in CPU time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from policies.reasoner.fitting import Schedule, fit
from policies.reasoner.framing import Window, draw_window, framed
from policies.reasoner.losses import WEIGHTS, Batch, collate, compute_losses
from policies.reasoner.network import ReasonerNet, ReasonerNetConfig
from policies.reasoner.scene_samples import Augmentation, Sample, SceneViews, disturb, scene_sample


@dataclass(frozen=True)
class ReasonerTraining(Schedule):
    """One training run of the embedded model."""

    steps: int = 9000
    batch: int = 16
    """Views a step."""
    augmentation: Augmentation = field(default_factory=Augmentation)
    network: ReasonerNetConfig = field(default_factory=ReasonerNetConfig)


class Batches(Dataset):
    """Batch `step` depends on the seed and the step only."""

    def __init__(self, views: SceneViews, training: ReasonerTraining):
        self._views, self._training = views, training
        self._epoch, self._order = -1, np.empty(0, int)

    def __len__(self) -> int:
        return self._training.steps

    def __getitem__(self, step: int) -> Batch:
        size, seed = self._training.batch, self._training.seed
        samples = []
        for position in range(step * size, (step + 1) * size):
            rng = np.random.default_rng([seed, 6, position])
            index = self._index(*divmod(position, len(self._views)))
            samples.append(self._sample(index, rng))
        return collate(samples)

    def _sample(self, index: int, rng: np.random.Generator) -> Sample:
        how, config = self._training.augmentation, self._training.network
        scene = self._views.scene(index)
        height, width = scene.ids.shape
        zoomed = rng.random() < how.zoom
        window = draw_window(height, width, how.least_part, rng) if zoomed else Window(0, 0, width, height)
        return disturb(scene_sample(framed(scene, window, config.height, config.width)), rng, how)

    def _index(self, epoch: int, place: int) -> int:
        if self._epoch != epoch:
            self._epoch = epoch
            order = np.random.default_rng([self._training.seed, 5, epoch])
            self._order = order.permutation(len(self._views))
        return int(self._order[place])

    def iterate(self, first: int) -> Iterator[Batch]:
        """From a step on; made ahead in another process, because this one has no time to spare."""
        yield from DataLoader(
            self, batch_size=None, sampler=range(first, len(self)), num_workers=1, prefetch_factor=4
        )


def train_network(
    views: SceneViews,
    training: ReasonerTraining,
    out: Path,
    budget_cpu_s: float = float("inf"),
    evaluate: Callable[[ReasonerNet], dict[str, float]] | None = None,
    evaluate_every: int = 2000,
    say: Callable[[str], None] = print,
    start_from: Path | None = None,
) -> ReasonerNet:
    """Train until the steps or the CPU time are used up; an interrupted run in `out` goes on.

    Args:
        budget_cpu_s: CPU time of this process, all threads [s].
        start_from: `average.safetensors` of another run, or `weights.safetensors` of a checkpoint, whose
            weights a new run begins with where they fit.

    Returns:
        The moving average of the weights, in evaluation mode.
    """
    torch.manual_seed(training.seed)
    net = ReasonerNet(training.network).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def losses_of(net: ReasonerNet, batch: Batch) -> dict[str, Tensor]:
        with torch.autocast("cpu", torch.bfloat16):
            maps = net(batch.images, batch.geometry)
        return compute_losses(maps, batch)

    return fit(
        *(net, [{"params": list(net.parameters()), "factor": 1.0}]),
        *(Batches(views, training).iterate, losses_of, WEIGHTS),
        *(training, out, budget_cpu_s, evaluate, evaluate_every, say, start_from),
    )
