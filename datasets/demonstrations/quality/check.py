"""Checks episodes and datasets: which demonstrations are bad, and why."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2

from demonstrations.dataset import DemonstrationDataset
from demonstrations.episode import Episode
from demonstrations.index import IndexEntry
from demonstrations.quality.catalogue import found, worst_first
from demonstrations.quality.check_peers import check_peers
from demonstrations.quality.check_whole import check_whole
from demonstrations.quality.findings import DatasetQuality, EpisodeQuality
from demonstrations.quality.measurement import EpisodeMeasurement, measure_episode
from demonstrations.quality.signals import Limits
from demonstrations.schema import DatasetDescription
from robotics.embodiment import Embodiment
from robotics.embodiments import load_embodiment
from robotics.errors import DatasetError, RoboticsError


def check_episode(
    episode: Episode,
    description: DatasetDescription,
    embodiment: Embodiment | None = None,
    *,
    pictures: bool = True,
) -> EpisodeQuality:
    """Check one episode on its own: not for copies or outliers, which only comparison shows.

    Args:
        embodiment: Its robot; a built-in one is found by name.
        pictures: Without, no picture is read.
    """
    limits = find_limits(description, embodiment)
    return _measure(lambda: episode, episode.number, description, limits, pictures).quality()


def check_dataset(
    dataset: DemonstrationDataset,
    embodiment: Embodiment | None = None,
    *,
    pictures: bool = True,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> DatasetQuality:
    """Check every episode of the dataset, each against the others, and the dataset as a whole.

    Args:
        embodiment: Its robot; a built-in one is found by name.
        pictures: Without, no picture is read.
        workers: Threads; as many as there are cores by default.
        progress: Told how many episodes are done.

    Raises:
        DatasetError: There is no episode.
    """
    measured = []
    for measurement in measure_dataset(dataset, embodiment, pictures=pictures, workers=workers):
        measured.append(measurement)
        if progress is not None:
            progress(len(measured))
    return judge(dataset, measured, embodiment)


def measure_dataset(
    dataset: DemonstrationDataset,
    embodiment: Embodiment | None = None,
    *,
    pictures: bool = True,
    workers: int | None = None,
) -> Iterator[EpisodeMeasurement]:
    """Each episode in order of recording; damaged ones, too.

    Raises:
        DatasetError: There is no episode.
    """
    if not dataset.entries:
        raise DatasetError(f"{dataset.path}: there is no episode to check")
    limits = find_limits(dataset.description, embodiment)

    def measure(entry: IndexEntry) -> EpisodeMeasurement:
        path = dataset.path / "episodes" / entry.name
        return _measure(
            lambda: Episode(path, entry.number), entry.number, dataset.description, limits, pictures
        )

    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)  # one picture is too small to share; the threads here share the episodes
    try:
        with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
            yield from pool.map(measure, dataset.entries)
    finally:
        cv2.setNumThreads(threads)


def judge(
    dataset: DemonstrationDataset, measured: list[EpisodeMeasurement], embodiment: Embodiment | None = None
) -> DatasetQuality:
    """What the measurements of a dataset's episodes say, each alone and all together."""
    description = dataset.description
    by_number = check_peers(measured, 1 / description.control_rate_hz)
    return DatasetQuality(
        path=str(Path(dataset.path)),
        embodiment=description.embodiment,
        limits_known=find_limits(description, embodiment) is not None,
        episodes=tuple(m.quality(tuple(by_number.get(m.number, ()))) for m in measured),
        findings=worst_first(check_whole(measured, description)),
    )


def find_limits(description: DatasetDescription, embodiment: Embodiment | None) -> Limits | None:
    """The limits of the dataset's robot; None where it is not built in and was not given.

    Raises:
        DatasetError: The given robot has other joints than the dataset.
    """
    if embodiment is None:
        try:
            embodiment = load_embodiment(description.embodiment)
        except RoboticsError:
            return None
        if embodiment.action_names != description.action_names:
            return None
    if embodiment.action_names != description.action_names:
        own, other = description.action_names, embodiment.action_names
        raise DatasetError(
            f"'{embodiment.name}' is another robot than the dataset's '{description.embodiment}': wanted "
            f"{len(own)} dimensions ({', '.join(own[:3])} ...), got {len(other)} ({', '.join(other[:3])} ...)"
        )
    return Limits.of(embodiment)


def _measure(
    open_episode: Callable[[], Episode],
    number: int,
    description: DatasetDescription,
    limits: Limits | None,
    pictures: bool,
) -> EpisodeMeasurement:
    try:
        return measure_episode(open_episode(), description, limits, pictures=pictures)
    except RoboticsError as error:
        return EpisodeMeasurement(number, None, (found("damaged", str(error)),))
