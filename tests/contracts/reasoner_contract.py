"""What a reasoner is; every reasoner's test class inherits this and provides the fixture `reasoner`."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import pytest

from robotics.pinhole import Intrinsics
from robotics.pose import Pose
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
from robotics.reasoning.errors import (
    ImageError,
    MissingInputError,
    QueryError,
    ReasoningError,
    UnsupportedQuestionError,
)
from robotics.reasoning.reasoner import QUESTIONS, Reasoner
from robotics.reasoning.view import View

WIDTH, HEIGHT = 224, 168
CAMERA_HEIGHT = 0.8
"""Above the table [m]."""

ODD_IMAGES = {
    "grey": np.full((HEIGHT, WIDTH), 90, np.uint8),
    "grey with a channel": np.full((HEIGHT, WIDTH, 1), 90, np.uint8),
    "with alpha": np.full((HEIGHT, WIDTH, 4), 90, np.uint8),
    "one pixel": np.full((1, 1, 3), 90, np.uint8),
    "one row": np.full((1, 500, 3), 90, np.uint8),
    "no pixel": np.zeros((0, 0, 3), np.uint8),
    "two channels": np.zeros((HEIGHT, WIDTH, 2), np.uint8),
    "floats": np.zeros((HEIGHT, WIDTH, 3), np.float32),
}

BAD_QUERIES = ("", "  \n", "mug " * 2500)


def make_view(seed: int = 0) -> View:
    """A red block and a blue disc on a grey table, seen from straight above, with depth and calibration."""
    rng = np.random.default_rng(seed)
    image = rng.normal(150, 4, (HEIGHT, WIDTH, 3)).clip(0, 255).astype(np.uint8)
    cv2.rectangle(image, (60, 60), (90, 80), (200, 30, 30), -1)
    cv2.circle(image, (150, 100), 14, (30, 60, 200), -1)
    depth = np.full((HEIGHT, WIDTH), CAMERA_HEIGHT, np.float32)
    depth[60:81, 60:91] -= 0.04
    k = Intrinsics(200.0, 200.0, WIDTH / 2, HEIGHT / 2, WIDTH, HEIGHT)
    # Right is +x of the world, the picture's up direction is +y, and it looks along -z.
    camera_in_world = Pose(np.array([0.0, 0.0, CAMERA_HEIGHT]), np.array([0.0, 1.0, 0.0, 0.0]))
    return View(image, depth, k, camera_in_world, "overhead")


def ask(reasoner: Reasoner, kind: str, view: View, query: str | None = None) -> Any:
    """Any of QUESTIONS with a query that suits it, or with `query`."""
    points = (Point(75.0, 70.0, "a"), Point(150.0, 100.0, "b"))
    if kind == "correspond":
        inside = tuple(p for p in points if p.column <= view.width and p.row <= view.height)
        return reasoner.correspond(view, inside or (Point(0.5, 0.5, "a"),), view)
    if kind == "success":
        return reasoner.success([view], [view], "push the red block to the left" if query is None else query)
    if kind == "answer":
        return reasoner.answer([view], "what is on the table?" if query is None else query)
    if kind == "trajectory":
        return reasoner.trajectory(view, "push the red block to the left" if query is None else query)
    return getattr(reasoner, kind)(view, "the red block" if query is None else query)


def check_text(text: str) -> None:
    assert "\n" not in text.strip() and text.strip()


def check_probability(value: float) -> None:
    assert 0.0 <= value <= 1.0


def check_rotation(rotation: Sequence[float]) -> None:
    assert len(rotation) == 4 and math.isclose(np.linalg.norm(rotation), 1.0, abs_tol=1e-3)


def check_position(position: Sequence[float] | None, frame: Frame, view: View) -> None:
    if position is None:
        return
    assert len(position) == 3 and np.isfinite(position).all()
    assert frame is not Frame.WORLD or view.camera_in_world is not None


def check_point(point: Point, view: View) -> None:
    assert isinstance(point, Point)
    assert 0 <= point.column <= view.width and 0 <= point.row <= view.height
    check_probability(point.confidence)
    check_position(point.position, point.frame, view)


def check_box(box: Box2D, view: View) -> None:
    assert isinstance(box, Box2D)
    assert 0 <= box.left < box.right <= view.width and 0 <= box.top < box.bottom <= view.height
    check_probability(box.confidence)


def check_box3d(box: Box3D, view: View) -> None:
    assert isinstance(box, Box3D)
    assert all(extent > 0 and math.isfinite(extent) for extent in box.size)
    assert box.frame is (Frame.WORLD if view.is_calibrated else Frame.LEVEL)
    check_position(box.center, box.frame, view)
    check_rotation(box.rotation)
    check_probability(box.confidence)


def check_grasp(grasp: Grasp, view: View) -> None:
    assert isinstance(grasp, Grasp)
    assert 0 <= grasp.column <= view.width and 0 <= grasp.row <= view.height
    assert -math.pi / 2 < grasp.angle <= math.pi / 2
    check_position(grasp.position, grasp.frame, view)
    if grasp.rotation is not None:
        check_rotation(grasp.rotation)
    assert grasp.opening is None or grasp.opening > 0
    check_probability(grasp.confidence)


def check_trajectory(trajectory: Trajectory, view: View) -> None:
    assert isinstance(trajectory, Trajectory)
    assert len(trajectory.waypoints) >= 2
    for point in trajectory.waypoints:
        check_point(point, view)
    check_probability(trajectory.confidence)


CHECKS = {
    "point": check_point,
    "detect": check_box,
    "boxes3d": check_box3d,
    "grasps": check_grasp,
    "trajectory": check_trajectory,
}


def check_answer(kind: str, answer: Any, view: View) -> None:
    """The right type, within the view."""
    if kind in CHECKS:
        assert isinstance(answer, Found)
        assert isinstance(answer.items, tuple)
        check_probability(answer.presence)
        assert not (answer.items and answer.unknown_words)
        for item in answer:
            CHECKS[kind](item, view)
    elif kind == "correspond":
        assert isinstance(answer, tuple)
        for match in answer:
            assert isinstance(match, Correspondence)
            check_point(match.source, view)
            if match.target is not None:
                check_point(match.target, view)
            check_probability(match.confidence)
    elif kind == "success":
        assert isinstance(answer, Success) and isinstance(answer.achieved, bool)
        check_probability(answer.probability)
    else:
        assert isinstance(answer, Answer)
        assert answer.text.strip()
        check_probability(answer.confidence)


class ReasonerContract:
    """Subclasses provide the fixture `reasoner`; `view` may be overridden by one that the reasoner knows."""

    @pytest.fixture
    def view(self) -> View:
        return make_view()

    @pytest.fixture(params=QUESTIONS)
    def kind(self, request: pytest.FixtureRequest) -> str:
        return request.param

    @pytest.fixture
    def supported(self, reasoner: Reasoner, kind: str) -> str:
        if kind not in reasoner.supports:
            pytest.skip(f"{reasoner.name} does not answer '{kind}'")
        return kind

    def test_it_has_a_name_and_says_what_it_answers(self, reasoner: Reasoner):
        check_text(reasoner.name)
        assert len(reasoner.name) <= 80
        assert reasoner.supports and reasoner.supports <= set(QUESTIONS)

    def test_answers_have_the_right_type_and_lie_in_the_view(
        self, reasoner: Reasoner, supported: str, view: View
    ):
        check_answer(supported, ask(reasoner, supported, view), view)

    def test_what_it_does_not_answer_is_refused_by_name(self, reasoner: Reasoner, kind: str, view: View):
        if kind in reasoner.supports:
            pytest.skip("supported")
        with pytest.raises(UnsupportedQuestionError, match=kind) as refused:
            ask(reasoner, kind, view)
        check_text(str(refused.value))

    @pytest.mark.parametrize("query", BAD_QUERIES, ids=["empty", "blank", "10,000 characters"])
    def test_an_unusable_query_is_refused_in_one_line(
        self, reasoner: Reasoner, supported: str, view: View, query: str
    ):
        if supported == "correspond":
            pytest.skip("has no query")
        with pytest.raises(QueryError) as refused:
            ask(reasoner, supported, view, query)
        check_text(str(refused.value))
        assert len(str(refused.value)) < 300

    @pytest.mark.parametrize("image", ODD_IMAGES.values(), ids=ODD_IMAGES)
    def test_odd_pictures_are_answered_or_refused_in_one_line(
        self, reasoner: Reasoner, supported: str, image: np.ndarray
    ):
        odd = View(image)
        try:
            answer = ask(reasoner, supported, odd)
        except (ImageError, MissingInputError) as refused:
            check_text(str(refused))
        else:
            check_answer(supported, answer, odd)

    def test_fifty_megapixels_are_answered_or_refused_in_one_line(self, reasoner: Reasoner):
        kind = "point" if "point" in reasoner.supports else min(reasoner.supports)
        large = View(np.full((6250, 8000, 3), 90, np.uint8))
        try:
            check_answer(kind, ask(reasoner, kind, large), large)
        except (ImageError, MissingInputError) as refused:
            check_text(str(refused))

    def test_a_picture_alone_is_answered_or_what_it_lacks_is_named(
        self, reasoner: Reasoner, supported: str, view: View
    ):
        bare = View(view.image)
        try:
            check_answer(supported, ask(reasoner, supported, bare), bare)
        except MissingInputError as refused:
            check_text(str(refused))

    def test_depth_or_intrinsics_of_another_size_are_refused(
        self, reasoner: Reasoner, supported: str, view: View
    ):
        wrong = dataclasses.replace(view, depth=np.ones((5, 5), np.float32))
        with pytest.raises(ReasoningError) as refused:
            ask(reasoner, supported, wrong)
        check_text(str(refused.value))

    def test_the_same_question_about_the_same_view_has_the_same_answer(
        self, reasoner: Reasoner, supported: str, view: View
    ):
        before = view.image.copy()
        assert ask(reasoner, supported, view) == ask(reasoner, supported, view)
        np.testing.assert_array_equal(view.image, before)

    def test_no_more_than_asked_for(self, reasoner: Reasoner, view: View):
        for kind in ("point", "detect", "boxes3d", "grasps"):
            if kind in reasoner.supports:
                assert len(getattr(reasoner, kind)(view, "every object", limit=1)) <= 1

    def test_matches_keep_the_order_of_the_points(self, reasoner: Reasoner, view: View):
        if "correspond" not in reasoner.supports:
            pytest.skip("does not match")
        points = tuple(Point(10.0 + 40.0 * n, 80.0, str(n)) for n in range(5))
        assert tuple(m.source for m in reasoner.correspond(view, points, view)) == points

    def test_a_point_outside_the_view_cannot_be_matched(self, reasoner: Reasoner, view: View):
        if "correspond" not in reasoner.supports:
            pytest.skip("does not match")
        with pytest.raises(QueryError) as refused:
            reasoner.correspond(view, [Point(view.width + 50.0, 5.0)], view)
        check_text(str(refused.value))

    def test_success_needs_no_picture_from_before(self, reasoner: Reasoner, view: View):
        if "success" not in reasoner.supports:
            pytest.skip("does not judge")
        try:
            check_answer("success", reasoner.success([], [view], "push the red block to the left"), view)
        except MissingInputError as refused:
            check_text(str(refused))

    def test_success_and_answer_need_a_view(self, reasoner: Reasoner):
        if "success" in reasoner.supports:
            with pytest.raises((ImageError, MissingInputError)):
                reasoner.success([], [], "push the red block to the left")
        if "answer" in reasoner.supports:
            with pytest.raises((ImageError, MissingInputError)):
                reasoner.answer([], "what is on the table?")
