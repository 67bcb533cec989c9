"""Unusable questions and pictures are refused in one line that says what is wanted."""

import dataclasses

import numpy as np
import pytest
from contracts.reasoner_contract import make_view

from robotics.reasoning.answers import Point
from robotics.reasoning.checks import as_rgb, check_limit, check_points, check_query, check_view, check_views
from robotics.reasoning.errors import ImageError, QueryError
from robotics.reasoning.view import View


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "empty"), (" \n", "empty"), ("?!", "no words"), ("mug " * 2500, "10000 characters"), (7, "int")],
)
def test_a_query_without_words_or_end_is_refused(text, says):
    with pytest.raises(QueryError, match=says) as refused:
        check_query(text)
    assert len(str(refused.value)) < 100


def test_a_query_comes_out_in_one_line():
    assert check_query("  the red\n mug ") == "the red mug"
    assert check_query("la tasse à café") == "la tasse à café"


@pytest.mark.parametrize(
    ("image", "says"),
    [
        (np.zeros((4, 4, 3)), "float64"),
        (np.zeros((4, 4, 2), np.uint8), r"\(4, 4, 2\)"),
        (np.zeros((0, 4, 3), np.uint8), r"\(0, 4, 3\)"),
        (np.zeros(4, np.uint8), r"\(4,\)"),
        ([[1]], "list"),
        (np.broadcast_to(np.zeros((1, 1, 3), np.uint8), (20_000, 20_000, 3)), "100 megapixels"),
    ],
)
def test_what_is_no_picture_is_refused(image, says):
    with pytest.raises(ImageError, match=says):
        as_rgb(image)


def test_grey_and_alpha_become_colour():
    grey = np.arange(6, dtype=np.uint8).reshape(2, 3)
    for image in (grey, grey[..., None], np.dstack([grey] * 3), np.dstack([grey] * 4)):
        np.testing.assert_array_equal(as_rgb(image), np.dstack([grey] * 3))


def test_parts_of_a_view_must_fit_each_other():
    view = make_view()
    with pytest.raises(ImageError, match="224x168"):
        check_view(dataclasses.replace(view, depth=np.zeros((2, 2), np.float32)))
    with pytest.raises(ImageError, match="224x168"):
        check_view(View(view.image, intrinsics=view.intrinsics and view.intrinsics.resized(10, 10)))
    with pytest.raises(ImageError, match="a view is needed"):
        check_views([])


def test_points_must_lie_in_the_view_and_limits_be_positive():
    with pytest.raises(QueryError, match="no points"):
        check_points([], make_view())
    with pytest.raises(QueryError, match="outside the image of 224x168"):
        check_points([Point(5, 5), Point(5, 169)], make_view())
    with pytest.raises(QueryError, match="at least 1, got 0"):
        check_limit(0)
