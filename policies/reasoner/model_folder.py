"""A folder that holds the embedded model: weights, sizes, calibration, provenance."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from policies.reasoner.closer_network import CloserNet, closer_config
from policies.reasoner.network import ReasonerNet, ReasonerNetConfig
from robotics.errors import CheckpointError

WEIGHTS, CLOSER = "weights.safetensors", "closer.safetensors"
FORMAT = "robotics.reasoner/1"
SHIPPED = Path(__file__).parent.parent / "checkpoints" / "reasoner"


@dataclass(frozen=True)
class MatchCalibration:
    """How evidence that a thing is what a phrase says becomes a probability; from 0.5 on it is present.

    The evidence is the sum of the log probabilities of the words asked for, each kind with its weight.
    """

    family: float = 1.0
    colour: float = 1.0
    pattern: float = 1.0
    threshold: float = -1.0
    """Evidence of 0.5."""

    def probability(self, evidence: np.ndarray) -> np.ndarray:
        """Of evidence of any shape."""
        return 1.0 / (1.0 + np.exp(-np.clip(evidence - self.threshold, -50, 50)))

    @property
    def weights(self) -> np.ndarray:
        """Of family, colour, pattern, (3,)."""
        return np.array([self.family, self.colour, self.pattern])


@dataclass(frozen=True)
class ReasonerModel:
    """All that the embedded reasoner needs, in memory."""

    network: ReasonerNet
    match: MatchCalibration = MatchCalibration()
    closer: CloserNet | None = None
    """The second look; without one, the first one's maps must do."""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """Scenes, steps, command, commit."""


def save_model(folder: Path, model: ReasonerModel) -> None:
    """Write the folder; weights as float16."""
    folder.mkdir(parents=True, exist_ok=True)
    _save_half(folder / WEIGHTS, model.network)
    table = {
        "format": FORMAT,
        "network": dataclasses.asdict(model.network.config),
        "match": dataclasses.asdict(model.match),
        "provenance": dict(model.provenance),
    }
    (folder / CLOSER).unlink(missing_ok=True)
    if model.closer is not None:
        _save_half(folder / CLOSER, model.closer)
        table["closer"] = dataclasses.asdict(model.closer.config)
    (folder / "config.json").write_text(json.dumps(table, indent=2) + "\n")


def _save_half(path: Path, network: nn.Module) -> None:
    """All floating-point weights but the running statistics as float16."""
    weights = {
        name: tensor.half() if tensor.is_floating_point() and "running_" not in name else tensor
        for name, tensor in network.state_dict().items()
    }
    save_file({name: t.clone(memory_format=torch.contiguous_format) for name, t in weights.items()}, path)


def _load_half(path: Path, network: nn.Module) -> None:
    weights = load_file(path)
    network.load_state_dict({name: t.float() if t.is_floating_point() else t for name, t in weights.items()})
    network.eval().requires_grad_(False)


def network_config(table: Mapping[str, Any]) -> ReasonerNetConfig:
    """From what `dataclasses.asdict` and JSON made of it."""
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in table.items()}
    return ReasonerNetConfig(**values)


def load_model(folder: Path | None = None) -> ReasonerModel:
    """Read a folder, ready for inference on the CPU; the shipped one by default.

    Raises:
        CheckpointError: The folder is missing, damaged or of another format.
    """
    folder = SHIPPED if folder is None else Path(folder)
    if not (folder / "config.json").is_file():
        raise CheckpointError(
            f"no reasoner in '{folder}' (wanted a folder with config.json); "
            "train one: robotics train reasoner"
        )
    try:
        table = json.loads((folder / "config.json").read_text())
        if table.get("format") != FORMAT:
            raise CheckpointError(f"reasoner '{folder}': wanted format {FORMAT}, got {table.get('format')!r}")
        network = ReasonerNet(network_config(table["network"]))
        _load_half(folder / WEIGHTS, network)
        closer = None
        if "closer" in table:
            closer = CloserNet(closer_config(table["closer"]))
            _load_half(folder / CLOSER, closer)
        return ReasonerModel(network, MatchCalibration(**table["match"]), closer, table["provenance"])
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(f"reasoner '{folder}' is damaged: {str(error).splitlines()[0]}") from error
