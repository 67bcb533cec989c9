"""Second stage of training: the action decoder learns chunks from the trained backbone's contexts."""

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from policies.backbone import Backbone, Context, JointGoals
from policies.batch import FrameSampler
from policies.condition import JointFeatures, build_condition
from policies.decoder import ActionDecoder
from policies.demonstration_frames import Demonstrations
from policies.normalisation import Normaliser, Statistics
from policies.train_backbone import learning_rate_at
from policies.training_state import format_metrics, load_training, save_training
from policies.variation import Variant, Variations
from robotics.kinematics.mirror import Mirror


@dataclass(frozen=True)
class DecoderTraining:
    """How the decoder is trained."""

    steps: int = 20000
    """Optimiser steps."""
    batch: int = 256
    """Rows per step."""
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: int = 200
    least_point_noise: float = 0.003
    """Noise is added to every grounded point, as wide as the camera's error on held-out scenes (the errors on
    those that it was trained on are smaller): standard deviation, as a share of the distance, at least."""
    joint_noise: float = 0.004
    """Standard deviation added to measured joints [rad]."""
    blind: float = 0.1
    """Probability that a camera's points are hidden from the decoder."""
    colours: float = 0.6
    """Probability that the colours in a sentence are exchanged: they have no say in the motion."""
    mirrored: float = 0.5
    """Probability that a row is mirrored, where the robot has a mirror image."""
    ema: float = 0.999
    """Decay of the weights' moving average, which is what is kept."""
    save_every: int = 1000
    """Steps between two saves of the training state."""
    seed: int = 0

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1:
            raise ValueError(f"'steps' and 'batch' must be at least 1, got {self.steps} and {self.batch}")


@torch.no_grad()
def ground_all_frames(
    backbone: Backbone, sampler: FrameSampler, report: Callable[[int, int, str], None], batch: int = 64
) -> Context:
    """Context of every frame, (frame, ...), as the decoder will see it; the text is left per episode."""
    backbone.eval()
    demos = sampler.demonstrations
    frames = np.arange(len(demos.frame_row))
    parts: list[Context] = []
    for start in range(0, len(frames), batch):
        chosen = frames[start : start + batch]
        with torch.autocast(sampler.device.type, dtype=torch.bfloat16):
            text = sampler.encode_text(chosen)
        text = text.float()
        images, poses = {}, {}
        for camera in backbone.config.cameras:
            one = sampler.batch(camera, chosen)
            images[camera], poses[camera] = one.images, one.pose
        parts.append(backbone.context(images, poses, text))
        if start // batch % 20 == 0:
            report(start, len(frames), "grounding all frames")
    return Context(
        torch.cat([p.points for p in parts]),
        torch.cat([p.confidence for p in parts]),
        torch.cat([p.rotation_axes for p in parts]),
        torch.cat([p.text for p in parts]),
    )


def measure_point_noise(
    demos: Demonstrations, context: Context, cameras: Sequence[str], held_out: np.ndarray, least: float
) -> np.ndarray:
    """Standard deviation of each camera's grounded points, as a share of their distance from it, (camera,).

    A point's error grows with its distance from the camera, because an error of a pixel does.

    Args:
        held_out: bool (episode,): the scenes whose errors are taken; without any all are `least`.
        least: Lower bound; the upper one is 0.1.
    """
    frames = np.nonzero(held_out[demos.frame_episode])[0]
    rows = demos.frame_row[frames]
    noise = np.full(len(cameras), least)
    for index, camera in enumerate(cameras):
        points = context.points[frames, index].cpu().numpy()  # (frame, point, 3)
        seen = (context.confidence[frames, index].cpu().numpy() > 0.5) & demos.point_known[rows]
        distance = np.linalg.norm(points - demos.camera_position[camera][frames][:, None], axis=-1)
        share = np.linalg.norm(points - demos.point[rows], axis=-1) / distance.clip(1e-3)
        if seen.any():
            # the length of a three-dimensional normal error has its median at 1.54 standard deviations
            noise[index] = np.clip(np.median(share[seen]) / 1.54, least, 0.1)
    return noise


def gather_chunks(demos: Demonstrations, rows: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Action targets (n, horizon, action_dim) from rows on, and weights (n, horizon).

    Beyond the end the last action is repeated: a demonstration ends at rest, so that this is true; it
    weighs less than real steps.
    """
    index = rows[:, None] + np.arange(horizon)
    end = demos.episode_end[rows][:, None]
    mask = np.where(index < end, 1.0, 0.3)
    return demos.action[np.minimum(index, end - 1)], mask


class RowSampler:
    """Batches of (condition, normalised chunk, mask) for rows of demonstrations."""

    def __init__(
        self,
        demos: Demonstrations,
        context: Context,
        normaliser: Normaliser,
        grippers: list[int],
        horizon: int,
        device: torch.device,
        cameras: Sequence[str],
        point_noise: np.ndarray,
        variations: Variations,
        text: Tensor,
    ):
        """
        Args:
            cameras: Names, in the context's order.
            point_noise: As `measure_point_noise` returns it.
            text: Sentence features, (variant, episode, text_dim).
        """
        self._demos, self._context, self._normaliser = demos, context, normaliser
        self._variations, self._text = variations, text.cpu()
        mirror = variations.mirror
        if mirror:
            self._mirrored_camera = [list(cameras).index(mirror.cameras[camera]) for camera in cameras]
        positions = np.stack([demos.camera_position[camera] for camera in cameras], 1)  # (frame, camera, 3)
        distance = np.linalg.norm(context.points.cpu().numpy() - positions[:, :, None], axis=-1)
        self._noise_m = distance * point_noise[:, None]  # (frame, camera, point)
        self.grippers, self._horizon, self._device = grippers, horizon, device
        self.chunk_std = normaliser.statistics.chunk_std
        order = np.argsort(demos.frame_row, kind="stable")
        at = np.searchsorted(demos.frame_row[order], np.arange(len(demos.row_episode)), side="right") - 1
        self.frame_of_row = order[np.maximum(at, 0)]  # newest frame of each row
        stale = demos.row_episode[demos.frame_row[self.frame_of_row]] != demos.row_episode
        self.usable = ~stale

    def batch(
        self, rows: np.ndarray, rng: np.random.Generator | None, config: DecoderTraining
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Condition (batch, condition_dim), chunk (batch, horizon, action_dim), mask (batch, horizon)."""
        demos, episodes = self._demos, self._demos.row_episode[rows]
        variant = Variant.none(len(rows))
        if rng is not None:
            variant = self._variations.draw(episodes, rng, colours=config.colours, mirrored=config.mirrored)
        targets, mask = gather_chunks(demos, rows, self._horizon)
        moment = self._mirror(variant.mirrored, self._moment(rows, targets))
        position, gripper_target, targets, tool_position, tool_rotation, points, confidence, axes, *goals = (
            torch.as_tensor(part, dtype=torch.float32) for part in moment
        )
        measured = position
        if rng is not None:
            spread = self._noise_m[self.frame_of_row[rows]]  # (batch, camera, point)
            noise = rng.normal(0, 1, points.shape) * self._mirror_cameras(variant.mirrored, spread)[..., None]
            hidden = rng.random(confidence.shape[:2]) < config.blind
            points = points + torch.as_tensor(noise, dtype=torch.float32)
            confidence = confidence * torch.as_tensor(~hidden, dtype=torch.float32)[..., None]
            jitter = rng.normal(0, config.joint_noise, position.shape)
            measured = position + torch.as_tensor(jitter, dtype=torch.float32)
        context = Context(points, confidence, axes, self._text[variant.index, episodes], JointGoals(*goals))
        joints = JointFeatures(
            self._normaliser.joints(measured), measured, gripper_target, tool_position, tool_rotation
        )
        chunk = self._normaliser.chunk(targets, position)
        condition = build_condition(joints, context, self.grippers)
        weights = torch.as_tensor(mask, dtype=torch.float32)
        return condition.to(self._device), chunk.to(self._device), weights.to(self._device)

    def _moment(self, rows: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, ...]:
        """What the rows' conditions and chunks are made of, as recorded."""
        demos, context, frame = self._demos, self._context, self.frame_of_row[rows]
        goals = context.joint_goals
        assert goals is not None
        return (
            demos.position[rows],
            demos.target[rows][:, self.grippers],
            targets,
            demos.tool_position[rows],
            demos.tool_rotation[rows],
            context.points[frame].cpu().numpy(),
            context.confidence[frame].cpu().numpy(),
            context.rotation_axes[frame].cpu().numpy(),
            goals.point[frame].numpy(),
            goals.position[frame].numpy(),
            goals.derivative[frame].numpy(),
        )

    def _mirror(self, mirrored: np.ndarray, moment: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
        """The same parts with some rows as the robot's mirror image would have met them."""
        mirror = self._variations.mirror
        if mirror is None or not mirrored.any():
            return moment
        position, gripper_target, targets, tool_position, tool_rotation, points, confidence, axes, *goals = (
            moment
        )
        goal_point, goal_position, goal_derivative = goals
        axis_vectors = axes.reshape(*axes.shape[:-1], 2, 3)
        other = (
            mirror.joints(position),
            gripper_target[:, ::-1],
            mirror.joints(targets),
            mirror.points(tool_position)[:, ::-1],
            mirror.tool_rotations(tool_rotation)[:, ::-1],
            mirror.points(points)[:, self._mirrored_camera],
            confidence[:, self._mirrored_camera],
            (mirror.points(axis_vectors) * mirror.tool_sign[:2, None]).reshape(axes.shape),
            mirror.points(goal_point),
            mirror.joints(goal_position),
            mirror.derivatives(goal_derivative),
        )
        return tuple(
            np.where(mirrored.reshape(-1, *[1] * (b.ndim - 1)), a, b)
            for a, b in zip(other, moment, strict=True)
        )

    def _mirror_cameras(self, mirrored: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Values (batch, camera, ...) in the order of the mirrored cameras where a row is mirrored."""
        if not mirrored.any():
            return values
        return np.where(mirrored[:, None, None], values[:, self._mirrored_camera], values)


def compute_statistics(
    demos: Demonstrations, grippers: list[int], horizon: int, seed: int, mirror: Mirror | None
) -> Statistics:
    """From at most 20,000 rows and their mirror images, after the transform that the decoder sees."""
    rng = np.random.default_rng([seed, 5])
    rows = rng.permutation(len(demos.row_episode))[:20_000]
    gripper = np.zeros(demos.position.shape[1], bool)
    gripper[grippers] = True
    targets, mask = gather_chunks(demos, rows, horizon)
    position = demos.position[rows]
    if mirror:
        position, targets = (np.concatenate([part, mirror.joints(part)]) for part in (position, targets))
        mask = np.concatenate([mask, mask])
    return Statistics.compute(position, targets - (position * ~gripper)[:, None], mask, gripper)


def train_decoder(
    decoder: ActionDecoder,
    demos: Demonstrations,
    sampler: RowSampler,
    held_out: np.ndarray,
    config: DecoderTraining,
    folder: Path,
    device: torch.device,
    report: Callable[[int, int, str], None],
    stop_after_s: float = math.inf,
) -> bool:
    """Train in place (the moving average is what stays in `decoder`), resuming from `folder`.

    Returns:
        Whether all steps are done.
    """
    started = time.monotonic()
    decoder.to(device)
    average = torch.optim.swa_utils.AveragedModel(
        decoder, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(config.ema)
    )
    both = torch.nn.ModuleDict({"now": decoder, "average": average})
    optimiser = torch.optim.AdamW(
        decoder.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    state = folder / "decoder.training.safetensors"
    done = load_training(state, both, optimiser) if state.is_file() else 0
    allowed = sampler.usable & ~held_out[demos.row_episode]
    tasks = np.unique(demos.tasks, return_inverse=True)[1][demos.row_episode]
    weights = allowed.astype(float)
    for task in np.unique(tasks):
        weights[tasks == task] /= max(weights[tasks == task].sum(), 1)
    cumulative = np.cumsum(weights / weights.sum())
    loss_average = 0.0
    finished = True
    for step in range(done, config.steps):
        rng = np.random.default_rng([config.seed, 1, step])
        torch.manual_seed(int(rng.integers(2**31)))
        for group in optimiser.param_groups:
            group["lr"] = learning_rate_at(step, config.steps, config.warmup, config.learning_rate)
        decoder.train()
        rows = np.minimum(np.searchsorted(cumulative, rng.random(config.batch)), len(weights) - 1)
        condition, chunk, mask = sampler.batch(rows, rng, config)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            loss = decoder.loss(chunk, condition, mask)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(decoder.parameters(), 1.0)
        optimiser.step()
        average.update_parameters(decoder)
        loss_average = loss.item() if step == done else 0.99 * loss_average + 0.01 * loss.item()
        last = step + 1 == config.steps
        out_of_time = time.monotonic() - started > stop_after_s
        if (step + 1) % 100 == 0 or last or out_of_time:
            line = f"flow loss {loss_average:.4f}"
            if (step + 1) % config.save_every == 0 or last or out_of_time:
                save_training(state, both, optimiser, step + 1)
                metrics = evaluate_decoder(average.module, demos, sampler, held_out, config, device)
                line += "  | held out: " + format_metrics(metrics)
                with (folder / "decoder.log.jsonl").open("a") as log:
                    log.write(json.dumps({"step": step + 1, "flow loss": loss_average, **metrics}) + "\n")
            report(step + 1, config.steps, line)
        if out_of_time and not last:
            finished = False
            break
    decoder.load_state_dict(average.module.state_dict())
    decoder.eval()
    return finished


@torch.no_grad()
def evaluate_decoder(
    decoder: torch.nn.Module,
    demos: Demonstrations,
    sampler: RowSampler,
    held_out: np.ndarray,
    config: DecoderTraining,
    device: torch.device,
    most: int = 1024,
) -> dict[str, float]:
    """Held-out chunk error by step, mean absolute over arm joints [rad], against the demonstrator."""
    assert isinstance(decoder, ActionDecoder)
    decoder.eval()
    rows = np.nonzero(held_out[demos.row_episode] & sampler.usable)[0]
    if not len(rows):
        return {}
    rows = np.random.default_rng(0).permutation(rows)[:most]
    condition, chunk, mask = sampler.batch(rows, None, config)
    noise = torch.randn(chunk.shape, generator=torch.Generator().manual_seed(0)).to(device)
    spread = torch.as_tensor(sampler.chunk_std, dtype=torch.float32, device=device)
    error = (decoder.decode(condition, noise) - chunk).abs() * spread * (mask[..., None] == 1)
    arm = [i for i in range(chunk.shape[-1]) if i not in sampler.grippers]
    count = (mask == 1).sum(0).clamp_min(1)
    by_step = (error[..., arm].mean(-1).sum(0) / count).cpu().numpy()
    gripper = (error[..., sampler.grippers].mean(-1).sum(0) / count).cpu().numpy()
    last = len(by_step) - 1
    return {
        "step 0 rad": float(by_step[0]),
        f"step {last // 3} rad": float(by_step[last // 3]),
        f"step {last} rad": float(by_step[last]),
        "gripper": float(gripper[: last // 3 + 1].mean()),
    }
