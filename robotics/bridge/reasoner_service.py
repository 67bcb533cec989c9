"""Serves any reasoner over gRPC: views are kept by id, questions about them are answered a few at a time."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc

from robotics.bridge.codec import MalformedMessageError
from robotics.bridge.reasoner_answer_codec import encode_answer
from robotics.bridge.reasoner_codec import MOST_ITEMS, MOST_PIXELS, decode_request, decode_view
from robotics.bridge.security.caller import CALLER
from robotics.bridge.security.protection import Limits, Protection
from robotics.bridge.statuses import OK, BusyError, status_of
from robotics.bridge.thread_server import ThreadServer
from robotics.bridge.v1 import reasoner_service_pb2 as pb
from robotics.bridge.v1 import reasoner_service_pb2_grpc, types_pb2
from robotics.bridge.view_store import UnknownViewError, ViewLimits, ViewStore
from robotics.errors import RoboticsError
from robotics.reasoning.errors import AnswerFormatError
from robotics.reasoning.reasoner import QUESTIONS, Reasoner
from robotics.reasoning.requests import ask
from robotics.reasoning.view import View

DEFAULT_ADDRESS = "127.0.0.1:50053"
_SERVICE = "robotics.v1.ReasonerService"
_MEBIBYTE = 1 << 20
LARGEST_MESSAGE = 48 * _MEBIBYTE
REASONER_LIMITS = Limits(bytes_per_s=1024.0 * _MEBIBYTE)
"""Views are pictures."""
_MOST_WAITING = 32
_SPARE_THREADS = 8
"""Questions that wait leave so many threads to health, views and descriptions."""
_LONGEST_MODEL_TEXT = 2000
_log = logging.getLogger(__name__)


class ReasonerService(reasoner_service_pb2_grpc.ReasonerServiceServicer):
    """One reasoner for all clients."""

    def __init__(self, reasoner: Reasoner, parallel: int, views: ViewStore):
        """
        Args:
            parallel: Questions that are answered at a time; others wait for their turn.
        """
        self._reasoner = reasoner
        self._views = views
        self._turns = threading.Semaphore(parallel)
        self._room = threading.Semaphore(parallel + _MOST_WAITING)
        self._most_at_once = parallel + _MOST_WAITING

    def Describe(self, request: pb.DescribeReasonerRequest, context: Any) -> pb.DescribeReasonerResponse:
        return pb.DescribeReasonerResponse(
            name=self._reasoner.name,
            supports=[question for question in QUESTIONS if question in self._reasoner.supports],
            views_per_client=self._views.limits.per_client,
            views=self._views.limits.views,
            most_pixels=MOST_PIXELS,
        )

    def PutView(self, request: pb.PutViewRequest, context: Any) -> pb.PutViewResponse:
        try:
            view = decode_view(request.view)
            caller = CALLER.get()
            view_id = self._views.put(view, caller.client if caller else "")
            return pb.PutViewResponse(status=OK, view_id=view_id)
        except Exception as error:
            return pb.PutViewResponse(status=_status(error))

    def DropViews(self, request: pb.DropViewsRequest, context: Any) -> pb.DropViewsResponse:
        if len(request.view_ids) > MOST_ITEMS:
            error = MalformedMessageError(f"at most {MOST_ITEMS} views, got {len(request.view_ids)}")
            return pb.DropViewsResponse(status=status_of(error))
        self._views.drop(request.view_ids)
        return pb.DropViewsResponse(status=OK)

    def Ask(self, request: pb.AskRequest, context: Any) -> pb.AskResponse:
        try:
            with self._turn(context) as is_wanted:
                if is_wanted:
                    return self._answer(request)
                # This may still reach a client that is a moment behind: an empty answer would mislead it.
                context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "the question waited until its deadline")
                raise AssertionError  # abort never returns
        except BusyError as error:
            return pb.AskResponse(status=status_of(error))

    @contextmanager
    def _turn(self, context: Any) -> Iterator[bool]:
        """Waits for a turn; says whether the client still waits, too.

        Raises:
            BusyError: Too many wait already.
        """
        if not self._room.acquire(blocking=False):
            raise BusyError(
                f"reasoner '{self._reasoner.name}' takes {self._most_at_once} questions at once, and has them"
            )
        try:
            left_s = context.time_remaining()
            if not self._turns.acquire(timeout=left_s):
                yield False
                return
            try:
                yield context.is_active()
            finally:
                self._turns.release()
        finally:
            self._room.release()

    def _answer(self, message: pb.AskRequest) -> pb.AskResponse:
        try:
            request = decode_request(message, self._resolve_all)
            answered = ask(self._reasoner, request)
            response = pb.AskResponse(status=OK, duration_ns=int(answered.duration_s * 1e9))
            encode_answer(request.question, answered.answer, response)
            return response
        except UnknownViewError as error:
            status = types_pb2.Status(code=types_pb2.STATUS_CODE_UNKNOWN_VIEW, message=str(error))
            return pb.AskResponse(status=status, unknown_view_ids=error.view_ids)
        except AnswerFormatError as error:
            return pb.AskResponse(status=status_of(error), model_text=error.text[:_LONGEST_MODEL_TEXT])
        except Exception as error:
            return pb.AskResponse(status=_status(error))

    def _resolve_all(self, references: Iterable[pb.ViewReference]) -> list[View]:
        references = list(references)
        kinds = [reference.WhichOneof("reference") for reference in references]
        if None in kinds:
            raise MalformedMessageError("a view is named by its id or sent, this one is neither")
        kept = self._views.get(
            r.view_id for r, kind in zip(references, kinds, strict=True) if kind == "view_id"
        )
        return [
            kept[reference.view_id] if kind == "view_id" else decode_view(reference.view)
            for reference, kind in zip(references, kinds, strict=True)
        ]


def _status(error: Exception) -> types_pb2.Status:
    if not isinstance(error, RoboticsError):  # the reasoner's fault must not look like a broken connection
        _log.exception("the reasoner failed", exc_info=error)
    return status_of(error)


class ReasonerServer:
    """Serves from threads of this process until `close`."""

    def __init__(
        self,
        make_reasoner: Callable[[], Reasoner],
        address: str = DEFAULT_ADDRESS,
        parallel: int = 1,
        protection: Protection | None = None,
        views: ViewLimits | None = None,
    ):
        """Listen; return once clients can connect.

        Args:
            make_reasoner: Called once.
            address: HOST:PORT, on loopback unless there are keys; port 0 lets the system choose.
            parallel: Questions that are answered at a time; above one the reasoner must bear calls from
                several threads.

        Raises:
            AddressError, KeysError, AuditError: As `GuardedEntrance`.
            RoboticsError: Whatever `make_reasoner` raises.
        """
        if parallel < 1:
            raise RoboticsError(f"at least one question is answered at a time, got parallel={parallel}")
        self._server = ThreadServer(address, protection or Protection(limits=REASONER_LIMITS))
        try:
            service = ReasonerService(make_reasoner(), parallel, ViewStore(views))
            self._server.start(
                _SERVICE,
                lambda server: reasoner_service_pb2_grpc.add_ReasonerServiceServicer_to_server(
                    service, server
                ),
                threads=parallel + _MOST_WAITING + _SPARE_THREADS,
                options=(
                    ("grpc.max_receive_message_length", LARGEST_MESSAGE),
                    ("grpc.max_send_message_length", LARGEST_MESSAGE),
                ),
            )
        except BaseException:
            self._server.close()
            raise

    @property
    def address(self) -> str:
        """HOST:PORT that it listens on."""
        return self._server.address

    def wait(self) -> None:
        """Serve until `close` is called from elsewhere, or Ctrl-C."""
        self._server.wait()

    def close(self) -> None:
        """End every call."""
        self._server.close()
