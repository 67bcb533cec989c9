"""A patch lies on its view: its cells, pixels, points and box are the same place."""

import numpy as np
import pytest

from policies.reasoner.closer_crops import Square
from policies.reasoner.patch import CELLS, Patch


def make_patch(square: Square, weight: np.ndarray) -> Patch:
    return Patch(square, weight, np.zeros_like(weight), np.full((CELLS, CELLS, 3), np.nan))


def disc(radius: float = 8.0, hole: float = 0.0) -> np.ndarray:
    rows, columns = np.indices((CELLS, CELLS)) + 0.5 - CELLS / 2
    away = np.hypot(rows, columns)
    return ((away < radius) & (away >= hole)).astype(np.float32)


@pytest.mark.parametrize("side", [20.0, 64.0, 200.0])
def test_pixels_cover_the_box_of_the_cells(side: float):
    patch = make_patch(Square(40.3, 22.7, side), disc())
    pixels = patch.pixels(patch.weight, 300, 320)
    rows, columns = np.nonzero(pixels)
    box = patch.box(patch.weight)
    slack = patch.cell + 1
    np.testing.assert_allclose(
        [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], box, atol=slack
    )
    assert pixels.sum() == pytest.approx(disc().sum() * patch.cell**2, rel=0.25)


def test_the_inner_point_of_a_ring_lies_on_the_ring():
    patch = make_patch(Square(10.0, 10.0, 64.0), disc(12, hole=7))
    column, row = patch.inner_point(patch.weight)
    away = np.hypot(column - 42.0, row - 42.0) / patch.cell
    assert 7 < away < 12


def test_a_window_over_the_border_gives_only_pixels_of_the_view():
    patch = make_patch(Square(-20.0, -20.0, 50.0), np.ones((CELLS, CELLS), np.float32))
    pixels = patch.pixels(patch.weight, 40, 60)
    assert pixels[:29, :29].all() and not pixels[31:].any() and not pixels[:, 31:].any()
    far = make_patch(Square(500.0, 500.0, 50.0), disc())
    assert not far.pixels(far.weight, 40, 60).any()


def test_faint_cells_still_give_some_pixels():
    patch = make_patch(Square(5.0, 5.0, 32.0), disc() * 0.2)
    assert patch.pixels(patch.weight, 60, 60).any()
