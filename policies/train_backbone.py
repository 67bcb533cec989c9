"""First stage of training: the backbone learns to ground instructions, supervised by hindsight."""

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from policies.backbone import Backbone, lift
from policies.batch import CameraBatch, FrameSampler
from policies.demonstration_frames import Demonstrations
from policies.grounding import grounding_loss
from policies.training_state import format_metrics, load_training, save_training
from policies.variation import Variations

WEIGHTS = {"heat": 1.0, "offset": 1.0, "depth": 0.5, "rotation": 1.0}


@dataclass(frozen=True)
class BackboneTraining:
    """How the backbone is trained."""

    steps: int = 6000
    """Optimiser steps."""
    batch: int = 32
    """Frames per step and kind of camera."""
    learning_rate: float = 1.5e-3
    weight_decay: float = 0.01
    warmup: int = 200
    """Steps of linear warm-up; cosine decay afterwards."""
    shift_pixels: int = 24
    """Random shift of the pictures; labels move along."""
    colours: float = 0.6
    """Probability that a picture's colours are exchanged, and the sentence's words with them; with 0 things
    that differ in colour only do not change roles either."""
    mirrored: float = 0.5
    """Probability that picture and sentence are mirrored, where the robot has a mirror image."""
    save_every: int = 500
    """Steps between two saves of the training state."""
    seed: int = 0

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1:
            raise ValueError(f"'steps' and 'batch' must be at least 1, got {self.steps} and {self.batch}")


def learning_rate_at(step: int, steps: int, warmup: int, peak: float) -> float:
    """Linear warm-up, then cosine to 2 % of the peak."""
    if step < warmup:
        return peak * (step + 1) / warmup
    return peak * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup))))


def train_backbone(
    backbone: Backbone,
    demonstrations: Demonstrations,
    variations: Variations,
    held_out: np.ndarray,
    config: BackboneTraining,
    folder: Path,
    device: torch.device,
    report: Callable[[int, int, str], None],
    stop_after_s: float = math.inf,
) -> bool:
    """Train in place, resuming from `folder` where a state lies there.

    Args:
        held_out: bool (episode,): never trained on; their errors are reported.
        report: Called with (steps done, steps in all, one line of metrics).
        stop_after_s: Wall time after which to save and return early.

    Returns:
        Whether all steps are done.
    """
    started = time.monotonic()
    backbone.to(device)
    optimiser = torch.optim.AdamW(
        backbone.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    state = folder / "backbone.training.safetensors"
    done = load_training(state, backbone, optimiser) if state.is_file() else 0
    sampler = FrameSampler(backbone, demonstrations, variations, config.shift_pixels, device)
    train_frames = ~held_out[demonstrations.frame_episode]
    weights = sampler.frame_weights(train_frames)
    networks = list(backbone.networks)
    averages: dict[str, float] = {}
    for step in range(done, config.steps):
        rng = np.random.default_rng([config.seed, step])
        for group in optimiser.param_groups:
            group["lr"] = learning_rate_at(step, config.steps, config.warmup, config.learning_rate)
        backbone.train()
        losses: dict[str, Tensor] = {}
        frames = rng.choice(len(weights), config.batch, p=weights)
        variant = variations.draw(
            demonstrations.frame_episode[frames],
            rng,
            colours=config.colours,
            mirrored=config.mirrored,
            reversible=sampler.reversible[frames] if config.colours > 0 else None,
        )
        with torch.autocast(device.type, dtype=torch.bfloat16):
            text = sampler.encode_text(frames, variant)
            for network in networks:
                cameras = [c for c, n in backbone.config.cameras.items() if n == network]
                camera = cameras[rng.integers(len(cameras))]
                batch = sampler.batch(camera, frames, rng, variant)
                net = backbone.network_of(camera)
                maps = net(batch.images, text + batch.view, batch.shift)
                for name, value in grounding_loss(net, maps, batch.labels).items():
                    losses[f"{network}/{name}"] = value
        loss = torch.stack([value * WEIGHTS[name.split("/")[1]] for name, value in losses.items()]).sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(backbone.parameters(), 2.0)
        optimiser.step()
        for name, value in losses.items():
            averages[name] = 0.98 * averages.get(name, value.item()) + 0.02 * value.item()
        last = step + 1 == config.steps
        out_of_time = time.monotonic() - started > stop_after_s
        if (step + 1) % 50 == 0 or last or out_of_time:
            line = format_metrics(averages)
            if (step + 1) % config.save_every == 0 or last or out_of_time:
                save_training(state, backbone, optimiser, step + 1)
                metrics = evaluate_backbone(backbone, sampler, held_out)
                line += "  | held out: " + format_metrics(metrics)
                with (folder / "backbone.log.jsonl").open("a") as log:
                    log.write(json.dumps({"step": step + 1, **averages, **metrics}) + "\n")
            report(step + 1, config.steps, line)
        if out_of_time and not last:
            return False
    backbone.eval()
    return True


@torch.no_grad()
def evaluate_backbone(
    backbone: Backbone, sampler: "FrameSampler", held_out: np.ndarray, most: int = 256
) -> dict[str, float]:
    """Median and 90th percentile world error [mm] of object and goal on held-out frames, by camera.

    The object counts before it is held (later it is where the gripper is).
    """
    backbone.eval()
    demos = sampler.demonstrations
    candidates = np.nonzero(held_out[demos.frame_episode])[0]
    if not len(candidates):
        return {}
    frames = np.random.default_rng(0).permutation(candidates)[:most]
    metrics: dict[str, float] = {}
    text = sampler.encode_text(frames)
    for camera in backbone.config.cameras:
        batch: CameraBatch = sampler.batch(camera, frames)
        grounded = backbone.network_of(camera).ground(batch.images, text + batch.view)
        world = lift(grounded.pixel, grounded.depth_m, batch.pose).cpu().numpy()
        rows = demos.frame_row[frames]
        error = np.linalg.norm(world - demos.point[rows], axis=-1) * 1000  # (frame, point) [mm]
        seen = batch.labels.in_view.cpu().numpy() & demos.point_known[rows]
        seen[:, 0] &= sampler.before_grasp[frames]
        for point, name in enumerate(("object", "goal")):
            if seen[:, point].any():
                metrics[f"{camera}/{name} p50 mm"] = float(np.median(error[seen[:, point], point]))
                metrics[f"{camera}/{name} p90 mm"] = float(np.quantile(error[seen[:, point], point], 0.9))
        wrong = (grounded.confidence.cpu().numpy() > 0.5) != batch.labels.in_view.cpu().numpy()
        metrics[f"{camera}/presence error"] = float(wrong.mean())
    return metrics
