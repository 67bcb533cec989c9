"""Rectangles on the table that must not overlap."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Footprint:
    """A turned rectangle."""

    x: float
    y: float
    yaw: float
    """[rad]"""
    half: tuple[float, float]
    """Half extents along its own axes [m]."""

    def corners(self, margin: float = 0.0) -> np.ndarray:
        """(4, 2) [m], grown by `margin` on every side."""
        c, s = np.cos(self.yaw), np.sin(self.yaw)
        half = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * (np.array(self.half) + margin)
        return half @ np.array([[c, s], [-s, c]]) + [self.x, self.y]

    def overlaps(self, other: "Footprint", gap: float) -> bool:
        """Whether the two come closer than `gap` [m] (by the axis that separates them best)."""
        reach = np.hypot(*self.half) + np.hypot(*other.half) + gap
        if np.hypot(self.x - other.x, self.y - other.y) > reach:
            return False
        a, b = self.corners(gap / 2), other.corners(gap / 2)
        for yaw in (self.yaw, self.yaw + np.pi / 2, other.yaw, other.yaw + np.pi / 2):
            axis = np.array([np.cos(yaw), np.sin(yaw)])
            p, q = a @ axis, b @ axis
            if p.max() < q.min() or q.max() < p.min():
                return False
        return True
