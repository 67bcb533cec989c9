"""One episode, read once: what its own checks found, and what comparing it with others needs."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from demonstrations.episode import Episode
from demonstrations.quality.catalogue import found, score, worst_first
from demonstrations.quality.check_arrays import check_arrays
from demonstrations.quality.check_events import check_events
from demonstrations.quality.check_idle import check_idle, propose_trim
from demonstrations.quality.check_motion import check_motion, jerk_of
from demonstrations.quality.check_pictures import check_pictures
from demonstrations.quality.check_timing import check_frame_times, check_ticks
from demonstrations.quality.check_tracking import Lag, check_frozen, check_lag, measure_lag
from demonstrations.quality.findings import EpisodeQuality, Finding
from demonstrations.quality.pictures import CameraPictures, read_pictures
from demonstrations.quality.signals import EpisodeSignals, Limits
from demonstrations.schema import DatasetDescription, EpisodeMetadata
from robotics.errors import RoboticsError

PATH_POINTS = 64
"""Each trajectory is resampled to so many points to be compared."""

KEPT_ROWS = 200
"""Rows an episode that stay in memory for the ranges of each dimension, besides its extremes."""


@dataclass(frozen=True)
class MotionSummary:
    """What remains of an episode's motion, whatever its length."""

    path: np.ndarray
    """Measured positions at PATH_POINTS even times, float32 (PATH_POINTS, action_dim)."""
    digest: str
    """Of the measured positions: equal for equal motion only."""
    roughness: np.ndarray
    """Root mean square of the measured jerk while moving, (action_dim,)."""
    lag: Lag
    rows: np.ndarray
    """Some positions and every extreme, float32 (rows, action_dim)."""


@dataclass(frozen=True)
class EpisodeMeasurement:
    """Findings of an episode on its own, and what check_peers.py and check_dataset.py compare."""

    number: int
    metadata: EpisodeMetadata | None
    """None where even that could not be read."""
    findings: tuple[Finding, ...]
    trim: tuple[int, int] | None = None
    motion: MotionSummary | None = None
    """None where the arrays are not whole."""
    first_pictures: Mapping[str, np.ndarray] = field(default_factory=dict)
    """By camera, grey uint8 at an eighth of the size."""

    def quality(self, others: tuple[Finding, ...] = ()) -> EpisodeQuality:
        """The verdict, with `others` found by comparison."""
        findings = worst_first((*self.findings, *others))
        meta = self.metadata
        return EpisodeQuality(
            number=self.number,
            length=meta.length if meta else 0,
            duration_s=meta.length / meta.control_rate_hz if meta else 0.0,
            task=meta.task if meta else "",
            instruction=meta.instruction if meta else "",
            seed=meta.seed if meta else None,
            success=meta.success if meta else None,
            score=score(findings),
            findings=findings,
            trim=self.trim,
        )


def measure_episode(
    episode: Episode, description: DatasetDescription, limits: Limits | None, *, pictures: bool = True
) -> EpisodeMeasurement:
    """Read an episode and run every check that needs no other.

    Args:
        limits: Of its robot; without, limits are not checked.
        pictures: Without, no picture is read.
    """
    findings = [*check_arrays(episode, len(description.action_names))]
    if findings:  # nothing else makes sense of such numbers
        return EpisodeMeasurement(episode.number, episode.metadata, tuple(findings))
    cameras: dict[str, CameraPictures] = {}
    damaged = []
    for name in episode.cameras if pictures else ():
        try:
            cameras[name] = read_pictures(episode, name)
        except RoboticsError as error:
            damaged.append(found("damaged", str(error), name))
    signals = EpisodeSignals(episode, description.action_names, limits, cameras)
    motion = _summarise(signals)
    findings += damaged
    findings += check_ticks(signals)
    try:
        findings += check_frame_times(signals, description)
    except RoboticsError as error:
        findings.append(found("damaged", str(error), "image_time_ns"))
    findings += check_motion(signals)
    findings += check_frozen(signals)
    findings += check_lag(signals, motion.lag)
    findings += check_idle(signals)
    findings += check_events(episode)
    findings += check_pictures(signals)
    return EpisodeMeasurement(
        episode.number,
        episode.metadata,
        tuple(findings),
        propose_trim(signals),
        motion,
        {name: camera.grey[0] for name, camera in cameras.items() if len(camera)},
    )


def _summarise(signals: EpisodeSignals) -> MotionSummary:
    position = signals.episode.position
    at = np.linspace(0, len(position) - 1, PATH_POINTS)
    rows = np.arange(len(position))
    path = np.stack([np.interp(at, rows, column) for column in position.T], axis=1)
    jerk = jerk_of(signals, position)[signals.moving[3:]]
    roughness = np.sqrt((jerk**2).mean(axis=0)) if len(jerk) else np.zeros(position.shape[1])
    step = max(1, len(position) // KEPT_ROWS)
    kept = np.unique(np.concatenate([rows[::step], position.argmin(axis=0), position.argmax(axis=0)]))
    return MotionSummary(
        path.astype(np.float32),
        hashlib.sha256(np.ascontiguousarray(position).tobytes()).hexdigest(),
        roughness,
        measure_lag(signals),
        position[kept].astype(np.float32),
    )
