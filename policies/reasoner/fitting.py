"""The training loop of the reasoner's networks: resumable to the step, budget in CPU time."""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from policies.training_state import format_metrics, load_training, save_training

STATE, AVERAGE = "training.safetensors", "average.safetensors"
"""In the folder of a run: all that going on needs, and the moving average of the weights."""
Net = TypeVar("Net", bound=nn.Module)


@dataclass(frozen=True)
class Schedule:
    """How long and how fast a network learns."""

    steps: int = 20_000
    """After which the learning rate has come down."""
    learning_rate: float = 2e-3
    warm_up: int = 200
    """Steps."""
    weight_decay: float = 0.02
    seed: int = 0
    log_every: int = 50
    save_every: int = 500
    keep_average: float = 0.998
    """Of the moving average of the weights that is shipped."""


def learning_rate(schedule: Schedule, step: int) -> float:
    """Warm-up, then half a cosine down to 1 %."""
    if step < schedule.warm_up:
        return schedule.learning_rate * (step + 1) / schedule.warm_up
    part = min(1.0, (step - schedule.warm_up) / max(1, schedule.steps - schedule.warm_up))
    return schedule.learning_rate * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * part)))


def load_fitting(path: Path, net: nn.Module) -> int:
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


def fit(
    net: Net,
    groups: Sequence[dict[str, Any]],
    batches: Callable[[int], Iterable[Any]],
    losses_of: Callable[[Net, Any], Mapping[str, Tensor]],
    weights: Mapping[str, float],
    schedule: Schedule,
    out: Path,
    budget_cpu_s: float = float("inf"),
    evaluate: Callable[[Net], dict[str, float]] | None = None,
    evaluate_every: int = 2000,
    say: Callable[[str], None] = print,
    start_from: Path | None = None,
) -> Net:
    """Train until the steps or the CPU time are used up; an interrupted run in `out` goes on.

    Args:
        groups: Parameters as AdamW wants them; `factor` is the part of the learning rate that they get.
        batches: Those from a step on.
        losses_of: Every part of the loss of a batch, unweighted.
        weights: Of the parts.
        budget_cpu_s: CPU time of this process, all threads [s].
        start_from: `average.safetensors` of another run, or a checkpoint's weights, which a new run begins
            with where they fit.

    Returns:
        The moving average of the weights, in evaluation mode.
    """
    if start_from is not None:
        say(f"{load_fitting(start_from, net)} of {len(net.state_dict())} tensors from {start_from}")
    average = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(schedule.keep_average), use_buffers=True
    )
    optimiser = torch.optim.AdamW(groups, lr=1.0, weight_decay=schedule.weight_decay)
    out.mkdir(parents=True, exist_ok=True)
    state, shadow = out / STATE, out / AVERAGE
    step = 0
    if state.exists():
        step = load_training(state, net, optimiser)
        load_training(shadow, average, torch.optim.SGD(average.parameters(), lr=0.0))
        say(f"going on at step {step}")
    (out / "training.json").write_text(json.dumps(asdict(schedule), indent=1))
    started, sums, count = time.process_time(), {}, 0

    def save() -> None:
        save_training(shadow, average, torch.optim.SGD(average.parameters(), lr=0.0), step)
        save_training(state, net, optimiser, step)

    net.train()
    clock = time.monotonic()
    for batch in batches(step):
        if time.process_time() - started > budget_cpu_s:
            break
        torch.manual_seed(schedule.seed * 1_000_003 + step)
        losses = losses_of(net, batch)
        total = sum(weights[name] * loss for name, loss in losses.items())
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(schedule, step) * group["factor"]
        optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[union-attr]
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        average.update_parameters(net)
        step += 1
        for name, loss in losses.items():
            sums[name] = sums.get(name, 0.0) + loss.item()
        count += 1
        if step % schedule.log_every == 0:
            means = {name: value / count for name, value in sums.items()}
            rate = count / (time.monotonic() - clock)
            say(f"step {step}  {rate:.2f}/s  " + format_metrics(means))
            sums, count, clock = {}, 0, time.monotonic()
        if step % schedule.save_every == 0:
            save()
        if evaluate is not None and step % evaluate_every == 0:
            say(f"step {step} held out: " + format_metrics(evaluate(average.module.eval())))  # type: ignore[arg-type]
            clock = time.monotonic()
    save()
    return average.module.eval()  # type: ignore[return-value]
