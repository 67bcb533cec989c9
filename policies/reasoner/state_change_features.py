"""What the state-change network sees of a sample: pictures on principal axes, robot readings, context.

The axes are those of the pool that is looked at, so nothing has to be learned elsewhere. There is no time in
the features: a network that knew it would call every beginning an initial state and every end an end state.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from policies.reasoner.state_change_samples import EpisodeSamples

_FITTED = 4000
"""So many pictures at most decide about the axes."""


@dataclass(frozen=True)
class FeatureConfig:
    """Which of the samples' contents are used, and how many numbers they become."""

    axes: int = 8
    """Of each camera."""
    pictures: bool = True
    readings: bool = True
    """Grippers and speeds; without them everything is learned from pictures."""
    context: tuple[int, ...] = (-3, 3)
    """Other samples that are seen, too, as their difference to this one."""
    seed: int = 0

    def __post_init__(self) -> None:
        if not (self.pictures or self.readings):
            raise ValueError("features want pictures, readings or both; got neither")


@dataclass(frozen=True)
class Axes:
    """Principal axes of one camera's pictures."""

    mean: np.ndarray
    """(pixels,)"""
    basis: np.ndarray
    """(pixels, axes), scaled so that each coordinate has unit spread over the pool."""

    @staticmethod
    def fit(pictures: np.ndarray, count: int, rng: np.random.Generator) -> "Axes":
        """From uint8 (n, height, width, 3), by subspace iteration (Halko et al., arXiv 0909.4061)."""
        flat = pictures.reshape(len(pictures), -1).astype(np.float32) / 255.0
        mean = flat.mean(axis=0)
        flat -= mean
        count = min(count, *flat.shape)
        basis, _ = np.linalg.qr(flat.T @ rng.standard_normal((len(flat), count)).astype(np.float32))
        for _ in range(4):
            basis, _ = np.linalg.qr(flat.T @ (flat @ basis))
        coordinates = flat @ basis
        _, values, turn = np.linalg.svd(coordinates, full_matrices=False)
        spread = np.maximum(values / np.sqrt(len(flat)), 1e-3)
        return Axes(mean, (basis @ turn.T) / spread)

    def apply(self, pictures: np.ndarray) -> np.ndarray:
        """Coordinates float32 (n, axes) of uint8 (n, height, width, 3)."""
        flat = pictures.reshape(len(pictures), -1).astype(np.float32) / 255.0
        return np.clip((flat - self.mean) @ self.basis, -4, 4)


@dataclass(frozen=True)
class Features:
    """Turns samples into what the network sees; fitted to a pool of episodes."""

    config: FeatureConfig
    axes: dict[str, Axes]
    readings_mean: np.ndarray
    readings_spread: np.ndarray

    @staticmethod
    def fit(pool: Sequence[EpisodeSamples], config: FeatureConfig) -> "Features":
        """Axes and spreads of the pool; deterministic."""
        rng = np.random.default_rng(config.seed)
        axes = {}
        for camera in pool[0].images if config.pictures else ():
            pictures = np.concatenate([samples.images[camera] for samples in pool])
            chosen = np.sort(rng.permutation(len(pictures))[:_FITTED])
            axes[camera] = Axes.fit(pictures[chosen], config.axes, rng)
        readings = np.concatenate([samples.readings for samples in pool])
        return Features(config, axes, readings.mean(axis=0), np.maximum(readings.std(axis=0), 0.05))

    def apply(self, samples: EpisodeSamples) -> np.ndarray:
        """float32 (T, features)."""
        parts = [axes.apply(samples.images[camera]) for camera, axes in self.axes.items()]
        if self.config.readings:
            parts.append(np.clip((samples.readings - self.readings_mean) / self.readings_spread, -4, 4))
        now = np.concatenate(parts, axis=1).astype(np.float32)
        moments = np.arange(len(now))
        context = [now[np.clip(moments + shift, 0, len(now) - 1)] - now for shift in self.config.context]
        return np.concatenate([now, *context], axis=1)
