"""A checkpoint folder: safetensors weights, config, fingerprints, statistics, provenance."""

import dataclasses
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from policies.backbone import Backbone, BackboneConfig
from policies.decoder import ActionDecoder, DecoderConfig
from policies.grounding import GroundingConfig
from policies.normalisation import Statistics
from policies.text import TextConfig
from robotics.embodiment import Embodiment
from robotics.errors import CheckpointError, IncompatibleError

FORMAT = "robotics.policy/2"
"""1 had a decoder without joint goals, which today's condition does not fit."""


@dataclass(frozen=True)
class Provenance:
    """Where a checkpoint comes from."""

    datasets: tuple[str, ...] = ()
    """SHA-256 identities of the demonstrations."""
    tasks: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    """The command lines that made it, each after the commit that it ran at."""
    git_commit: str = ""
    seed: int = 0


@dataclass(frozen=True)
class Checkpoint:
    """Everything that is needed to run a policy, in memory."""

    backbone: Backbone
    decoder: ActionDecoder
    statistics: Statistics
    fingerprints: tuple[str, ...]
    embodiment: str
    provenance: Provenance

    def check_fits(self, embodiment: Embodiment) -> None:
        """Raises IncompatibleError unless this policy was trained for the embodiment's interface."""
        if embodiment.interface_fingerprint not in self.fingerprints:
            raise IncompatibleError(
                f"checkpoint is for '{self.embodiment}' (interface {', '.join(self.fingerprints)}), "
                f"the robot is '{embodiment.name}' (interface {embodiment.interface_fingerprint})"
            )


def git_commit() -> str:
    """Commit of the running source tree, '' outside one."""
    try:
        return subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def save_checkpoint(folder: Path, checkpoint: Checkpoint, *, half: bool = True) -> None:
    """Write the folder; weights as float16 when `half` (the shipped form)."""
    folder.mkdir(parents=True, exist_ok=True)
    dtype = torch.float16 if half else torch.float32
    weights = {}
    for prefix, module in (("backbone", checkpoint.backbone), ("decoder", checkpoint.decoder)):
        for name, tensor in module.state_dict().items():
            kept = tensor.to(dtype) if tensor.is_floating_point() and "running_" not in name else tensor
            weights[f"{prefix}.{name}"] = kept.contiguous().clone()
    save_file(weights, folder / "weights.safetensors")
    statistics = {
        f.name: getattr(checkpoint.statistics, f.name).tolist() for f in dataclasses.fields(Statistics)
    }
    (folder / "statistics.json").write_text(json.dumps(statistics))
    config = {
        "format": FORMAT,
        "embodiment": checkpoint.embodiment,
        "fingerprints": checkpoint.fingerprints,
        "backbone": dataclasses.asdict(checkpoint.backbone.config),
        "decoder": dataclasses.asdict(checkpoint.decoder.config),
        "provenance": dataclasses.asdict(checkpoint.provenance),
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def _backbone_config(table: dict) -> BackboneConfig:
    networks = {
        name: GroundingConfig(**{**net, "dilations": tuple(net["dilations"])})
        for name, net in table["networks"].items()
    }
    return BackboneConfig(cameras=table["cameras"], networks=networks, text=TextConfig(**table["text"]))


def load_checkpoint(folder: Path | str) -> Checkpoint:
    """Read a checkpoint folder, ready to run on the CPU.

    Raises:
        CheckpointError: The folder is missing, damaged or of another format.
    """
    folder = Path(folder)
    if not (folder / "config.json").is_file():
        near = (
            sorted(str(p.parent) for p in folder.parent.glob("*/config.json"))
            if folder.parent.is_dir()
            else []
        )
        there = f"; beside it there are: {', '.join(near)}" if near else ""
        raise CheckpointError(f"no checkpoint in '{folder}' (wanted a folder with config.json){there}")
    try:
        config = json.loads((folder / "config.json").read_text())
        if config.get("format") != FORMAT:
            raise CheckpointError(
                f"checkpoint '{folder}': wanted format {FORMAT}, got {config.get('format')!r}"
            )
        table = json.loads((folder / "statistics.json").read_text())
        statistics = Statistics(**{name: np.asarray(value) for name, value in table.items()})
        backbone = Backbone(_backbone_config(config["backbone"]))
        decoder = ActionDecoder(DecoderConfig(**config["decoder"]))
        weights = load_file(folder / "weights.safetensors")
        for prefix, module in (("backbone.", backbone), ("decoder.", decoder)):
            part = {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
            module.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in part.items()})
            module.eval().requires_grad_(False)
        provenance = config["provenance"]
        return Checkpoint(
            backbone,
            decoder,
            statistics,
            tuple(config["fingerprints"]),
            config["embodiment"],
            Provenance(
                tuple(provenance["datasets"]),
                tuple(provenance["tasks"]),
                tuple(provenance["commands"]),
                provenance["git_commit"],
                provenance["seed"],
            ),
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise CheckpointError(f"checkpoint '{folder}' is damaged: {str(error).splitlines()[0]}") from error
