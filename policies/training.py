"""Train a policy from recorded demonstrations: grounding first, then actions; resumable."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from policies.backbone import Backbone, BackboneConfig
from policies.batch import FrameSampler
from policies.checkpoint import Checkpoint, Provenance, git_commit, load_checkpoint, save_checkpoint
from policies.condition import condition_dim, find_joint_goals
from policies.decoder import ActionDecoder, DecoderConfig
from policies.demonstration_frames import Demonstrations, load_demonstrations, split_episodes
from policies.grounding import GroundingConfig
from policies.normalisation import Normaliser
from policies.train_backbone import BackboneTraining, train_backbone
from policies.train_decoder import (
    DecoderTraining,
    RowSampler,
    compute_statistics,
    ground_all_frames,
    measure_point_noise,
    train_decoder,
)
from policies.variation import Variations
from robotics.embodiment import Embodiment
from robotics.kinematics.mirror import find_mirror
from robotics.kinematics.reach import Reach


@dataclass(frozen=True)
class TrainingConfig:
    """One training run."""

    backbone: BackboneTraining = field(default_factory=BackboneTraining)
    decoder: DecoderTraining = field(default_factory=DecoderTraining)
    horizon: int = 50
    """Chunk steps."""
    width: int = 160
    """Width of the decoder."""
    layers: int = 3
    """Layers of the decoder."""
    frame_stride: int = 3
    """Every so many recorded frames one is trained on."""
    held_out: float = 0.04
    """Share of episodes kept for validation."""
    small: bool = False
    """Tiny networks, for tests."""
    seed: int = 0

    @staticmethod
    def preset(name: str) -> "TrainingConfig":
        """`default`, or `debug`: a test trains it two steps and resumes it for two.

        Raises:
            UnknownNameError: No such preset.
        """
        if name == "default":
            return TrainingConfig()
        if name == "debug":
            return TrainingConfig(
                backbone=BackboneTraining(steps=2, batch=4, warmup=1, save_every=1),
                decoder=DecoderTraining(steps=2, batch=8, warmup=1, save_every=1),
                horizon=25,
                width=32,
                layers=1,
                held_out=0.5,
                small=True,
            )
        from robotics.errors import UnknownNameError

        raise UnknownNameError("preset", name, ("default", "debug"))


def backbone_config(embodiment: Embodiment, small: bool) -> BackboneConfig:
    """Cameras named wrist* share one network; `overhead` (or the first other camera) has the other."""
    wrists = [name for name in embodiment.camera_names if name.startswith("wrist")]
    others = [name for name in embodiment.camera_names if name not in wrists]
    scene = "overhead" if "overhead" in others else others[0]
    if small:
        scene_net = GroundingConfig(48, 64, 0.9, 0.1, channels=16, fine_channels=8, dilations=(1,))
        wrist_net = GroundingConfig(48, 64, 0.2, 0.1, channels=16, fine_channels=8, dilations=(1,))
    else:
        scene_net = GroundingConfig(184, 240, depth_centre_m=1.0, depth_scale_m=0.05)
        wrist_net = GroundingConfig(
            120, 160, depth_centre_m=0.2, depth_scale_m=0.1, channels=64, fine_channels=32
        )
    networks = {"scene": scene_net, **({"wrist": wrist_net} if wrists else {})}
    return BackboneConfig({scene: "scene", **{name: "wrist" for name in wrists}}, networks)


def train(
    datasets: list[Path],
    embodiment: Embodiment,
    folder: Path,
    config: TrainingConfig,
    *,
    start_from: Path | None = None,
    cache: Path | None = None,
    hours: float = float("inf"),
    report: Callable[[str, int, int, str], None] | None = None,
) -> bool:
    """Train and write a checkpoint folder; calling it again resumes exactly where it stopped.

    Args:
        folder: Checkpoint folder; training states lie in its subfolder `training`.
        start_from: Checkpoint whose weights to start from (fine-tuning).
        cache: Where decoded frames are kept; default `folder/training/cache`.
        hours: Wall time after which to save, write the checkpoint as it is, and return.

    Returns:
        Whether all steps are done.
    """
    deadline = time.monotonic() + hours * 3600
    say = report or (lambda stage, done, total, line: print(f"{stage} {done}/{total}  {line}", flush=True))
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(config.seed)
    training = folder / "training"
    training.mkdir(parents=True, exist_ok=True)
    commands = _remember_command(training / "commands.txt")
    start = load_checkpoint(start_from) if start_from else None
    if start:
        commands = (*start.provenance.commands, *commands)
    backbone = (
        start.backbone.requires_grad_(True) if start else Backbone(backbone_config(embodiment, config.small))
    )
    backbone.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    sizes = {camera: backbone.size_of(camera) for camera in backbone.config.cameras}
    demos = load_demonstrations(
        datasets, embodiment, sizes, stride=config.frame_stride, cache=cache or training / "cache"
    )
    held_out = split_episodes(demos, config.held_out, config.seed)
    say("data", len(demos.instructions), len(demos.instructions), _describe(demos))
    mirror = find_mirror(embodiment)
    if mirror and any(mirror.cameras.get(camera) not in sizes for camera in sizes):
        mirror = None
    variations = Variations(demos.instructions, mirror)
    finished = train_backbone(
        backbone,
        demos,
        variations,
        held_out,
        config.backbone,
        training,
        device,
        lambda done, total, line: say("backbone", done, total, line),
        deadline - time.monotonic(),
    )
    if not finished:
        return False
    sampler = FrameSampler(backbone, demos, variations, 0, device)
    context = ground_all_frames(
        backbone, sampler, lambda done, total, line: say("context", done, total, line)
    )
    say("context", len(context.points), len(context.points), "finding the joints that reach its points")
    context = find_joint_goals(context, Reach(embodiment))
    grippers = list(embodiment.gripper_indices.values())
    statistics = (
        start.statistics
        if start
        else compute_statistics(demos, grippers, config.horizon, config.seed, mirror)
    )
    if suspicious := statistics.suspicious(embodiment.action_names):
        say("data", 0, 0, f"hardly moving in these demonstrations: {', '.join(suspicious)}")
    decoder_config = DecoderConfig(
        embodiment.action_dim,
        condition_dim(
            embodiment.action_dim, len(embodiment.arm), len(sizes), backbone.config.text.output_dim
        ),
        horizon=config.horizon,
        width=config.width,
        layers=config.layers,
        text_dim=backbone.config.text.output_dim,
    )
    decoder = start.decoder.requires_grad_(True) if start else ActionDecoder(decoder_config)
    point_noise = measure_point_noise(demos, context, list(sizes), held_out, config.decoder.least_point_noise)
    shares = ", ".join(f"{c} {100 * n:.1f} %" for c, n in zip(sizes, point_noise, strict=True))
    say("data", 0, 0, f"grounded points get noise, of their distance: {shares}")
    rows = RowSampler(
        demos,
        context,
        Normaliser(statistics),
        grippers,
        config.horizon,
        device,
        list(sizes),
        point_noise,
        variations,
        sampler.encode_all(),
    )
    finished = train_decoder(
        decoder,
        demos,
        rows,
        held_out,
        config.decoder,
        training,
        device,
        lambda done, total, line: say("decoder", done, total, line),
        deadline - time.monotonic(),
    )
    provenance = Provenance(
        demos.identities, tuple(sorted(set(demos.tasks))), commands, git_commit(), config.seed
    )
    checkpoint = Checkpoint(
        backbone.cpu(),
        decoder.cpu(),
        statistics,
        (embodiment.interface_fingerprint,),
        embodiment.name,
        provenance,
    )
    save_checkpoint(folder, checkpoint)
    return finished


def _remember_command(path: Path) -> tuple[str, ...]:
    """All command lines that have worked on this training, this one the last, each after its commit."""
    command = f"{git_commit() or 'no-commit'} {' '.join([Path(sys.argv[0]).name, *sys.argv[1:]])}"
    before = path.read_text().splitlines() if path.is_file() else []
    if not before or before[-1] != command:
        path.write_text("\n".join([*before, command]) + "\n")
    return tuple(path.read_text().splitlines())


def _describe(demos: Demonstrations) -> str:
    counts = {task: demos.tasks.count(task) for task in sorted(set(demos.tasks))}
    return (
        f"{len(demos.instructions)} episodes ({', '.join(f'{t} {n}' for t, n in counts.items())}), "
        f"{len(demos.row_episode)} rows, {len(demos.frame_row)} frames"
    )


def with_steps(
    config: TrainingConfig, backbone_steps: int | None, decoder_steps: int | None
) -> TrainingConfig:
    """The same run with other lengths."""
    return replace(
        config,
        backbone=replace(config.backbone, steps=backbone_steps or config.backbone.steps),
        decoder=replace(config.decoder, steps=decoder_steps or config.decoder.steps),
    )


def without_variations(config: TrainingConfig, *, colours: bool, mirror: bool) -> TrainingConfig:
    """The same run on the demonstrations as they are, in one respect or both (see policies/variation.py)."""
    off = {**({"colours": 0.0} if colours else {}), **({"mirrored": 0.0} if mirror else {})}
    return replace(config, backbone=replace(config.backbone, **off), decoder=replace(config.decoder, **off))
