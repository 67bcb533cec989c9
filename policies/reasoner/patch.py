"""What shows of one thing: a fine grid over a square window of the view."""

from dataclasses import dataclass

import cv2
import numpy as np

from policies.reasoner.closer_crops import SIDE, BoxRow, Square
from policies.reasoner.closer_network import MAP_STRIDE
from policies.reasoner.preparing import Prepared
from robotics.reasoning.view import View

CELLS = SIDE // MAP_STRIDE
"""Rows and columns of a patch."""
SHOWN = 0.5
"""Least probability of a cell that shows its thing."""


@dataclass(frozen=True, eq=False)
class Patch:
    """Cells over a window; pixels are those of the view."""

    square: Square
    weight: np.ndarray
    """Probability that each cell shows the thing, float32 (32, 32)."""
    handle: np.ndarray
    """That it shows the thing's handle, float32 (32, 32)."""
    surface: np.ndarray
    """Place of the surface under each cell in the level frame [m], (32, 32, 3); NaN where unknown."""

    @property
    def cell(self) -> float:
        """Side of a cell [pixel]."""
        return self.square.side / CELLS

    @property
    def rows(self) -> np.ndarray:
        """Of the cells' middles, (32, 1) [pixel]."""
        return self.square.top + (np.arange(CELLS)[:, None] + 0.5) * self.cell

    @property
    def columns(self) -> np.ndarray:
        """Of the cells' middles, (1, 32) [pixel]."""
        return self.square.left + (np.arange(CELLS)[None, :] + 0.5) * self.cell

    def in_view(self, cells: np.ndarray, height: int, width: int) -> np.ndarray:
        """Values of cells (32, 32) at the view's pixels, float32 (height, width); 0 beyond the window."""
        out = np.zeros((height, width), np.float32)
        left, top = max(0, int(self.square.left)), max(0, int(self.square.top))
        right = min(width, int(np.ceil(self.square.left + self.square.side)))
        bottom = min(height, int(np.ceil(self.square.top + self.square.side)))
        if right <= left or bottom <= top:
            return out
        columns = (np.arange(left, right, dtype=np.float32) + 0.5 - self.square.left) / self.cell - 0.5
        rows = (np.arange(top, bottom, dtype=np.float32) + 0.5 - self.square.top) / self.cell - 0.5
        grid = np.meshgrid(columns, rows)
        out[top:bottom, left:right] = cv2.remap(
            cells.astype(np.float32), grid[0], grid[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
        )
        return out

    def pixels(self, cells: np.ndarray, height: int, width: int) -> np.ndarray:
        """Where cells (32, 32) weigh more than one half, bool (height, width); never none within the view."""
        fine = self.in_view(cells, height, width)
        found = fine >= SHOWN
        return found if found.any() or fine.max() <= 0 else fine >= min(SHOWN, float(fine.max()))

    def inner_point(self, cells: np.ndarray) -> tuple[float, float]:
        """Column and row well inside of cells (32, 32) that weigh more than one half: on a ring, not in its
        hole."""
        framed = np.zeros((CELLS + 2, CELLS + 2), np.uint8)
        framed[1:-1, 1:-1] = cells > min(SHOWN, float(cells.max()) - 1e-6)
        away = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1]
        row, column = np.unravel_index(int(np.argmax(away * cells)), cells.shape)
        return float(self.columns[0, column]), float(self.rows[row, 0])

    def box(self, cells: np.ndarray) -> BoxRow:
        """Around the cells (32, 32) that weigh more than one half."""
        rows, columns = np.nonzero(cells > min(SHOWN, float(cells.max()) - 1e-6))
        left, top = self.square.left, self.square.top
        return (
            float(left + columns.min() * self.cell),
            float(top + rows.min() * self.cell),
            float(left + (columns.max() + 1) * self.cell),
            float(top + (rows.max() + 1) * self.cell),
        )


def patch_surface(view: View, prepared: Prepared, square: Square) -> np.ndarray:
    """See `Patch.surface`; without depth, the table's plane stands in where the camera's place is known."""
    at = (np.arange(CELLS) + 0.5) * square.side / CELLS
    columns, rows = np.meshgrid(square.left + at, square.top + at)
    x, y = view.width / prepared.width, view.height / prepared.height
    rays = prepared.rays(columns / x, rows / y)
    inside = (columns >= 0) & (columns < view.width) & (rows >= 0) & (rows < view.height)
    if view.depth is None or not prepared.has_intrinsics:
        return np.where(inside[..., None], prepared.on_plane(rays), np.nan)
    depth = np.asarray(view.depth)[
        np.clip(rows, 0, view.height - 1).astype(int), np.clip(columns, 0, view.width - 1).astype(int)
    ]
    with np.errstate(invalid="ignore"):
        known = inside & np.isfinite(depth) & (depth > 0)
    return rays * np.where(known, depth, np.nan)[..., None]
