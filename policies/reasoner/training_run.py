"""From scene folders to a checkpoint of the embedded model: training, calibration, writing."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from policies.checkpoint import git_commit
from policies.reasoner.calibrating import calibrate, detection_scores
from policies.reasoner.model_folder import WEIGHTS, ReasonerModel, network_config, save_model
from policies.reasoner.network import ReasonerNet, ReasonerNetConfig
from policies.reasoner.scene_samples import SceneViews
from policies.reasoner.text_encoder import TextEncoderConfig
from policies.reasoner.train_network import AVERAGE, ReasonerTraining, train_network
from policies.training_state import format_metrics
from robotics.errors import CheckpointError, UnknownNameError
from robotics.reasoning.scenes.folder import SceneFolder

_DEBUG_NETWORK = ReasonerNetConfig(
    stem=(8, 8), channels=(8, 8, 8), blocks=(1, 1, 1), fine=16, text=TextEncoderConfig(buckets=64, width=16)
)
PRESETS: dict[str, ReasonerTraining] = {
    "default": ReasonerTraining(),
    "debug": ReasonerTraining(
        steps=4, batch=2, phrases=8, warm_up=1, network=_DEBUG_NETWORK, log_every=1, save_every=2
    ),
}


def preset(name: str) -> ReasonerTraining:
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
    training: ReasonerTraining,
    cpu_hours: float = float("inf"),
    start_from: Path | None = None,
    views: int = 400,
    command: str = "",
    say: Callable[[str], None] = print,
) -> ReasonerModel:
    """Train, or go on where `out` stopped, and write the checkpoint into `out`.

    Args:
        data: Folders of scenes to learn from.
        held_out: Scenes for the numbers on the way and for calibration.
        start_from: Folder of another run, or a checkpoint, whose weights a new run begins with.
        views: Of the held-out scenes, to calibrate with.

    Raises:
        CheckpointError: `start_from` is neither.
    """
    scenes = SceneFolder(held_out)
    weights = None
    if start_from is not None:
        weights = next((p for n in (AVERAGE, WEIGHTS) if (p := start_from / n).is_file()), None)
        if weights is None:
            raise CheckpointError(f"no training state in '{start_from}' (wanted {AVERAGE} or {WEIGHTS})")
    net = train_network(
        SceneViews(data),
        training,
        out,
        cpu_hours * 3600,
        evaluate=lambda net: detection_scores(ReasonerModel(net), scenes, max(1, views // 4)),
        say=say,
        start_from=weights,
    )
    return finish(net, scenes, out, views, provenance_of(data, training, command), say)


def finish(
    net: ReasonerNet,
    scenes: SceneFolder,
    out: Path,
    views: int,
    provenance: dict[str, Any],
    say: Callable[[str], None] = print,
) -> ReasonerModel:
    """Calibrate a trained network on held-out scenes and write its checkpoint."""
    model = ReasonerModel(net.eval())
    match, metrics = calibrate(model, scenes, views)
    say("presence: " + format_metrics(metrics))
    model = ReasonerModel(net, match, {**provenance, "held out": metrics})
    save_model(out, model)
    say("held out: " + format_metrics(detection_scores(model, scenes, views)))
    return model


def provenance_of(data: Sequence[Path], training: ReasonerTraining, command: str) -> dict[str, Any]:
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
        "steps": training.steps,
        "batch": training.batch,
        "seed": training.seed,
        "command": command,
        "git_commit": git_commit(),
    }


def average_of(run: Path) -> tuple[ReasonerNet, int]:
    """The moving average of a run's weights as they were saved last, and after how many steps.

    Raises:
        CheckpointError: There is no run, or it is damaged.
    """
    try:
        config = network_config(json.loads((run / "training.json").read_text())["network"])
        tensors = load_file(run / AVERAGE)
        net = ReasonerNet(config)
        prefix = "module.module."
        net.load_state_dict({n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)})
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise CheckpointError(f"no usable training state in '{run}': {str(error).splitlines()[0]}") from error
    return net.eval(), int(torch.as_tensor(tensors["step"]))


def with_changes(training: ReasonerTraining, steps: int | None, seed: int | None) -> ReasonerTraining:
    """Instead of the preset's."""
    return replace(
        training,
        steps=training.steps if steps is None else steps,
        seed=training.seed if seed is None else seed,
    )
