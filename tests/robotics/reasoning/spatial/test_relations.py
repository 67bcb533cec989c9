"""When a relation holds, when it does not, and when it is ambiguous."""

import math
from dataclasses import replace

import numpy as np
import pytest

from robotics.reasoning.answers import Box2D
from robotics.reasoning.query import Relation, Superlative
from robotics.reasoning.spatial import (
    LEVEL_VIEWER,
    Placed,
    Viewer,
    image_relation_scores,
    relation_score,
    relation_scores,
    size_scores,
    superlative_scores,
)

R, S = Relation, Superlative


def cube(x: float, y: float, z: float = 0.02, side: float = 0.04) -> Placed:
    return Placed((x, y, z), (side, side, side))


BOX = cube(0.0, 0.0, 0.04, 0.08)


@pytest.mark.parametrize(
    ("relation", "x", "y", "low", "high"),
    [
        (R.LEFT_OF, -0.2, 0.0, 1, 1),
        (R.LEFT_OF, -0.2, 0.19, 1, 1),
        (R.LEFT_OF, -0.2, 0.25, 0.01, 0.99),
        (R.LEFT_OF, -0.2, 0.35, 0, 0),
        (R.LEFT_OF, 0.2, 0.0, 0, 0),
        (R.RIGHT_OF, 0.2, -0.1, 1, 1),
        (R.BEHIND, 0.1, 0.2, 1, 1),
        (R.BEHIND, 0.0, -0.2, 0, 0),
        (R.IN_FRONT_OF, 0.05, -0.2, 1, 1),
        (R.NEXT_TO, 0.11, 0.0, 1, 1),
        (R.NEXT_TO, 0.15, 0.0, 0.01, 0.99),
        (R.NEXT_TO, 0.2, 0.0, 0, 0),
    ],
)
def test_a_place_beside_an_anchor(relation, x, y, low, high):
    assert low <= relation_score(relation, cube(x, y), [BOX], LEVEL_VIEWER) <= high


def test_mirrored_left_and_right_swap_and_front_and_behind_stay():
    rng = np.random.default_rng(0)
    for _ in range(200):
        thing, anchor = cube(*rng.uniform(-0.3, 0.3, 2)), cube(*rng.uniform(-0.3, 0.3, 2))
        mirrored = [replace(t, center=(-t.center[0], *t.center[1:])) for t in (thing, anchor)]
        for relation, other in ((R.LEFT_OF, R.RIGHT_OF), (R.BEHIND, R.BEHIND), (R.NEXT_TO, R.NEXT_TO)):
            score = relation_score(relation, thing, [anchor], LEVEL_VIEWER)
            assert score == pytest.approx(relation_score(other, mirrored[0], [mirrored[1]], LEVEL_VIEWER))


def test_relations_turn_with_the_viewer():
    rng = np.random.default_rng(1)
    for _ in range(100):
        angle = rng.uniform(-np.pi, np.pi)
        c, s = math.cos(angle), math.sin(angle)
        turned = Viewer((c, s), (-s, c))

        def turn(t: Placed, c=c, s=s, angle=angle) -> Placed:
            x, y, z = t.center
            return replace(t, center=(c * x - s * y, s * x + c * y, z), yaw=t.yaw + angle)

        things = [cube(*rng.uniform(-0.3, 0.3, 2)) for _ in range(3)]
        for relation in R:
            anchors = things[1:] if relation is R.BETWEEN else things[1:2]
            plain = relation_scores(relation, things[:1], anchors, LEVEL_VIEWER)
            np.testing.assert_allclose(
                relation_scores(relation, [turn(things[0])], [turn(a) for a in anchors], turned),
                plain,
                atol=1e-6,
            )
        np.testing.assert_allclose(
            superlative_scores(S.LEFTMOST, [turn(t) for t in things], turned),
            superlative_scores(S.LEFTMOST, things, LEVEL_VIEWER),
            atol=1e-6,
        )


def test_on_in_and_under():
    bowl = Placed((0, 0, 0.03), (0.15, 0.15, 0.06), is_round=True)
    plate = Placed((0.4, 0, 0.01), (0.2, 0.2, 0.02), is_round=True)
    in_bowl, on_box, on_plate = cube(0.01, 0, 0.03), cube(0, 0, 0.10), cube(0.42, 0.02, 0.027)
    assert relation_score(R.IN, in_bowl, [bowl], LEVEL_VIEWER) == 1
    assert relation_score(R.ON, in_bowl, [bowl], LEVEL_VIEWER) == 0
    assert relation_score(R.LEFT_OF, in_bowl, [bowl], LEVEL_VIEWER) == 0
    assert relation_score(R.NEXT_TO, in_bowl, [bowl], LEVEL_VIEWER) == 0
    assert relation_score(R.ON, on_box, [BOX], LEVEL_VIEWER) == 1
    assert relation_score(R.IN, on_box, [BOX], LEVEL_VIEWER) == 0
    assert relation_score(R.UNDER, BOX, [on_box], LEVEL_VIEWER) == 1
    assert relation_score(R.UNDER, on_box, [BOX], LEVEL_VIEWER) == 0
    assert relation_score(R.ON, on_plate, [plate], LEVEL_VIEWER) == 1
    assert relation_score(R.ON, cube(0, 0, 0.2), [BOX], LEVEL_VIEWER) == 0  # floats
    assert relation_score(R.IN, cube(0.3, 0, 0.02), [bowl], LEVEL_VIEWER) == 0


def test_between_is_in_the_middle_and_not_aside():
    ends = [cube(-0.2, 0), cube(0.2, 0)]
    assert relation_score(R.BETWEEN, cube(0.05, 0.05), ends, LEVEL_VIEWER) == 1
    assert relation_score(R.BETWEEN, cube(0.14, 0.0), ends, LEVEL_VIEWER) < 1
    assert relation_score(R.BETWEEN, cube(0.0, 0.25), ends, LEVEL_VIEWER) == 0
    assert relation_score(R.BETWEEN, cube(0.3, 0.0), ends, LEVEL_VIEWER) == 0
    assert relation_score(R.BETWEEN, cube(0, 0), [ends[0], ends[0]], LEVEL_VIEWER) == 0


def test_nearest_and_farthest_need_two_centimetres():
    things = [cube(0.1, 0), cube(0.15, 0), cube(0.3, 0)]
    np.testing.assert_array_equal(relation_scores(R.NEAREST_TO, things, [BOX], LEVEL_VIEWER), [1, 0, 0])
    np.testing.assert_array_equal(relation_scores(R.FARTHEST_FROM, things, [BOX], LEVEL_VIEWER), [0, 0, 1])
    close = relation_scores(R.NEAREST_TO, [cube(0.1, 0), cube(0.11, 0)], [BOX], LEVEL_VIEWER)
    assert 0 < close[1] < close[0] < 1


def test_too_few_anchors_are_told():
    with pytest.raises(ValueError, match="'between' wants 2"):
        relation_score(R.BETWEEN, BOX, [BOX], LEVEL_VIEWER)
    with pytest.raises(ValueError, match="compares several"):
        relation_score(R.NEAREST_TO, cube(1, 1), [BOX], LEVEL_VIEWER)


@pytest.mark.parametrize(
    ("superlative", "which"),
    [
        (S.LEFTMOST, 0),
        (S.RIGHTMOST, 2),
        (S.NEAREST, 1),
        (S.FARTHEST, 2),
        (S.LARGEST, 1),
        (S.SMALLEST, 0),
        (S.TALLEST, 1),
        (S.SHORTEST, 0),
        (S.MIDDLE, 1),
    ],
)
def test_superlatives(superlative: Superlative, which: int):
    things = [cube(-0.2, 0.6, side=0.03), cube(0.0, 0.4, side=0.09), cube(0.2, 0.8, side=0.06)]
    scores = superlative_scores(superlative, things, LEVEL_VIEWER)
    assert scores[which] == 1
    assert scores.sum() == 1


def test_superlatives_that_are_not_clear_are_ambiguous():
    alike = [cube(0.0, 0.4), cube(0.01, 0.8, side=0.041)]
    for superlative in (S.LEFTMOST, S.LARGEST, S.TALLEST, S.MIDDLE):
        scores = superlative_scores(superlative, alike, LEVEL_VIEWER)
        assert (scores > 0).all() and (scores < 1).all()
    assert superlative_scores(S.LARGEST, alike[:1], LEVEL_VIEWER) == [1.0]


def test_small_and_large_compare_things_with_each_other():
    things = [cube(0, 0, side=0.03), cube(0, 0, side=0.032), cube(0, 0, side=0.06)]
    np.testing.assert_array_equal(size_scores("small", things), [1, 1, 0])
    np.testing.assert_array_equal(size_scores("large", things), [0, 0, 1])
    assert (size_scores("small", things[:2]) == 0.5).all()
    assert size_scores("large", things[:1]) == [1.0]
    pen = Placed((0, 0, 0.005), (0.15, 0.01, 0.01))
    np.testing.assert_array_equal(size_scores("long", [pen, things[0]]), [1, 0])
    np.testing.assert_array_equal(size_scores("thin", [pen, things[0]]), [1, 0])


def test_relations_in_the_image_where_nothing_else_is_known():
    anchor = Box2D(100, 100, 140, 140)
    left, behind, inside, far = (
        Box2D(30, 95, 70, 135),
        Box2D(105, 40, 135, 70),
        Box2D(110, 95, 130, 120),
        Box2D(290, 20, 310, 40),
    )
    boxes = [left, behind, inside, far]
    np.testing.assert_array_equal(image_relation_scores(R.LEFT_OF, boxes, [anchor]) == 1, [1, 0, 0, 0])
    np.testing.assert_array_equal(image_relation_scores(R.BEHIND, boxes, [anchor])[:2], [0, 1])
    np.testing.assert_array_equal(image_relation_scores(R.IN, boxes, [anchor]) > 0, [0, 0, 1, 0])
    np.testing.assert_array_equal(image_relation_scores(R.UNDER, [anchor], [inside]) > 0, [1])
    np.testing.assert_array_equal(image_relation_scores(R.NEXT_TO, boxes, [anchor])[[3]], [0])
