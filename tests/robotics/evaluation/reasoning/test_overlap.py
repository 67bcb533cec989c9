"""Overlap of boxes, against what can be counted."""

import math

import numpy as np
import pytest

from robotics.evaluation.reasoning.overlap import box_iou, solid_iou, solid_iou_any_turn
from robotics.reasoning.spatial import Placed
from robotics.reasoning.spatial.footprints import distance_to_footprint


def test_boxes_in_the_image():
    assert box_iou((0, 0, 10, 10), (0, 0, 10, 10)) == 1
    assert box_iou((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert box_iou((0, 0, 10, 10), (10, 0, 20, 10)) == 0


def test_turned_boxes_in_space_overlap_as_points_counted():
    rng = np.random.default_rng(0)
    points = rng.uniform(-0.1, 0.1, (60_000, 3))
    for _ in range(20):
        a, b = (
            Placed(tuple(rng.uniform(-0.02, 0.02, 3)), tuple(rng.uniform(0.04, 0.12, 3)), rng.uniform(-3, 3))
            for _ in range(2)
        )
        inside = [
            (distance_to_footprint(t, points[:, :2]) < 0)
            & (np.abs(points[:, 2] - t.center[2]) < t.size[2] / 2)
            for t in (a, b)
        ]
        counted = (inside[0] & inside[1]).sum() / (inside[0] | inside[1]).sum()
        assert solid_iou(a, b) == pytest.approx(counted, abs=0.03)
        assert solid_iou(a, b) == pytest.approx(solid_iou(b, a), abs=1e-4)
        assert solid_iou(a, a) == pytest.approx(1, abs=1e-4)


def test_a_round_thing_has_no_direction():
    truth = Placed((0, 0, 0.05), (0.1, 0.1, 0.1), 0.0, is_round=True)
    turned = Placed((0, 0, 0.05), (0.1, 0.1, 0.1), math.pi / 4)
    assert solid_iou(turned, truth) < 0.9
    assert solid_iou_any_turn(turned, truth) == pytest.approx(1, abs=1e-4)


def test_far_boxes_do_not_overlap():
    assert solid_iou(Placed((0, 0, 0), (1, 1, 1)), Placed((5, 0, 0), (1, 1, 1))) == 0
    assert solid_iou(Placed((0, 0, 0), (1, 1, 1)), Placed((0, 0, 1.2), (1, 1, 1))) == 0
