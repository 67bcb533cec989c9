"""What only comparison shows: an episode that is a copy, or unlike the others of its task."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

import numpy as np

from demonstrations.quality.catalogue import found
from demonstrations.quality.findings import Finding
from demonstrations.quality.measurement import EpisodeMeasurement

FEWEST_PEERS = 8
"""With fewer episodes of a task there is no usual length, lag or roughness."""

LENGTH_DEVIATIONS = 6.0
"""Robust standard deviations (1.4826 times the median absolute deviation) of the logarithm: lengths are
skewed."""

LENGTH_FACTOR = 1.5
"""And longer or shorter than the median by at least this factor."""

ROUGH_DEVIATIONS = 6.0
ROUGH_FACTOR = 4.0
"""As for the length, of a high quantile of the roughness over the joints that move."""

ROUGH_QUANTILE = 0.75
"""One trembling arm of two is 6 of 14 dimensions; a single joint that was hit is no trembling."""

LAG_LATER_S = 0.06
"""[s] than the median of the dataset: three ticks at 50 Hz, where experts lie within one."""

SAME_PATH = 0.005
"""[rad or opening] Root mean square distance of two trajectories. Replays on a robot come back within its
repeatability; experts with different seeds differ by 0.014 at least."""

SAME_PICTURE_LEVELS = 8
"""[grey level] Largest difference of any 8 x 8 block between first pictures of a scene: noise and flicker."""


def check_peers(episodes: Sequence[EpisodeMeasurement], period_s: float) -> Mapping[int, list[Finding]]:
    """duplicate, near_duplicate, same_seed, length_outlier, jerk, lag; findings by episode number."""
    findings: dict[int, list[Finding]] = defaultdict(list)
    copies = _check_copies(episodes, findings)
    _check_near_copies([e for e in episodes if e.number not in copies], findings)
    _check_seeds([e for e in episodes if e.number not in copies], findings)
    by_task: dict[str, list[EpisodeMeasurement]] = defaultdict(list)
    for episode in episodes:
        if episode.metadata is not None and episode.motion is not None:
            by_task[episode.metadata.task].append(episode)
    for group in by_task.values():
        if len(group) >= FEWEST_PEERS:
            _check_lengths(group, findings)
            _check_roughness(group, findings)
            _check_lags(group, period_s, findings)
    return findings


def same_start(one: EpisodeMeasurement, other: EpisodeMeasurement) -> bool:
    """Whether the first pictures of all cameras show the same scene; True where no camera was recorded."""
    if set(one.first_pictures) != set(other.first_pictures):
        return False
    for name, picture in one.first_pictures.items():
        second = other.first_pictures[name]
        if picture.shape != second.shape:
            return False
        if np.abs(picture.astype(np.int16) - second).max() > SAME_PICTURE_LEVELS:
            return False
    return True


def _first_of(
    episodes: Iterable[EpisodeMeasurement], key: Callable[[EpisodeMeasurement], Hashable]
) -> Iterator[tuple[EpisodeMeasurement, int]]:
    """Each episode whose key an earlier one had, with that one's number."""
    seen: dict[Hashable, int] = {}
    for episode in episodes:
        value = key(episode)
        if value is None:
            continue
        if value in seen:
            yield episode, seen[value]
        else:
            seen[value] = episode.number


def _check_copies(episodes: Sequence[EpisodeMeasurement], findings: dict[int, list[Finding]]) -> set[int]:
    copies = set()
    for episode, number in _first_of(episodes, lambda e: e.motion and e.motion.digest):
        findings[episode.number].append(found("duplicate", f"every position equals episode {number}'s"))
        copies.add(episode.number)
    return copies


def _check_near_copies(episodes: Sequence[EpisodeMeasurement], findings: dict[int, list[Finding]]) -> None:
    known = [e for e in episodes if e.motion is not None]
    if not known:
        return
    nearest: dict[int, tuple[float, int]] = {}
    for one, other, distance in _near_pairs(np.array([e.motion.path.ravel() for e in known if e.motion])):
        later, earlier = max(one, other), min(one, other)
        if distance < nearest.get(later, (SAME_PATH, 0))[0] and same_start(known[later], known[earlier]):
            nearest[later] = (distance, earlier)
    for later, (distance, earlier) in sorted(nearest.items()):
        scene = ", in the same scene" if known[later].first_pictures else ""
        text = f"within {distance:.4f} of episode {known[earlier].number}'s trajectory{scene}"
        finding = found("near_duplicate", text, value=distance, threshold=SAME_PATH)
        findings[known[later].number].append(finding)


def _near_pairs(paths: np.ndarray) -> Iterator[tuple[int, int, float]]:
    """Pairs of rows that may be nearer than SAME_PATH, with their distance.

    A root mean square is never below the difference of the means: only rows of near means are compared.
    """
    means = paths.mean(axis=1, dtype=np.float64)
    order = np.argsort(means)
    ends = np.searchsorted(means[order], means[order] + SAME_PATH, side="right")
    for place, (one, end) in enumerate(zip(order, ends, strict=True)):
        others = order[place + 1 : end]
        distances = np.sqrt(((paths[others] - paths[one]) ** 2).mean(axis=1))
        for other in np.flatnonzero(distances < SAME_PATH):
            yield int(one), int(others[other]), float(distances[other])


def _check_seeds(episodes: Sequence[EpisodeMeasurement], findings: dict[int, list[Finding]]) -> None:
    def key(episode: EpisodeMeasurement) -> Hashable:
        meta = episode.metadata
        if meta is None or meta.seed is None or meta.derived_from:
            return None
        return meta.task, meta.seed, meta.source, meta.instruction

    for episode, number in _first_of(episodes, key):
        text = f"seed {episode.metadata and episode.metadata.seed} as episode {number}, of the same source"
        findings[episode.number].append(found("same_seed", text))


def robust_deviation(values: np.ndarray) -> np.ndarray:
    """How many robust standard deviations each value lies from the median; 0 where none can be told."""
    middle = np.median(values)
    spread = 1.4826 * np.median(np.abs(values - middle))
    return (values - middle) / max(float(spread), 1e-9)


def _check_lengths(group: list[EpisodeMeasurement], findings: dict[int, list[Finding]]) -> None:
    lengths = np.array([e.metadata.length for e in group if e.metadata], float)
    deviation, median = robust_deviation(np.log(lengths)), float(np.median(lengths))
    for episode, length, off in zip(group, lengths, deviation, strict=True):
        factor = max(length / median, median / length)
        if abs(off) > LENGTH_DEVIATIONS and factor > LENGTH_FACTOR:
            text = f"{length:.0f} ticks; the median of its task is {median:.0f}"
            findings[episode.number].append(
                found("length_outlier", text, value=abs(off), threshold=LENGTH_DEVIATIONS)
            )


def _check_roughness(group: list[EpisodeMeasurement], findings: dict[int, list[Finding]]) -> None:
    rough = np.array([e.motion.roughness for e in group if e.motion])  # (episodes, action_dim)
    typical = np.median(rough, axis=0)
    moving = typical > 0.01 * typical.max()
    if not moving.any():
        return
    relative = np.quantile(rough[:, moving] / typical[moving], ROUGH_QUANTILE, axis=1)
    deviation = robust_deviation(np.log(np.maximum(relative, 1e-6)))
    for episode, factor, off in zip(group, relative, deviation, strict=True):
        if off > ROUGH_DEVIATIONS and factor > ROUGH_FACTOR:
            text = f"measured jerk is {factor:.1f} times as large as in the other episodes of its task"
            findings[episode.number].append(found("jerk", text, value=factor, threshold=ROUGH_FACTOR))


def _check_lags(group: list[EpisodeMeasurement], period_s: float, findings: dict[int, list[Finding]]) -> None:
    lags = np.array([e.motion.lag.ticks for e in group if e.motion])  # (episodes, action_dim)
    for episode, later in zip(group, _lag_against_usual(lags) * period_s, strict=True):
        told = any(finding.check == "lag" for finding in episode.findings)
        if abs(later) >= LAG_LATER_S - 1e-9 and not told:
            words = f"{abs(later) * 1e3:.0f} ms {'later' if later > 0 else 'earlier'}"
            text = f"joints follow their commands {words} than in the other episodes"
            findings[episode.number].append(found("lag", text, value=abs(later), threshold=LAG_LATER_S))


def _lag_against_usual(lags: np.ndarray) -> np.ndarray:
    """Median over an episode's joints of its lag less that joint's usual one, (episodes,) [tick], or 0."""
    later = np.zeros(len(lags))
    usual = np.array([np.median(c[np.isfinite(c)]) if np.isfinite(c).any() else np.nan for c in lags.T])
    for i, row in enumerate(lags - usual):
        known = row[np.isfinite(row)]
        if len(known) >= 2:
            later[i] = np.median(known)
    return later
