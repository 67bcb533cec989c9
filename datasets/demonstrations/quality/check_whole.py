"""Is the dataset as a whole fit to learn from: variety, balance, ranges, one robot and one set of cameras."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from demonstrations.quality.catalogue import found
from demonstrations.quality.check_peers import same_start
from demonstrations.quality.findings import Finding
from demonstrations.quality.measurement import EpisodeMeasurement
from demonstrations.schema import DatasetDescription, EpisodeMetadata
from demonstrations.statistics import HARDLY_MOVES

FEWEST_EPISODES = 8
"""Below it nothing is said about variety and balance."""

SAME_JOINTS = 0.02
"""[rad or opening] between first measured positions of one start."""

COMPARED_STARTS = 200
"""Episodes, evenly chosen, whose starts are compared: each with each."""

DISTINCT_FRACTION = 0.5
"""Of the episodes at least must start in a scene of their own, or ..."""

DISTINCT_ENOUGH = 50
"""... so many of them."""

WORDING_SHARE = 0.5
"""Of the episodes: a wording with more, where there are several, teaches a policy not to listen."""

FAILURE_SHARE = 0.2
UNJUDGED_SHARE = 0.2

OUTLIER_RATIO = 3.0
"""Whole range over the range of the middle 99.8 %; 1.0 .. 2 in the expert demonstrations."""


def check_whole(episodes: Sequence[EpisodeMeasurement], description: DatasetDescription) -> Iterator[Finding]:
    """Every check of catalogue.DATASET_CHECKS."""
    metas = [e.metadata for e in episodes if e.metadata is not None]
    if len(metas) >= FEWEST_EPISODES:
        yield from _check_starts(episodes)
        yield from _check_seeds(metas)
        yield from _check_instructions(metas)
        yield from _check_success(metas)
        yield from _check_dimensions(episodes, description.action_names)
    yield from _check_mixture(metas, description)


def count_starts(episodes: Sequence[EpisodeMeasurement]) -> int:
    """How many of them start with joints or a scene that no earlier one had."""
    kept: list[EpisodeMeasurement] = []
    for episode in episodes:
        if episode.motion is not None and not any(_same(episode, other) for other in kept):
            kept.append(episode)
    return len(kept)


def _same(one: EpisodeMeasurement, other: EpisodeMeasurement) -> bool:
    assert one.motion is not None and other.motion is not None
    near = np.abs(one.motion.path[0] - other.motion.path[0]).max() <= SAME_JOINTS
    return bool(near) and same_start(one, other)


def _check_starts(episodes: Sequence[EpisodeMeasurement]) -> Iterator[Finding]:
    known = [e for e in episodes if e.motion is not None and e.first_pictures]
    if len(known) > COMPARED_STARTS:
        known = [known[i] for i in np.linspace(0, len(known) - 1, COMPARED_STARTS).astype(int)]
    distinct = count_starts(known)
    if len(known) >= FEWEST_EPISODES and distinct < min(DISTINCT_FRACTION * len(known), DISTINCT_ENOUGH):
        text = f"{distinct} distinct starts in {len(known)} episodes: joints and pictures are the same"
        yield found(
            "few_starts", text, value=distinct, threshold=min(DISTINCT_FRACTION * len(known), DISTINCT_ENOUGH)
        )


def _check_seeds(metas: Sequence[EpisodeMetadata]) -> Iterator[Finding]:
    seeds = [(m.task, m.seed) for m in metas if m.seed is not None]
    if len(seeds) >= FEWEST_EPISODES and len(set(seeds)) < DISTINCT_FRACTION * len(seeds):
        text = f"{len(set(seeds))} different seeds in {len(seeds)} episodes"
        yield found("one_seed", text, value=len(set(seeds)), threshold=DISTINCT_FRACTION * len(seeds))


def _check_instructions(metas: Sequence[EpisodeMetadata]) -> Iterator[Finding]:
    wordings = Counter(m.instruction for m in metas)
    most, count = wordings.most_common(1)[0]
    if len(wordings) > 1 and count > WORDING_SHARE * len(metas):
        others = len(wordings) - 1
        text = f"'{most}' has {count} of {len(metas)} episodes, {others} other wording(s) share the rest"
        yield found("instruction_balance", text, value=count / len(metas), threshold=WORDING_SHARE)


def _check_success(metas: Sequence[EpisodeMetadata]) -> Iterator[Finding]:
    failed = sum(m.success is False for m in metas) / len(metas)
    unjudged = sum(m.success is None for m in metas) / len(metas)
    if failed > FAILURE_SHARE:
        yield found("success_balance", f"{failed:.0%} are failures", value=failed, threshold=FAILURE_SHARE)
    if unjudged > UNJUDGED_SHARE:
        yield found(
            "success_balance", f"{unjudged:.0%} were never judged", value=unjudged, threshold=UNJUDGED_SHARE
        )


def _check_dimensions(episodes: Sequence[EpisodeMeasurement], names: tuple[str, ...]) -> Iterator[Finding]:
    rows = [e.motion.rows for e in episodes if e.motion is not None]
    if not rows:
        return
    values = np.concatenate(rows)
    spread = values.std(axis=0)
    idle = [name for name, std in zip(names, spread, strict=True) if std < HARDLY_MOVES]
    if idle:
        text = f"hardly ever move (standard deviation below {HARDLY_MOVES:g}): {', '.join(idle)}"
        yield found("idle_dimension", text, value=float(spread.min()), threshold=HARDLY_MOVES)
    low, high = np.quantile(values, (0.001, 0.999), axis=0)
    ratio = np.ptp(values, axis=0) / np.maximum(high - low, 1e-9)
    for d in np.flatnonzero((ratio > OUTLIER_RATIO) & (spread >= HARDLY_MOVES)):
        whole = f"{values[:, d].min():.2f} .. {values[:, d].max():.2f}"
        text = f"{whole}, but 99.8 % lie in {low[d]:.2f} .. {high[d]:.2f}"
        yield found("outlier_dimension", text, names[d], ratio[d], OUTLIER_RATIO)


def _check_mixture(metas: Sequence[EpisodeMetadata], description: DatasetDescription) -> Iterator[Finding]:
    rates = Counter(m.control_rate_hz for m in metas)
    if set(rates) - {description.control_rate_hz}:
        yield found(
            "mixed_rates",
            f"control rates [Hz] {_tell(rates)}, the dataset's is {description.control_rate_hz}",
        )
    interfaces = Counter(f"{m.embodiment} {m.interface_fingerprint}" for m in metas)
    if len(interfaces) > 1 or any(
        m.interface_fingerprint != description.interface_fingerprint for m in metas
    ):
        yield found("mixed_interfaces", f"robots and interfaces {_tell(interfaces)}")
    cameras = Counter(
        ", ".join(f"{n} {c.width}x{c.height}" for n, c in sorted(m.cameras.items())) for m in metas
    )
    if len(cameras) > 1:
        yield found("mixed_cameras", f"cameras {_tell(cameras)}")
    files = Counter(m.embodiment_hash[:12] for m in metas)
    if len(files) > 1:
        yield found("mixed_embodiments", f"the robot's file has {len(files)} versions: {_tell(files)}")
    versions = Counter(m.software_version or "unknown" for m in metas)
    if len(versions) > 1:
        yield found("mixed_software", f"software versions {_tell(versions)}")


def _tell(counts: Counter) -> str:
    return "; ".join(f"{name} ({count} episodes)" for name, count in counts.most_common())
