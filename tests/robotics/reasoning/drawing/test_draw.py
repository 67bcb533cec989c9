"""Every kind of answer shows up where it belongs, on bright and dark pictures of any size."""

import dataclasses
import math

import cv2
import numpy as np
import pytest
from contracts.reasoner_contract import make_view

from robotics.reasoning.answers import (
    Answer,
    Box2D,
    Box3D,
    Correspondence,
    Found,
    Frame,
    Grasp,
    Point,
    Success,
    Trajectory,
)
from robotics.reasoning.drawing.canvas import DARK, Canvas
from robotics.reasoning.drawing.draw import draw
from robotics.reasoning.errors import ImageError, MissingInputError
from robotics.reasoning.view import View

SIZES = ((224, 168), (3840, 2160))
UPRIGHT = (1.0, 0.0, 0.0, 0.0)


def plain(width: int, height: int, brightness: int) -> View:
    known = make_view()
    assert known.intrinsics is not None
    image = np.full((height, width, 3), brightness, np.uint8)
    return View(image, None, known.intrinsics.resized(width, height), known.camera_in_world)


def answers(width: int, height: int) -> dict[str, Found | Success | Answer]:
    def at(x: float, y: float, label: str = "") -> Point:
        return Point(x * width, y * height, label)

    cube = Box3D((0.05, 0.0, 0.05), (0.1, 0.1, 0.1), UPRIGHT, Frame.WORLD, "cube", 0.8)
    return {
        "point": Found((at(0.4, 0.5, "mug"), at(0.8, 0.2))),
        "box": Found((Box2D(0.2 * width, 0.2 * height, 0.6 * width, 0.7 * height, "mug", 0.5),)),
        "box3d": Found((cube,)),
        "grasp": Found((Grasp(0.5 * width, 0.5 * height, 0.4, label="mug"), Grasp(5, 5, -1.0))),
        "trajectory": Found((Trajectory((at(0.2, 0.2), at(0.5, 0.8), at(0.8, 0.5)), "push"),)),
        "success": Success(True, 0.9, "the mug stands on the plate"),
        "answer": Answer("Two mugs."),
        "absent": Found((), reason="no red mug; there is a blue mug"),
        "unknown": Found((), unknown_words=("quux",)),
    }


@pytest.mark.parametrize(
    ("size", "brightness"), [(SIZES[0], 8), (SIZES[0], 128), (SIZES[0], 250), (SIZES[1], 250)], ids=str
)
@pytest.mark.parametrize("kind", answers(1, 1))
def test_it_stands_out_from_bright_and_dark_pictures(size: tuple[int, int], brightness: int, kind: str):
    view = plain(*size, brightness)
    drawn = draw(view, answers(*size)[kind])
    assert drawn.shape == view.image.shape and drawn.dtype == np.uint8
    assert (view.image == brightness).all()  # a new picture
    share = contrasting(view, drawn)
    assert 0.0004 < share < 0.3
    # Lines grow with the picture: what is drawn covers a similar part of it.
    small = plain(*SIZES[0], brightness)
    assert share > 0.03 * contrasting(small, draw(small, answers(*SIZES[0])[kind]))


def contrasting(view: View, drawn: np.ndarray) -> float:
    """Part of the pixels that clearly changed."""
    return float((cv2.absdiff(view.image, drawn).max(axis=2) > 90).mean())


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_point_is_drawn_at_its_pixel(size: tuple[int, int]):
    width, height = size
    drawn = draw(plain(*size, 0), Found((Point(0.3 * width, 0.6 * height),)))
    rows, columns = np.nonzero(drawn.max(axis=2) > 200)
    assert columns.mean() + 0.5 == pytest.approx(0.3 * width, abs=0.6)
    assert rows.mean() + 0.5 == pytest.approx(0.6 * height, abs=0.6)


def test_a_box_in_space_is_drawn_where_the_camera_sees_it():
    view = plain(224, 168, 0)
    box = Box3D((0.1, 0.05, 0.02), (0.08, 0.06, 0.04), UPRIGHT, Frame.WORLD)
    rows, columns = np.nonzero(draw(view, Found((box,))).max(axis=2) > 60)
    # The top face is nearest to the camera at 0.8 m: 200 pixels of focal length over 0.76 m.
    scale = 200 / 0.76
    assert columns.min() == pytest.approx(112 + 0.06 * scale, abs=2.5)
    assert columns.max() == pytest.approx(112 + 0.14 * scale, abs=2.5)
    assert rows.min() == pytest.approx(84 - 0.08 * scale, abs=2.5)
    assert rows.max() == pytest.approx(84 - 0.02 * scale, abs=2.5)


@pytest.mark.parametrize("z", [0.8, 0.79, 1.5])
def test_a_box_around_or_behind_the_camera_does_no_harm(z: float):
    view = plain(224, 168, 0)
    drawn = draw(view, Found((Box3D((0, 0, z), (0.5, 0.5, 0.5), UPRIGHT, Frame.WORLD, "near"),)))
    assert drawn.any() == (z < 1.0)


def test_a_box_without_calibration_is_drawn_as_an_ordinary_camera_sees_it():
    view = View(np.zeros((240, 320, 3), np.uint8))
    level = Box3D((0, 1.0, 0), (0.2, 0.2, 0.2), UPRIGHT, Frame.LEVEL)
    rows, columns = np.nonzero(draw(view, Found((level,))).max(axis=2) > 100)
    assert columns.mean() == pytest.approx(160, abs=3) and rows.mean() == pytest.approx(120, abs=3)
    with pytest.raises(MissingInputError, match="camera_in_world"):
        draw(view, Found((dataclasses.replace(level, frame=Frame.WORLD),)))


def test_a_trajectory_s_colour_runs_from_blue_to_yellow():
    drawn = draw(plain(400, 100, 0), Found((Trajectory((Point(40, 50), Point(360, 50))),)))
    start, end = drawn[50, 60].astype(int), drawn[50, 320].astype(int)
    assert start[2] > start[0] and end[0] > end[2] and end[1] > end[2]


def test_a_grasp_s_fingers_stand_across_its_line():
    for angle in (0.0, math.pi / 2):
        drawn = draw(plain(200, 200, 0), Found((Grasp(100, 100, angle),)))
        rows, columns = np.nonzero(drawn.max(axis=2) > 100)
        across, along = np.ptp(columns), np.ptp(rows)
        assert (across > along) == (angle == 0.0)


def test_matches_are_joined_across_two_views_and_hidden_ones_crossed_out():
    left, right = plain(224, 168, 0), plain(320, 240, 0)
    matches = (
        Correspondence(Point(50, 60, "a"), Point(100, 100)),
        Correspondence(Point(150, 100, "b"), None),
    )
    drawn = draw(left, matches, right)
    width = round(224 * 240 / 168) + max(2, 240 // 80) + 320
    assert drawn.shape == (240, width, 3)
    middle = drawn[:, round(224 * 240 / 168) + 1]
    assert (middle.max(axis=1) > 150).sum() in range(1, 8)  # one line crosses from view to view
    with pytest.raises(MissingInputError, match="two views"):
        draw(left, matches)


def test_labels_stay_within_the_picture_and_off_the_dots():
    canvas = Canvas(np.full((168, 224, 3), 128, np.uint8))
    for place in ((1, 1), (223, 1), (1, 167), (223, 167)):
        canvas.dot(place, (255, 0, 0))
        canvas.label("a label", place, (255, 255, 255))
    for x, y, width, height in canvas._occupied[1::2]:
        assert x >= 0 and y >= 0 and x + width <= 224 and y + height <= 168


@pytest.mark.parametrize("text", ["x" * 5000, "word " * 900, "tasse à café", "マグ", "a\nb", "\x00", ""])
@pytest.mark.parametrize("size", [(224, 168), (1, 1), (3, 500), (500, 3)], ids=str)
def test_any_text_fits_any_picture(text: str, size: tuple[int, int]):
    view = View(np.full((size[1], size[0], 3), 90, np.uint8))
    for answer in (
        Answer(text),
        Success(False, 0.1, text),
        Found((Point(0.5, 0.5, text),)),
        Found((), 0.0, (), text),
    ):
        assert draw(view, answer).shape == view.image.shape


def test_grey_pictures_are_drawn_in_colour_and_others_refused():
    drawn = draw(View(np.full((168, 224), 90, np.uint8)), Found((Point(50, 50),)))
    assert drawn.shape == (168, 224, 3)
    with pytest.raises(ImageError):
        draw(View(np.zeros((168, 224, 3))), Found((Point(50, 50),)))


def test_banners_are_dark_plates_at_the_bottom():
    drawn = draw(plain(224, 168, 200), Success(False, 0.2, "it fell"))
    assert (drawn[0] == 200).all() and (drawn[-1] == DARK).all()
