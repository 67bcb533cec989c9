"""Questions as values: checked when made, asked one by one, many at a time, and without blocking."""

import asyncio
import threading

import pytest
from contracts.blob_reasoner import BlobReasoner
from contracts.reasoner_contract import check_answer, make_view

from robotics.errors import UnknownNameError
from robotics.reasoning.answers import Found, Point
from robotics.reasoning.errors import (
    BackendError,
    ImageError,
    MissingInputError,
    QueryError,
    UnsupportedQuestionError,
)
from robotics.reasoning.reasoner import QUESTIONS, GripperShape
from robotics.reasoning.requests import Request, Response, ask, ask_all, ask_async
from robotics.reasoning.view import View

VIEW = make_view()


def request(question: str, view: View = VIEW) -> Request:
    if question == "correspond":
        return Request(question, (view, make_view(1)), points=(Point(75.0, 70.0),))
    if question == "success":
        return Request(question, (view,), "push the red block to the left", before=(view,))
    return Request(question, (view,), "the red block")


class FragileReasoner(BlobReasoner):
    """Breaks on the word 'break'."""

    name = "fragile"
    supports = frozenset(QUESTIONS) - {"answer"}

    def point(self, view: View, query: str, limit: int = 1) -> Found[Point]:
        if "break" in query:
            raise ZeroDivisionError("by zero")
        return super().point(view, query, limit)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_can_be_asked(question: str):
    response = ask(BlobReasoner(), request(question))
    check_answer(question, response.answer, VIEW)
    assert response.duration_s > 0


def test_gripper_and_limit_reach_the_reasoner():
    wide = Request("grasps", (VIEW,), "anything", gripper=GripperShape(opening=0.2), limit=1)
    (grasp,) = ask(BlobReasoner(), wide).answer  # type: ignore[misc]
    assert grasp.opening == 0.2
    both = ask(BlobReasoner(), Request("detect", (VIEW,), "anything")).answer
    assert isinstance(both, Found) and len(both) == 2


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: Request("grab", (VIEW,), "x"), UnknownNameError, "no question 'grab'"),
        (lambda: Request("point", (), "x"), ImageError, "1 view, got 0"),
        (lambda: Request("point", (VIEW, VIEW), "x"), ImageError, "1 view, got 2"),
        (lambda: Request("correspond", (VIEW,), points=(Point(1, 1),)), ImageError, "2 views, got 1"),
        (lambda: Request("success", (), "x", before=(VIEW,)), ImageError, "a view for 'success'"),
        (lambda: Request("answer", (), "x"), ImageError, "a view for 'answer'"),
        (lambda: Request("point", (VIEW,), " "), QueryError, "empty"),
        (lambda: Request("point", (VIEW,), "x" * 10_000), QueryError, "10000"),
        (lambda: Request("point", (VIEW,), "x", limit=0), QueryError, "at least 1"),
        (lambda: Request("correspond", (VIEW, VIEW)), QueryError, "no points"),
        (lambda: Request("correspond", (VIEW, VIEW), points=(Point(1e4, 1),)), QueryError, "outside"),
        (lambda: Request("answer", (VIEW,), "x", limit=3), QueryError, "has no 'limit'"),
        (lambda: Request("point", (VIEW,), "x", before=(VIEW,)), QueryError, "has no 'before'"),
        (lambda: Request("point", (VIEW,), "x", gripper=GripperShape()), QueryError, "has no 'gripper'"),
    ],
)
def test_a_request_that_makes_no_sense_cannot_be_made(make, error, text):
    with pytest.raises(error, match=text) as refused:
        make()
    assert "\n" not in str(refused.value)


def test_what_a_reasoner_does_not_answer_is_refused_by_name():
    with pytest.raises(UnsupportedQuestionError, match=r"'fragile' cannot answer 'answer'; it can: point"):
        ask(FragileReasoner(), request("answer"))


def test_a_fault_of_the_reasoner_is_typed_and_names_it():
    with pytest.raises(BackendError, match="'fragile' failed: ZeroDivisionError: by zero"):
        ask(FragileReasoner(), Request("point", (VIEW,), "break"))


@pytest.mark.parametrize("parallel", [1, 3, 20])
def test_many_are_answered_in_order_with_errors_in_the_place_of_the_failed(parallel: int):
    bare = View(VIEW.image)
    colours = ["red", "blue", "break", "green"]
    requests = [Request("point", (VIEW,), f"the {colour} thing") for colour in colours]
    requests.insert(1, Request("boxes3d", (bare,), "the red thing"))
    replies = ask_all(FragileReasoner(), requests, parallel)
    kinds = [type(reply) for reply in replies]
    assert kinds == [Response, MissingInputError, Response, BackendError, Response]
    red, blue, green = (reply.answer for reply in replies if isinstance(reply, Response))
    assert isinstance(red, Found) and isinstance(blue, Found) and isinstance(green, Found)
    assert red.best.column < 100 < blue.best.column and green.absent  # type: ignore[union-attr]


def test_none_is_as_many_as_any():
    assert ask_all(BlobReasoner(), [], parallel=4) == ()
    with pytest.raises(ValueError, match="parallel=0"):
        ask_all(BlobReasoner(), [], parallel=0)


class MeetingReasoner(BlobReasoner):
    """Answers once so many ask at the same time."""

    def __init__(self, count: int):
        super().__init__()
        self._meeting = threading.Barrier(count)

    def point(self, view: View, query: str, limit: int = 1) -> Found[Point]:
        self._meeting.wait(timeout=30)
        return super().point(view, query, limit)


def test_parallel_requests_really_meet():
    replies = ask_all(MeetingReasoner(3), [request("point")] * 3, parallel=3)
    assert all(isinstance(reply, Response) for reply in replies)


def test_an_event_loop_goes_on_while_it_waits():
    async def both() -> list[Response]:
        reasoner = MeetingReasoner(2)
        return await asyncio.gather(*(ask_async(reasoner, request("point")) for _ in range(2)))

    first, second = asyncio.run(both())
    assert first.answer == second.answer
