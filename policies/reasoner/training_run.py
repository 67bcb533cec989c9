"""From scene folders to a checkpoint of the embedded model: training, calibration, writing."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from policies.checkpoint import git_commit
from policies.reasoner.calibrating import calibrate, detection_scores
from policies.reasoner.closer_network import CloserNet, CloserNetConfig, closer_config
from policies.reasoner.closer_training import CloserTraining, train_closer
from policies.reasoner.fitting import AVERAGE
from policies.reasoner.model_folder import CLOSER as CLOSER_WEIGHTS
from policies.reasoner.model_folder import WEIGHTS, ReasonerModel, network_config, save_model
from policies.reasoner.network import Net, ReasonerNet, ReasonerNetConfig
from policies.reasoner.proposals import Proposals, propose
from policies.reasoner.scene_samples import SceneViews
from policies.reasoner.train_network import ReasonerTraining, train_network
from policies.training_state import format_metrics
from robotics.errors import CheckpointError, UnknownNameError
from robotics.reasoning.scenes.folder import SceneFolder

_DEBUG_NETWORK = ReasonerNetConfig(stem=(8, 8), channels=(8, 8, 8), blocks=(1, 1, 1), fine=16)
CLOSER = "closer"
"""Folder in a run's folder with the training of the closer look."""
_FIRST_PART = 0.65
"""Of the CPU time, for the first look."""


@dataclass(frozen=True)
class Preset:
    """How both networks are trained."""

    first: ReasonerTraining
    closer: CloserTraining


PRESETS: dict[str, Preset] = {
    "default": Preset(ReasonerTraining(), CloserTraining()),
    "debug": Preset(
        ReasonerTraining(steps=4, batch=2, warm_up=1, network=_DEBUG_NETWORK, log_every=1, save_every=2),
        CloserTraining(
            steps=4,
            views=2,
            warm_up=1,
            network=CloserNetConfig((8, 8, 8, 8), (1, 1, 1), 16),
            log_every=1,
            save_every=2,
        ),
    ),
}


def preset(name: str) -> Preset:
    """
    Raises:
        UnknownNameError: There is no such preset.
    """
    if name not in PRESETS:
        raise UnknownNameError("preset", name, PRESETS)
    return PRESETS[name]


def train_reasoner(
    data: Sequence[Path],
    held_out: Path,
    out: Path,
    training: Preset,
    cpu_hours: float = float("inf"),
    start_from: Path | None = None,
    views: int = 400,
    command: str = "",
    say: Callable[[str], None] = print,
) -> ReasonerModel:
    """Train both networks, or go on where `out` stopped, and write the checkpoint into `out`.

    Args:
        data: Folders of scenes to learn from.
        held_out: Scenes for the numbers on the way and for calibration.
        start_from: Folder of another run, or a checkpoint, whose weights a new run begins with.
        views: Of the held-out scenes, to calibrate with.

    Raises:
        CheckpointError: `start_from` is neither.
    """
    scenes, shown = SceneFolder(held_out), SceneViews(data)
    weights = None
    if start_from is not None:
        weights = _weights_in(start_from, (AVERAGE, WEIGHTS))
        if weights is None:
            raise CheckpointError(f"no training state in '{start_from}' (wanted {AVERAGE} or {WEIGHTS})")
    started = time.process_time()
    net = train_network(
        shown,
        training.first,
        out,
        cpu_hours * 3600 * _FIRST_PART,
        evaluate=lambda net: detection_scores(ReasonerModel(net), scenes, max(1, views // 4)),
        say=say,
        start_from=weights,
    )
    say("closer look")
    proposals = _proposals(net, shown, training.closer.proposals, out, say)
    closer = train_closer(
        shown,
        SceneViews([held_out]),
        training.closer,
        out / CLOSER,
        cpu_hours * 3600 - (time.process_time() - started),
        say=say,
        start_from=_weights_in(start_from, (f"{CLOSER}/{AVERAGE}", CLOSER_WEIGHTS)) if start_from else None,
        proposals=proposals,
    )
    return finish(net, closer, scenes, out, views, provenance_of(data, training, command), say)


def _proposals(
    net: ReasonerNet, views: SceneViews, count: int, out: Path, say: Callable[[str], None]
) -> Proposals:
    """Those of an interrupted run, or new ones."""
    path = out / "proposals.npz"
    if not path.exists():
        propose(net, views, count, say).save(path)
    return Proposals.load(path)


def _weights_in(folder: Path, names: Sequence[str]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def finish(
    net: ReasonerNet,
    closer: CloserNet | None,
    scenes: SceneFolder,
    out: Path,
    views: int,
    provenance: dict[str, Any],
    say: Callable[[str], None] = print,
) -> ReasonerModel:
    """Calibrate trained networks on held-out scenes and write their checkpoint."""
    model = ReasonerModel(net.eval(), closer=closer)
    match, metrics = calibrate(model, scenes, views)
    say("presence: " + format_metrics(metrics))
    model = replace(model, match=match, provenance={**provenance, "held out": metrics})
    save_model(out, model)
    say("held out: " + format_metrics(detection_scores(model, scenes, views)))
    return model


def provenance_of(data: Sequence[Path], training: Preset, command: str) -> dict[str, Any]:
    """Where a model comes from, for its config."""
    return {
        "scenes": [
            {
                key: value
                for key, value in SceneFolder(folder).about.items()
                if key not in ("command", "software")
            }
            for folder in data
        ],
        "steps": training.first.steps,
        "batch": training.first.batch,
        "seed": training.first.seed,
        "closer steps": training.closer.steps,
        "command": command,
        "git_commit": git_commit(),
    }


def average_of(run: Path) -> tuple[ReasonerNet, int]:
    """The moving average of a run's weights as they were saved last, and after how many steps.

    Raises:
        CheckpointError: There is no run, or it is damaged.
    """
    return _average(run, lambda table: ReasonerNet(network_config(table)))


def average_of_closer(run: Path) -> tuple[CloserNet, int]:
    """The same of the closer look.

    Raises:
        CheckpointError: There is no run, or it is damaged.
    """
    return _average(run / CLOSER, lambda table: CloserNet(closer_config(table)))


def _average(run: Path, build: Callable[[dict[str, Any]], Net]) -> tuple[Net, int]:
    try:
        net = build(json.loads((run / "training.json").read_text())["network"])
        tensors = load_file(run / AVERAGE)
        prefix = "module.module."
        net.load_state_dict({n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)})
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise CheckpointError(f"no usable training state in '{run}': {str(error).splitlines()[0]}") from error
    return net.eval(), int(torch.as_tensor(tensors["step"]))


def with_changes(training: Preset, steps: int | None, closer_steps: int | None, seed: int | None) -> Preset:
    """Instead of the preset's."""
    first, closer = training.first, training.closer
    return Preset(
        replace(
            first,
            steps=first.steps if steps is None else steps,
            seed=first.seed if seed is None else seed,
        ),
        replace(
            closer,
            steps=closer.steps if closer_steps is None else closer_steps,
            seed=closer.seed if seed is None else seed,
        ),
    )
