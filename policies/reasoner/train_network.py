"""Trains the embedded model on scene folders: resumable to the step, budget in CPU time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from policies.reasoner.fitting import Schedule, fit
from policies.reasoner.framing import draw_window
from policies.reasoner.losses import WEIGHTS, Batch, Phrases, collate, compute_losses
from policies.reasoner.network import ReasonerNet, ReasonerNetConfig
from policies.reasoner.phrases import draw_phrases
from policies.reasoner.scene_samples import Augmentation, Sample, SceneViews, disturb


@dataclass(frozen=True)
class ReasonerTraining(Schedule):
    """One training run of the embedded model."""

    batch: int = 16
    """Views a step."""
    phrases: int = 96
    """Descriptions a step."""
    augmentation: Augmentation = field(default_factory=Augmentation)
    network: ReasonerNetConfig = field(default_factory=ReasonerNetConfig)
    text_learning_rate: float = 0.3
    """Of the phrase encoder, as a part of the learning rate."""


def parameter_groups(net: ReasonerNet, training: ReasonerTraining) -> list[dict[str, Any]]:
    """The phrase encoder learns slower than the trunk, and its rare words do not decay meanwhile."""
    words = [p for name, p in net.named_parameters() if name.startswith("text.") or p.ndim == 0]
    known = {id(p) for p in words}
    rest = [p for p in net.parameters() if id(p) not in known]
    return [
        {"params": rest, "factor": 1.0},
        {"params": words, "weight_decay": 0.0, "factor": training.text_learning_rate},
    ]


class Batches(Dataset):
    """Batch `step` with its phrases depends on the seed and the step only."""

    def __init__(self, views: SceneViews, training: ReasonerTraining):
        self._views, self._training = views, training
        self._epoch, self._order = -1, np.empty(0, int)

    def __len__(self) -> int:
        return self._training.steps

    def __getitem__(self, step: int) -> tuple[Batch, Phrases]:
        size, seed = self._training.batch, self._training.seed
        samples = []
        for position in range(step * size, (step + 1) * size):
            rng = np.random.default_rng([seed, 6, position])
            index = self._index(*divmod(position, len(self._views)))
            samples.append(self._sample(index, rng))
        batch = collate(samples)
        return batch, draw_phrases(
            batch.words, self._training.phrases, np.random.default_rng([seed, 7, step])
        )

    def _sample(self, index: int, rng: np.random.Generator) -> Sample:
        how, config = self._training.augmentation, self._training.network
        window = None
        if rng.random() < how.zoom:
            height, width = self._views.scene(index).ids.shape
            window = draw_window(height, width, how.least_part, rng)
        sample = self._views.sample(index, window, (config.height, config.width))
        return disturb(sample, rng, how)

    def _index(self, epoch: int, place: int) -> int:
        if self._epoch != epoch:
            self._epoch = epoch
            order = np.random.default_rng([self._training.seed, 5, epoch])
            self._order = order.permutation(len(self._views))
        return int(self._order[place])

    def iterate(self, first: int) -> Iterator[tuple[Batch, Phrases]]:
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

    def losses_of(net: ReasonerNet, drawn: tuple[Batch, Phrases]) -> dict[str, Tensor]:
        batch, phrases = drawn
        with torch.autocast("cpu", torch.bfloat16):
            maps = net(batch.images, batch.geometry)
        return compute_losses(net, maps, batch, phrases)

    return fit(
        *(net, parameter_groups(net, training), Batches(views, training).iterate, losses_of, WEIGHTS),
        *(training, out, budget_cpu_s, evaluate, evaluate_every, say, start_from),
    )
