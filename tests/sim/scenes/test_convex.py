"""Pieces are convex, cover the solid and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from sim.scenes.convex import as_box, convex_outlines, prism_pieces, revolved_pieces, tube_pieces


def area(polygon: np.ndarray) -> float:
    x, y = polygon.T
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) / 2


def is_convex(polygon: np.ndarray) -> bool:
    a = np.roll(polygon, -1, axis=0) - polygon
    b = np.roll(a, -1, axis=0)
    return bool((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0] >= -1e-7).all())


@given(st.lists(st.floats(0.3, 1.0), min_size=3, max_size=14))
def test_star_shaped_outlines_are_covered_by_convex_parts(radii):
    angle = np.arange(len(radii)) * 2 * np.pi / len(radii)
    outline = np.array(radii)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    parts = convex_outlines(outline)
    assert all(is_convex(part) for part in parts)
    assert sum(area(part) for part in parts) == pytest.approx(area(outline), rel=1e-6)


def test_a_square_stays_whole_and_a_cross_becomes_few():
    assert len(convex_outlines(np.array([[0, 0], [1, 0], [1, 1], [0, 1.0]]))) == 1
    cross = np.array(
        [
            [1, -1],
            [3, -1],
            [3, 1],
            [1, 1],
            [1, 3],
            [-1, 3],
            [-1, 1],
            [-3, 1],
            [-3, -1],
            [-1, -1],
            [-1, -3],
            [1, -3],
        ]
    )
    parts = convex_outlines(cross.astype(float))
    assert len(parts) <= 5
    assert sum(area(part) for part in parts) == pytest.approx(area(cross.astype(float)))


def test_the_order_of_the_corners_does_not_matter():
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1.0]])
    assert sum(area(part) for part in convex_outlines(square[::-1])) == pytest.approx(1.0)


def test_a_full_body_of_revolution_is_one_piece():
    cylinder = np.array([[0, 0], [0.03, 0], [0.03, 0.1], [0, 0.1]])
    (piece,) = revolved_pieces(cylinder, 24)
    assert ConvexHull(piece).volume == pytest.approx(np.pi * 0.03**2 * 0.1, rel=0.02)


def test_a_cup_stays_hollow():
    cup = np.array([[0, 0], [0.04, 0], [0.04, 0.08], [0.036, 0.08], [0.036, 0.005], [0, 0.005]])
    pieces = revolved_pieces(cup, 24)
    volume = sum(ConvexHull(piece).volume for piece in pieces)
    solid = np.pi * 0.04**2 * 0.005 + np.pi * (0.04**2 - 0.036**2) * 0.075
    assert volume == pytest.approx(solid, rel=0.1)
    inside = np.array([0.0, 0.0, 0.05])
    for piece in pieces:
        equations = ConvexHull(piece).equations
        assert (equations[:, :3] @ inside + equations[:, 3]).max() > 0, "the cup is filled"


def test_a_ring_has_a_hole_and_a_prism_its_volume():
    outline = np.array([[0, 0], [2, 0], [2, 1], [1, 1], [1, 2], [0, 2.0]])
    assert sum(ConvexHull(p).volume for p in prism_pieces(outline, 0.5)) == pytest.approx(1.5)


def test_a_tube_is_one_piece_a_segment():
    rings = [np.array([[0, 1, z], [1, -1, z], [-1, -1, z]], float) for z in (0.0, 1.0, 2.0)]
    assert len(tube_pieces(rings)) == 2


@given(st.tuples(*[st.floats(0.002, 0.2)] * 3), st.tuples(*[st.floats(-1, 1)] * 4))
def test_boxes_are_known_in_every_turn(half, quaternion):
    q = np.array(quaternion)
    if np.linalg.norm(q) < 0.1:
        return
    w, x, y, z = q / np.linalg.norm(q)
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T
    corners = (signs * half) @ turn.T + [0.1, 0.2, 0.3]
    found = as_box(corners)
    assert found is not None
    middle, rotation, extent = found
    assert middle == pytest.approx([0.1, 0.2, 0.3])
    assert sorted(extent) == pytest.approx(sorted(half), rel=1e-3, abs=1e-6)
    assert np.linalg.det(rotation) == pytest.approx(1.0)


def test_what_is_no_box_is_not_taken_for_one():
    assert as_box(np.random.default_rng(0).normal(size=(8, 3))) is None
    assert as_box(np.zeros((6, 3))) is None
