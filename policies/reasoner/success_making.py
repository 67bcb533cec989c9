"""From datasets on disk to a success detector on disk: read, train, calibrate, measure, save."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from demonstrations import DemonstrationDataset
from policies.checkpoint import git_commit, load_checkpoint
from policies.reasoner.success import SuccessDetector
from policies.reasoner.success_examples import JudgedEpisode, Kind, read_judged
from policies.reasoner.success_measuring import calibrate, calibration_error, judge_held_out
from policies.reasoner.success_network import SuccessConfig, SuccessNetwork
from policies.reasoner.success_training import SuccessTraining, train_success
from robotics.errors import DatasetError


@dataclass(frozen=True)
class Made:
    """A detector, and how it did on episodes that it was not trained on."""

    detector: SuccessDetector
    report: dict[str, Any]


def make_success_detector(
    paths: Sequence[Path],
    out: Path,
    *,
    cameras: Sequence[str] = ("overhead", "worms_eye"),
    held_out: float = 0.2,
    config: SuccessTraining | None = None,
    network: SuccessConfig | None = None,
    start_from: Path | None = None,
    command: str = "",
    report: Callable[[int, int, str], None] | None = None,
) -> Made:
    """Train on recorded episodes and write the folder `out`; deterministic on one thread.

    Args:
        paths: Datasets; the judged episodes of each are used.
        cameras: Those of them that a dataset has.
        held_out: The last share of every dataset is not trained on; one half of it calibrates, the other
            half is what the report is about.
        start_from: Checkpoint of a driving policy whose words and first layers are taken over.
        command: Kept with the detector.
        report: Called with (steps done, of how many, one line).

    Raises:
        DatasetError: There is no judged episode, or a dataset has none of the cameras.
        CheckpointError: `start_from` does not fit.
    """
    config, network = config or SuccessTraining(), network or SuccessConfig()
    known: list[JudgedEpisode] = []
    unknown: list[JudgedEpisode] = []
    identities = []
    for path in paths:
        dataset = DemonstrationDataset.open(path)
        there = [camera for camera in cameras if camera in dataset.description.camera_names]
        if not there:
            raise DatasetError(
                f"{path} has none of the cameras {', '.join(cameras)}; "
                f"it has: {', '.join(dataset.description.camera_names)}"
            )
        episodes = read_judged(dataset, (network.height, network.width), there)
        kept = round(len(episodes) * (1 - held_out))
        known += episodes[:kept]
        unknown += episodes[kept:]
        identities.append(dataset.dataset_identity())
    if not any(episode.success for episode in known):
        raise DatasetError(f"no successful judged episode to learn from in {', '.join(map(str, paths))}")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(torch.Generator().initial_seed())
        net = SuccessNetwork(network)
    if start_from is not None:
        net.start_from(load_checkpoint(start_from).backbone)
    net = train_success(known, config, net, report)
    detector = SuccessDetector(
        net.requires_grad_(False),
        cameras=tuple(cameras),
        provenance={
            "datasets": identities,
            "command": command,
            "git_commit": git_commit(),
            "training": asdict(config),
        },
    )
    made = measure_detector(detector, unknown)
    made.detector.save(out)
    (out / "report.json").write_text(json.dumps(made.report, indent=2) + "\n")
    return made


def measure_detector(detector: SuccessDetector, episodes: Sequence[JudgedEpisode]) -> Made:
    """Calibrate on every other episode, measure on the rest."""
    judged = judge_held_out(detector, episodes)
    calibration = calibrate(judged.part(judged.episode % 2 == 0))
    detector = SuccessDetector(detector.network, calibration, detector.cameras, detector.provenance)
    rest = judged.part(judged.episode % 2 == 1)
    probability = np.array([calibration.probability(logit) for logit in rest.logit])
    said = probability >= 0.5
    kinds = [kind for kind in Kind if kind is not Kind.ACHIEVED and (rest.kind == kind).any()]
    return Made(
        detector,
        {
            "episodes": len(np.unique(rest.episode)),
            "judgements": len(rest.logit),
            "auroc": _rounded(rest.auroc()),
            "auroc_by_kind": {kind.name.lower(): _rounded(rest.auroc(kind)) for kind in kinds},
            "recall_at_half": _rounded(said[rest.achieved].mean()) if rest.achieved.any() else None,
            "false_at_half": _rounded(said[~rest.achieved].mean()) if (~rest.achieved).any() else None,
            "calibration_error": _rounded(calibration_error(probability, rest.achieved)),
        },
    )


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
