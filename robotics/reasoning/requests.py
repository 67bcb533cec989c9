"""Any question to any reasoner as one value: ask one, many at a time, or without blocking an event loop."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from robotics.errors import RoboticsError, UnknownNameError
from robotics.reasoning.answers import Point
from robotics.reasoning.checks import check_limit, check_points, check_query, check_views
from robotics.reasoning.errors import BackendError, ImageError, QueryError, UnsupportedQuestionError
from robotics.reasoning.reasoner import QUESTIONS, GripperShape, Reasoner
from robotics.reasoning.scaling import Reply
from robotics.reasoning.view import View

LIMITED = ("point", "detect", "boxes3d", "grasps")
"""Questions whose number of answers can be limited."""
_MOST_VIEWS: dict[str, int | None] = {"success": None, "answer": None, "correspond": 2}
"""None: any number from one on; one view where it is not said."""


@dataclass(frozen=True, eq=False)
class Request:
    """One question; which fields it needs depends on its kind.

    Raises:
        UnknownNameError: No such question.
        ImageError: A number of views that the question cannot have, or one that cannot be used.
        QueryError: The text is empty or too long, a limit below one, points outside the view, or a field that
            this question does not have.
    """

    question: str
    """One of QUESTIONS."""
    views: tuple[View, ...]
    """One; 'correspond': source and target; 'answer': any number; 'success': those after."""
    text: str = ""
    """Query, instruction or question; 'correspond' has none."""
    before: tuple[View, ...] = ()
    """'success' only."""
    points: tuple[Point, ...] = ()
    """'correspond' only: in the source's pixels."""
    gripper: GripperShape | None = None
    """'grasps' only."""
    limit: int | None = None
    """Greatest number of answers of `LIMITED` questions; None: the question's own."""

    def __post_init__(self):
        if self.question not in QUESTIONS:
            raise UnknownNameError("question", self.question, QUESTIONS)
        most = _MOST_VIEWS.get(self.question, 1)
        if most is not None and len(self.views) != most:
            raise ImageError(
                f"'{self.question}' is asked about {most} view{'s' * (most > 1)}, got {len(self.views)}"
            )
        check_views((*self.views, *self.before) if self.views else (), f"a view for '{self.question}'")
        allowed = {
            "before": self.question == "success",
            "points": self.question == "correspond",
            "gripper": self.question == "grasps",
            "limit": self.question in LIMITED,
            "text": self.question != "correspond",
        }
        for name, is_allowed in allowed.items():
            if getattr(self, name) not in ((), None, "") and not is_allowed:
                raise QueryError(f"'{self.question}' has no '{name}'")
        if self.question == "correspond":
            check_points(self.points, self.views[0])
        else:
            check_query(self.text)
        if self.limit is not None:
            check_limit(self.limit)


@dataclass(frozen=True)
class Response:
    """What a request was answered."""

    answer: Reply
    duration_s: float
    """Time that the reasoner took [s]."""


def ask(reasoner: Reasoner, request: Request) -> Response:
    """
    Raises:
        ReasoningError: As the reasoner's methods; also BackendError where it fails unforeseen.
    """
    if request.question not in reasoner.supports:
        supported = [question for question in QUESTIONS if question in reasoner.supports]
        raise UnsupportedQuestionError(reasoner.name, request.question, supported)
    started = time.perf_counter()
    try:
        answer = _ask(reasoner, request)
    except RoboticsError:
        raise
    except Exception as error:
        raise BackendError(f"reasoner '{reasoner.name}' failed: {type(error).__name__}: {error}") from error
    return Response(answer, time.perf_counter() - started)


def _ask(reasoner: Reasoner, request: Request) -> Reply:
    limit: dict[str, Any] = {} if request.limit is None else {"limit": request.limit}
    match request.question:
        case "grasps":
            return reasoner.grasps(request.views[0], request.text, request.gripper, **limit)
        case "trajectory":
            return reasoner.trajectory(request.views[0], request.text)
        case "correspond":
            source, target = request.views
            return reasoner.correspond(source, request.points, target)
        case "success":
            return reasoner.success(request.before, request.views, request.text)
        case "answer":
            return reasoner.answer(request.views, request.text)
        case _:
            return getattr(reasoner, request.question)(request.views[0], request.text, **limit)


def ask_all(
    reasoner: Reasoner, requests: Sequence[Request], parallel: int = 1
) -> tuple[Response | RoboticsError, ...]:
    """The responses in the requests' order; in the place of one that failed, its error.

    Args:
        parallel: Requests that are asked at a time; above one the reasoner must bear calls from several
            threads, as remote ones do.
    """
    if parallel < 1:
        raise ValueError(f"at least one request is asked at a time, got parallel={parallel}")

    def one(request: Request) -> Response | RoboticsError:
        try:
            return ask(reasoner, request)
        except RoboticsError as error:
            return error

    if parallel == 1:
        return tuple(map(one, requests))
    pool = ThreadPoolExecutor(min(parallel, max(1, len(requests))), thread_name_prefix="ask")
    try:
        waiting: list[Future[Response | RoboticsError]] = [pool.submit(one, request) for request in requests]
        return tuple(future.result() for future in waiting)
    finally:
        # interrupted: what has not begun never does
        pool.shutdown(wait=False, cancel_futures=True)


async def ask_async(reasoner: Reasoner, request: Request) -> Response:
    """As `ask`, from a thread, so that the event loop goes on.

    Cancelling gives up waiting; a question that has begun is still answered, to nobody.
    """
    return await asyncio.to_thread(ask, reasoner, request)
