"""Average precision by hand-counted examples."""

import math

import pytest

from robotics.evaluation.reasoning.overlap import box_iou
from robotics.evaluation.reasoning.precision import (
    Scored,
    Wanted,
    area_under_roc,
    average_precision,
    false_positives_at_recall,
    mean_average_precision,
)

A, B, C = (0.0, 0.0, 10.0, 10.0), (20.0, 0.0, 30.0, 10.0), (40.0, 0.0, 50.0, 10.0)


def ap(guesses, truths) -> float:
    scored = [Scored((view, "mug"), confidence, box) for view, confidence, box in guesses]
    wanted = [Wanted((view, "mug"), box, *more) for view, box, *more in truths]
    return average_precision(scored, wanted, box_iou, 0.5).value


def test_all_found_and_nothing_else_is_one():
    assert ap([(0, 0.9, A), (1, 0.2, B)], [(0, A), (1, B)]) == 1


def test_a_surer_wrong_guess_halves_what_follows():
    assert ap([(0, 0.9, C), (0, 0.5, A)], [(0, A)]) == pytest.approx(0.5)
    assert ap([(0, 0.5, A), (0, 0.4, C)], [(0, A)]) == 1


def test_a_missed_one_costs_its_share():
    assert ap([(0, 0.9, A)], [(0, A), (0, B)]) == pytest.approx(0.5)


def test_the_same_thing_twice_is_wrong_once():
    assert ap([(0, 0.9, A), (0, 0.8, A), (0, 0.7, B)], [(0, A), (0, B)]) == pytest.approx(0.5 + 0.5 * 2 / 3)


def test_another_image_is_another_place():
    assert ap([(1, 0.9, A)], [(0, A)]) == 0


def test_the_interval_holds_the_value_and_shrinks_with_more_views():
    widths = []
    for views in (10, 100):
        scored = [Scored((view, "mug"), 0.5, A if view % 2 else C) for view in range(views)]
        found = average_precision(scored, [Wanted((v, "mug"), A) for v in range(views)], box_iou, 0.5)
        low, high = found.interval
        assert low <= found.value <= high
        widths.append(high - low)
    assert widths[1] < widths[0]


def test_what_is_ignored_is_neither_right_nor_wrong():
    assert ap([(0, 0.9, B), (0, 0.8, B), (0, 0.5, A)], [(0, A), (0, B, True)]) == 1
    assert math.isnan(ap([(0, 0.9, B)], [(0, B, True)]))


def test_false_positives_at_the_threshold_that_keeps_95_percent():
    present = [0.05] * 5 + [0.6] * 95
    rate, threshold = false_positives_at_recall(present, [0.01, 0.3, 0.7, 0.9])
    assert sum(p >= threshold for p in present) >= 95
    assert rate == pytest.approx(0.5) or threshold <= 0.05
    with pytest.raises(ValueError, match="none"):
        false_positives_at_recall([], [0.1])


def test_area_under_roc():
    assert area_under_roc([0.9, 0.8], [0.1, 0.2]) == 1
    assert area_under_roc([0.5], [0.5]) == 0.5
    assert math.isnan(area_under_roc([], [0.5]))


def test_the_mean_over_classes_weighs_each_alike():
    found = [Scored((view, "mug"), 0.5, A) for view in range(9)], [Wanted((v, "mug"), A) for v in range(9)]
    missed = [Scored((3, "cup"), 0.5, C)], [Wanted((3, "cup"), A)]
    mean = mean_average_precision([found, missed], box_iou, 0.5)
    assert (mean.value, mean.wanted, mean.guesses) == (pytest.approx(0.5), 10, 10)
    # views without a cup say nothing about cups
    assert mean.interval == (pytest.approx(0.5), pytest.approx(1))
    assert math.isnan(mean_average_precision([], box_iou, 0.5).value)
