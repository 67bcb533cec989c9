"""What the checks of one episode work on: its arrays, its robot's limits, its pictures made small."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from demonstrations.episode import Episode
from demonstrations.quality.pictures import CameraPictures
from robotics.embodiment import Embodiment

MOTION = ("position", "velocity", "target", "requested", "applied", "intended")
"""State arrays of shape (length, action_dim)."""


@dataclass(frozen=True)
class Limits:
    """Of the robot, each of shape (action_dim,), embodiment units."""

    lower: np.ndarray
    upper: np.ndarray
    velocity: np.ndarray
    jerk: np.ndarray

    @staticmethod
    def of(embodiment: Embodiment) -> "Limits":
        return Limits(
            embodiment.position_lower,
            embodiment.position_upper,
            embodiment.velocity_limit,
            embodiment.jerk_limit,
        )


@dataclass(frozen=True)
class EpisodeSignals:
    """One episode whose arrays are whole: finite, of the right shapes, time running forwards."""

    episode: Episode
    names: tuple[str, ...]
    """Of the action dimensions."""
    limits: Limits | None
    cameras: Mapping[str, CameraPictures] = field(default_factory=dict)

    @property
    def period_s(self) -> float:
        return 1 / self.episode.metadata.control_rate_hz

    def ticks(self, seconds: float) -> int:
        """So many seconds as whole control ticks, at least 1."""
        return max(1, round(seconds / self.period_s))

    @cached_property
    def is_gripper(self) -> np.ndarray:
        """bool (action_dim,): an arm's last dimension, as the embodiment orders them."""
        arms = [name.partition("/")[0] for name in self.names]
        return np.array([arm != after for arm, after in zip(arms, [*arms[1:], ""], strict=True)])

    def seen_by(self, camera: str) -> np.ndarray:
        """bool (action_dim,): the dimensions whose motion this camera's pictures cannot miss.

        Those of the arm that carries it: its mount, or the arm whose name is a part of the camera's, as in
        'wrist_left'. All of them for a camera that no arm carries.
        """
        mount = self.episode.metadata.cameras[camera].mount
        words = {mount} if mount else set(camera.replace("/", "_").split("_"))
        arms = np.array([name.partition("/")[0] for name in self.names])
        carried = np.isin(arms, sorted(words))
        return carried if carried.any() else np.ones(len(arms), bool)

    @cached_property
    def span(self) -> np.ndarray:
        """How far the largest-moving dimension came in the last 0.2 s, (length,) [rad or opening]."""
        return _span(self.episode.position, self.ticks(0.2))

    @cached_property
    def commanded_span(self) -> np.ndarray:
        """As `span`, of the applied targets."""
        return _span(self.episode.applied, self.ticks(0.2))

    @cached_property
    def moving(self) -> np.ndarray:
        """bool (length,): whether any joint moves or is told to, beyond a real encoder's noise."""
        return np.maximum(self.span, self.commanded_span) > STILL


STILL = 0.01
"""[rad or opening] within 0.2 s: slower than 3 degrees a second is standing. Encoders of hobby servos step by
0.0015 rad (4096 a turn), so that noise of a few steps does not count as motion."""


def _span(values: np.ndarray, ticks: int) -> np.ndarray:
    """Largest |x[i] - x[i - ticks]| of any dimension; before the first `ticks` rows, forwards instead."""
    if len(values) <= ticks:
        return np.full(len(values), float(np.ptp(values, axis=0).max(initial=0.0)))
    change = np.abs(values[ticks:] - values[:-ticks]).max(axis=1)
    # a row moves if it lies in any moving window, so that starts and ends are not cut short
    span = np.zeros(len(values))
    np.maximum(span[ticks:], change, out=span[ticks:])
    np.maximum(span[:-ticks], change, out=span[:-ticks])
    return span


def runs(flags: np.ndarray) -> np.ndarray:
    """Where `flags` is true without a break: int (runs, 2), start and end of each."""
    edges = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    return np.stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)], axis=1)


def longest_run(flags: np.ndarray) -> tuple[int, int]:
    """Start and end of the longest run of true values; (0, 0) where there is none."""
    found = runs(flags)
    if not len(found):
        return 0, 0
    start, end = found[np.argmax(found[:, 1] - found[:, 0])]
    return int(start), int(end)
