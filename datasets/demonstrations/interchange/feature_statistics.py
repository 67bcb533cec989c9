"""Statistics of features as LeRobot's readers want them: extremes, moments and quantiles."""

from typing import Any

import numpy as np

QUANTILES = (0.01, 0.1, 0.5, 0.9, 0.99)
STATISTICS = ("min", "max", "mean", "std", "count", *(f"q{round(q * 100):02d}" for q in QUANTILES))


def value_statistics(values: np.ndarray) -> dict[str, list[Any]]:
    """Of values of shape (n, dimension) or (n,), n >= 1; each entry has one number a dimension."""
    values = np.asarray(values, np.float64).reshape(len(values), -1)
    quantiles = np.quantile(values, QUANTILES, axis=0)
    arrays = [values.min(0), values.max(0), values.mean(0), values.std(0), [len(values)], *quantiles]
    return {name: np.asarray(a).tolist() for name, a in zip(STATISTICS, arrays, strict=True)}


class PixelStatistics:
    """Of pixels per colour, as fractions 0..1, from a histogram: exact for what it was given."""

    def __init__(self) -> None:
        self.frames = 0
        self._counts = np.zeros((3, 256), np.int64)

    def add(self, image: np.ndarray, stride: int = 4) -> None:
        """Every `stride`-th row and column of an RGB image, uint8 (height, width, 3)."""
        part = image[::stride, ::stride]
        self._counts += [np.bincount(part[..., c].ravel(), minlength=256) for c in range(3)]
        self.frames += 1

    def merge(self, other: "PixelStatistics") -> None:
        self._counts += other._counts
        self.frames += other.frames

    def to_lists(self) -> dict[str, list[Any]]:
        """Each statistic of shape (3, 1, 1), but `count`, which is the number of frames."""
        levels = np.arange(256) / 255
        share = self._counts / self._counts.sum(1, keepdims=True)
        mean = share @ levels
        std = np.sqrt(np.maximum(share @ levels**2 - mean**2, 0))
        present = self._counts > 0
        low = present.argmax(1) / 255
        high = (255 - present[:, ::-1].argmax(1)) / 255
        cumulative = share.cumsum(1)
        quantiles = [(cumulative >= q - 1e-12).argmax(1) / 255 for q in QUANTILES]
        shaped = {
            name: array.reshape(3, 1, 1).tolist()
            for name, array in zip(
                (s for s in STATISTICS if s != "count"), [low, high, mean, std, *quantiles], strict=True
            )
        }
        return {**shaped, "count": [self.frames]}
