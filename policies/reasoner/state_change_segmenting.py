"""Segment the episodes of datasets: read them, learn from all, say where action and end state start."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from demonstrations import DemonstrationDataset
from policies.reasoner.state_change import Order
from policies.reasoner.state_change_features import FeatureConfig, Features
from policies.reasoner.state_change_noise import find_threshold, weight_of
from policies.reasoner.state_change_samples import EpisodeSamples, SampleConfig, load_samples
from policies.reasoner.state_change_trained import PoolEpisode
from policies.reasoner.state_change_training import (
    FEWEST_SAMPLES,
    TrainingConfig,
    train_state_change,
)
from robotics.errors import DatasetError

FEW_EPISODES = 10
"""With fewer of a task, what is found is a guess, and a wrong episode cannot be told from a right one."""


@dataclass(frozen=True)
class SegmentedEpisode:
    """What was found in one episode; ticks count from its beginning."""

    number: int
    task: str
    length: int
    """[ticks]"""
    action_start: int
    """First tick of the action; before it the initial state."""
    end_start: int
    """First tick of the end state."""
    score: float
    """Order score 0..1."""
    weight: float
    """How much it is trusted, 0..1."""
    reason: str
    """Why it is doubtful; '' where it is not."""

    @property
    def doubtful(self) -> bool:
        return bool(self.reason)


@dataclass(frozen=True)
class Segmentation:
    """What was found in a dataset."""

    episodes: tuple[SegmentedEpisode, ...]
    pool_size: int
    """Episodes that were learned from."""
    mean_scores: dict[str, float]
    """Of each task's best run."""
    warnings: dict[str, str]
    """By task."""
    seconds: float
    """CPU time of the training."""


def segment_datasets(
    dataset: DemonstrationDataset,
    pool: Sequence[DemonstrationDataset] = (),
    *,
    cache: Path | None = None,
    features: FeatureConfig | None = None,
    training: TrainingConfig | None = None,
    progress: Callable[[float], None] | None = None,
) -> Segmentation:
    """Learn from a dataset and those of the pool, and segment every episode of the dataset.

    Episodes that were judged failures, or whose end is missing, are not learned from, but segmented.

    Args:
        cache: Folder for small pictures; 'cache/state_change' inside each dataset where None.
        progress: Called with the share that is done, 0..1.

    Raises:
        DatasetError: The robots of the pool differ, or there is nothing to learn from.
    """
    progress = progress or (lambda share: None)
    datasets = [dataset, *pool]
    config = _common_cameras(datasets)
    samples: list[list[EpisodeSamples]] = []
    for place, one in enumerate(datasets):
        folder = cache if cache is not None else _cache_of(one)
        report = lambda done, of, place=place: progress(0.4 * (place + done / of) / len(datasets))  # noqa: E731
        samples.append(load_samples(one, config, cache=folder, progress=report))
    learned = [
        one_samples[index]
        for one, one_samples in zip(datasets, samples, strict=True)
        for index in one.demonstrations()
        if len(one_samples[index]) >= FEWEST_SAMPLES
    ]
    own = [s for s in samples[0] if len(s) >= FEWEST_SAMPLES]
    tasks = list(dict.fromkeys(s.task for s in (*learned, *own)))
    if not learned:
        raise DatasetError(
            f"{dataset.path}: no episode to learn from (wanted ones of at least {FEWEST_SAMPLES} samples, "
            f"{FEWEST_SAMPLES / config.rate_hz:g} s, that were not judged failures)"
        )
    fitted = Features.fit(learned, features or FeatureConfig())
    pool_episode = lambda s: PoolEpisode(fitted.apply(s), tasks.index(s.task), s.untouched)  # noqa: E731
    trained = train_state_change(
        [pool_episode(s) for s in learned],
        len(tasks),
        training,
        report=lambda done, of: progress(0.4 + 0.6 * done / of),
    )
    learned_tasks = np.array([tasks.index(s.task) for s in learned])
    thresholds = {
        task: find_threshold(trained.scores[learned_tasks == number])
        for number, task in enumerate(tasks)
        if (learned_tasks == number).any()
    }
    unseen_scores = {s.checksum: float(score) for s, score in zip(learned, trained.scores, strict=True)}
    found = []
    for entry, one in zip(dataset.entries, samples[0], strict=True):
        order = trained.order(pool_episode(one)) if len(one) >= FEWEST_SAMPLES else None
        score = unseen_scores.get(one.checksum, order.segments.score if order else 0.0)
        found.append(_describe(entry.number, entry.length, one, order, score, thresholds.get(one.task)))
    return Segmentation(
        tuple(found),
        len(learned),
        {task: float(trained.mean_scores[:, k].max()) for k, task in enumerate(tasks)},
        _warnings(learned, own),
        trained.seconds,
    )


def _describe(
    number: int,
    length: int,
    samples: EpisodeSamples,
    order: Order | None,
    score: float,
    threshold: tuple[float, float] | None,
) -> SegmentedEpisode:
    if order is None or threshold is None:
        reason = "too short" if order is None else "no other episode of its task"
        return SegmentedEpisode(number, samples.task, length, 0, max(length - 1, 0), 0.0, 0.0, reason)
    weight = weight_of(score, threshold)
    limit = threshold[0]
    reason = "" if weight >= 0.5 else f"order score {score:.2f} is below {limit:.2f}"
    rows, segments = samples.rows, order.segments
    # a part starts halfway between the last sample before it and its first
    action, end = (int(rows[k - 1] + rows[k] + 1) // 2 for k in (segments.action_start, segments.end_start))
    return SegmentedEpisode(number, samples.task, length, action, end, score, float(weight), reason)


def _warnings(learned: Sequence[EpisodeSamples], own: Sequence[EpisodeSamples]) -> dict[str, str]:
    counts = {task: sum(s.task == task for s in learned) for task in dict.fromkeys(s.task for s in own)}
    return {
        task: f"learned from {count} episodes only; wanted {FEW_EPISODES} or more"
        for task, count in counts.items()
        if count < FEW_EPISODES
    }


def _cache_of(dataset: DemonstrationDataset) -> Path | None:
    """Inside the dataset, where that can be written."""
    path = dataset.path
    return path / "cache" / "state_change" if isinstance(path, Path) and os.access(path, os.W_OK) else None


def _common_cameras(datasets: Sequence[DemonstrationDataset]) -> SampleConfig:
    first = datasets[0].description
    for other in datasets[1:]:
        if other.description.action_names != first.action_names:
            raise DatasetError(
                f"{other.path} is of '{other.description.embodiment}', {datasets[0].path} of "
                f"'{first.embodiment}'; a pool wants one robot"
            )
    cameras = [c for c in first.camera_names if all(c in d.description.camera_names for d in datasets)]
    if not cameras:
        raise DatasetError(f"{datasets[0].path} and its pool have no camera in common")
    return SampleConfig(cameras=tuple(cameras))
