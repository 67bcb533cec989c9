"""Trains the embedded model on scene folders: resumable to the step, budget in CPU time."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch.utils.data import DataLoader, Dataset

from policies.reasoner.framing import draw_window
from policies.reasoner.losses import WEIGHTS, Batch, Phrases, collate, compute_losses
from policies.reasoner.network import ReasonerNet, ReasonerNetConfig
from policies.reasoner.phrases import draw_phrases
from policies.reasoner.scene_samples import Augmentation, Sample, SceneViews, disturb
from policies.training_state import format_metrics, load_training, save_training

STATE, AVERAGE = "training.safetensors", "average.safetensors"
"""In the folder of a run: all that going on needs, and the moving average of the weights."""


@dataclass(frozen=True)
class ReasonerTraining:
    """One training run of the embedded model."""

    steps: int = 20_000
    """After which the learning rate has come down."""
    batch: int = 16
    """Views a step."""
    phrases: int = 96
    """Descriptions a step."""
    learning_rate: float = 2e-3
    warm_up: int = 200
    """Steps."""
    weight_decay: float = 0.02
    augmentation: Augmentation = field(default_factory=Augmentation)
    network: ReasonerNetConfig = field(default_factory=ReasonerNetConfig)
    text_learning_rate: float = 0.3
    """Of the phrase encoder, as a part of the learning rate."""
    seed: int = 0
    log_every: int = 50
    save_every: int = 500
    keep_average: float = 0.998
    """Of the moving average of the weights that is shipped."""


def learning_rate(training: ReasonerTraining, step: int) -> float:
    """Warm-up, then half a cosine down to 1 %."""
    if step < training.warm_up:
        return training.learning_rate * (step + 1) / training.warm_up
    part = min(1.0, (step - training.warm_up) / max(1, training.steps - training.warm_up))
    return training.learning_rate * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * part)))


def make_optimiser(net: ReasonerNet, training: ReasonerTraining) -> torch.optim.Optimizer:
    """The phrase encoder learns slower than the trunk, and its rare words do not decay meanwhile."""
    words = [p for name, p in net.named_parameters() if name.startswith("text.") or p.ndim == 0]
    known = {id(p) for p in words}
    rest = [p for p in net.parameters() if id(p) not in known]
    return torch.optim.AdamW(
        [
            {"params": rest, "weight_decay": training.weight_decay, "factor": 1.0},
            {"params": words, "weight_decay": 0.0, "factor": training.text_learning_rate},
        ],
        lr=1.0,
    )


def load_fitting(path: Path, net: ReasonerNet) -> int:
    """Copy what has the same name and shape from a run's average or a checkpoint's weights.

    Returns:
        How many tensors that were.
    """
    own = net.state_dict()
    found = {name.removeprefix("module.module."): tensor for name, tensor in load_file(path).items()}
    fitting = {
        n: t.to(own[n].dtype) for n, t in found.items() if n in own and own[n].shape == t.shape
    }  # a checkpoint has half precision
    net.load_state_dict(fitting, strict=False)
    return len(fitting)


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
        start_from: `average.safetensors` of another run, or `weights.safetensors` of a checkpoint, whose
            weights a new run begins with where they fit.
        budget_cpu_s: CPU time of this process, all threads [s].

    Returns:
        The moving average of the weights, in evaluation mode.
    """
    torch.manual_seed(training.seed)
    net = ReasonerNet(training.network).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if start_from is not None:
        say(f"{load_fitting(start_from, net)} of {len(net.state_dict())} tensors from {start_from}")
    average = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(training.keep_average), use_buffers=True
    )
    optimiser = make_optimiser(net, training)
    out.mkdir(parents=True, exist_ok=True)
    state, shadow = out / STATE, out / AVERAGE
    step = 0
    if state.exists():
        step = load_training(state, net, optimiser)
        load_training(shadow, average, torch.optim.SGD(average.parameters(), lr=0.0))
        say(f"going on at step {step}")
    (out / "training.json").write_text(json.dumps(asdict(training), indent=1))
    started, sums, count = time.process_time(), {}, 0

    def save() -> None:
        save_training(shadow, average, torch.optim.SGD(average.parameters(), lr=0.0), step)
        save_training(state, net, optimiser, step)

    net.train()
    clock = time.monotonic()
    for batch, phrases in Batches(views, training).iterate(step):
        if time.process_time() - started > budget_cpu_s:
            break
        torch.manual_seed(training.seed * 1_000_003 + step)
        with torch.autocast("cpu", torch.bfloat16):
            maps = net(batch.images, batch.geometry)
        losses = compute_losses(net, maps, batch, phrases)
        total = sum(WEIGHTS[name] * loss for name, loss in losses.items())
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(training, step) * group["factor"]
        optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[union-attr]
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        average.update_parameters(net)
        step += 1
        for name, loss in losses.items():
            sums[name] = sums.get(name, 0.0) + loss.item()
        count += 1
        if step % training.log_every == 0:
            means = {name: value / count for name, value in sums.items()}
            rate = count / (time.monotonic() - clock)
            say(f"step {step}  {rate:.2f}/s  " + format_metrics(means))
            sums, count, clock = {}, 0, time.monotonic()
        if step % training.save_every == 0:
            save()
        if evaluate is not None and step % evaluate_every == 0:
            say(f"step {step} held out: " + format_metrics(evaluate(_averaged(average))))
            clock = time.monotonic()
    save()
    return _averaged(average)


def _averaged(average: torch.optim.swa_utils.AveragedModel) -> ReasonerNet:
    """The network whose weights are the average, in evaluation mode."""
    net = average.module.eval()
    assert isinstance(net, ReasonerNet)
    return net
