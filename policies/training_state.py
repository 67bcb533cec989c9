"""Save and resume a training exactly: weights, optimiser moments and step, in safetensors (no pickle)."""

import os
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn


def save_training(path: Path, module: nn.Module, optimiser: torch.optim.Optimizer, step: int) -> None:
    """Atomically write everything that `load_training` needs; a crash leaves the previous file."""
    tensors = {f"module.{name}": t.detach().clone().contiguous() for name, t in module.state_dict().items()}
    for index, moments in optimiser.state_dict()["state"].items():
        for name, value in moments.items():
            tensors[f"optimiser.{index}.{name}"] = torch.as_tensor(value).clone().contiguous()
    tensors["step"] = torch.tensor(step)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(tensors, partial)
    os.replace(partial, path)


def load_training(path: Path, module: nn.Module, optimiser: torch.optim.Optimizer) -> int:
    """Restore module and optimiser in place; returns the number of steps done."""
    tensors = load_file(path)
    module.load_state_dict(
        {name.removeprefix("module."): t for name, t in tensors.items() if name.startswith("module.")}
    )
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith("optimiser."):
            _, index, key = name.split(".", 2)
            state.setdefault(int(index), {})[key] = tensor
    optimiser.load_state_dict({**optimiser.state_dict(), "state": state})
    return int(tensors["step"])


def format_metrics(metrics: Mapping[str, float]) -> str:
    """One line for a log."""
    return "  ".join(f"{name} {value:.4g}" for name, value in metrics.items())
