"""How high the scene stands above the table, cell by cell, from one depth picture."""

from dataclasses import dataclass

import numpy as np

CELL_M = 0.01
_EXTENT_M = (0.75, 0.5)
_HIGHEST_M = 0.6
"""What is higher is no thing on the table."""


@dataclass(frozen=True, eq=False)
class HeightMap:
    """Of everything but the thing that moves; 0 where nothing was seen."""

    heights: np.ndarray
    """Shape (x, y) [m]."""
    low: np.ndarray
    """World position of the outer corner of cell (0, 0), shape (2,) [m]."""

    def under(self, place: np.ndarray, half: np.ndarray, rotation: np.ndarray, grow: float = 0.0) -> float:
        """Greatest height below an upright box [m].

        Args:
            place: Centre of the box in the world, shape (2,) or more [m].
            half: Half size of the box, shape (2,) or more [m].
            rotation: box_in_world, shape (3, 3) or (2, 2).
            grow: Added to the half size [m].
        """
        x, y = self.centres(place, half, grow)
        cells = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
        local = np.abs((cells - np.asarray(place)[:2]) @ rotation[:2, :2])
        inside = (local <= np.asarray(half)[:2] + grow + CELL_M / 2).all(axis=-1)
        index = np.floor((cells - self.low) / CELL_M).astype(int)
        on_map = ((index >= 0) & (index < self.heights.shape)).all(axis=-1) & inside
        return float(self.heights[index[on_map][:, 0], index[on_map][:, 1]].max(initial=0.0))

    def centres(self, place: np.ndarray, half: np.ndarray, grow: float) -> tuple[np.ndarray, np.ndarray]:
        """x and y of the cells' centres around a box [m]."""
        reach = float(np.hypot(*np.asarray(half)[:2])) + grow + CELL_M
        axes = []
        for axis in range(2):
            first = np.floor((place[axis] - reach - self.low[axis]) / CELL_M)
            last = np.ceil((place[axis] + reach - self.low[axis]) / CELL_M)
            axes.append(self.low[axis] + (np.arange(first, last + 1) + 0.5) * CELL_M)
        return axes[0], axes[1]


def height_map(points: np.ndarray, ignored: np.ndarray | None) -> HeightMap:
    """
    Args:
        points: `solid.world_points` of a view.
        ignored: Pixels of the thing that moves, bool, shape (height, width); None: nothing.
    """
    low = -np.array(_EXTENT_M)
    shape = tuple(round(2 * extent / CELL_M) for extent in _EXTENT_M)
    heights = np.zeros(shape)
    known = np.isfinite(points[..., 0])
    if ignored is not None:
        known &= ~ignored
    seen = points[known]
    seen = seen[(seen[:, 2] > 0) & (seen[:, 2] < _HIGHEST_M)]
    index = np.floor((seen[:, :2] - low) / CELL_M).astype(int)
    inside = ((index >= 0) & (index < shape)).all(axis=-1)
    np.maximum.at(heights, (index[inside, 0], index[inside, 1]), seen[inside, 2])
    return HeightMap(heights, low)
