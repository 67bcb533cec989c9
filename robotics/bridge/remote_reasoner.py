"""A reasoner that is served elsewhere: `RemoteReasoner` sends each view once and asks about it by its id."""

import threading
import time
import weakref
from collections.abc import Iterable, Sequence
from typing import Any, cast

from robotics.bridge.connection import Connection, UnavailableError
from robotics.bridge.reasoner_answer_codec import decode_answer
from robotics.bridge.reasoner_codec import encode_request, encode_view
from robotics.bridge.security.key_folder import Credentials
from robotics.bridge.statuses import error_of
from robotics.bridge.v1 import reasoner_service_pb2 as pb
from robotics.bridge.v1 import reasoner_service_pb2_grpc, types_pb2
from robotics.errors import ConnectionFailedError, RoboticsError
from robotics.reasoning.answers import (
    Answer,
    Box2D,
    Box3D,
    Correspondence,
    Found,
    Grasp,
    Point,
    Success,
    Trajectory,
)
from robotics.reasoning.errors import (
    AnswerFormatError,
    BackendError,
    ReasoningError,
    UnsupportedQuestionError,
)
from robotics.reasoning.reasoner import QUESTIONS, GripperShape
from robotics.reasoning.requests import Request
from robotics.reasoning.scaling import Reply
from robotics.reasoning.view import View

_DESCRIBE_TIMEOUT_S = 5.0
_BY_ID = 2
"""Attempts to ask by ids; other clients may push a view out between two calls, so the next one carries it."""


class _Handle:
    """What the server calls a view; '' while it does not have it."""

    def __init__(self):
        self.view_id = ""
        self.sending = threading.Lock()


class RemoteReasoner:
    """Implements Reasoner by asking a `ReasonerServer`; thread-safe.

    After a failed connection, the same question is tried once more over a new one, because asking twice is
    harmless; a server that was started anew gets the views again.
    """

    def __init__(
        self,
        address: str,
        credentials: Credentials | None = None,
        timeout_s: float = 60.0,
        jpeg_quality: int = 0,
    ):
        """Connect.

        Args:
            address: HOST:PORT.
            credentials: For a server with TLS, from `load_credentials`.
            timeout_s: Longest time for one question, sending its views included [s].
            jpeg_quality: 1 .. 100 lets pictures travel as JPEG, for slow networks; 0 as they are.

        Raises:
            ConnectionFailedError: No reasoner answers there.
        """
        self.timeout_s = timeout_s
        """May be changed at any time, for the questions after it."""
        self._address = address
        self._credentials = credentials
        self._jpeg_quality = jpeg_quality
        self._handles: weakref.WeakKeyDictionary[View, _Handle] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()
        self._closed = False
        self._connection = self._connect()
        try:
            self._description: pb.DescribeReasonerResponse = self._call(
                "Describe", pb.DescribeReasonerRequest(), time.monotonic() + _DESCRIBE_TIMEOUT_S
            )
        except BaseException:
            self.close()
            raise

    @property
    def name(self) -> str:
        return self._description.name

    @property
    def supports(self) -> frozenset[str]:
        return frozenset(self._description.supports) & frozenset(QUESTIONS)

    def point(self, view: View, query: str, limit: int = 1) -> Found[Point]:
        return cast(Found[Point], self._ask(Request("point", (view,), query, limit=limit)))

    def detect(self, view: View, query: str, limit: int = 50) -> Found[Box2D]:
        return cast(Found[Box2D], self._ask(Request("detect", (view,), query, limit=limit)))

    def boxes3d(self, view: View, query: str, limit: int = 50) -> Found[Box3D]:
        return cast(Found[Box3D], self._ask(Request("boxes3d", (view,), query, limit=limit)))

    def grasps(
        self, view: View, query: str, gripper: GripperShape | None = None, limit: int = 10
    ) -> Found[Grasp]:
        request = Request("grasps", (view,), query, gripper=gripper, limit=limit)
        return cast(Found[Grasp], self._ask(request))

    def trajectory(self, view: View, instruction: str) -> Found[Trajectory]:
        return cast(Found[Trajectory], self._ask(Request("trajectory", (view,), instruction)))

    def correspond(self, source: View, points: Sequence[Point], target: View) -> tuple[Correspondence, ...]:
        request = Request("correspond", (source, target), points=tuple(points))
        return cast(tuple[Correspondence, ...], self._ask(request))

    def success(self, before: Sequence[View], after: Sequence[View], instruction: str) -> Success:
        return cast(Success, self._ask(Request("success", tuple(after), instruction, tuple(before))))

    def answer(self, views: Sequence[View], question: str) -> Answer:
        return cast(Answer, self._ask(Request("answer", tuple(views), question)))

    def close(self) -> None:
        """End every call. The server forgets this client's views when it needs their room."""
        self._closed = True
        self._connection.close()

    def _ask(self, request: Request) -> Reply:
        if request.question not in self.supports:
            supported = [question for question in QUESTIONS if question in self.supports]
            raise UnsupportedQuestionError(self.name, request.question, supported)
        until = time.monotonic() + self.timeout_s
        try:
            response = self._exchange(request, until)
            error = error_of(response.status)
            if error is None:
                return decode_answer(request.question, response)
        except ReasoningError:
            raise
        except RoboticsError as failure:  # to whoever asks, a dead line and a dead model are the same
            raise BackendError(str(failure)) from failure
        if isinstance(error, AnswerFormatError):
            error.text = response.model_text
        raise error if isinstance(error, ReasoningError) else BackendError(str(error)) from error

    def _exchange(self, request: Request, until: float) -> pb.AskResponse:
        for _ in range(_BY_ID):
            message = encode_request(request, lambda view: pb.ViewReference(view_id=self._id_of(view, until)))
            response = self._call("Ask", message, until)
            if response.status.code != types_pb2.STATUS_CODE_UNKNOWN_VIEW:
                return response
            self._forget(response.unknown_view_ids)
        return self._call("Ask", encode_request(request, self._whole), until)

    def _whole(self, view: View) -> pb.ViewReference:
        return pb.ViewReference(view=encode_view(view, self._jpeg_quality))

    def _id_of(self, view: View, until: float) -> str:
        with self._lock:
            handle = self._handles.setdefault(view, _Handle())
        # whoever asks about it meanwhile waits instead of sending it, too
        if not handle.sending.acquire(timeout=max(0.0, until - time.monotonic())):
            raise self._too_late()
        try:
            handle.view_id = handle.view_id or self._put(view, until)
            return handle.view_id
        finally:
            handle.sending.release()

    def _put(self, view: View, until: float) -> str:
        request = pb.PutViewRequest()
        encode_view(view, self._jpeg_quality, request.view)
        response = self._call("PutView", request, until)
        error = error_of(response.status)
        if error is not None:
            raise error
        return response.view_id

    def _forget(self, view_ids: Iterable[str]) -> None:
        unknown = set(view_ids)
        with self._lock:
            for handle in self._handles.values():
                if handle.view_id in unknown:
                    handle.view_id = ""

    def _connect(self) -> Connection:
        return Connection(self._address, "reasoner", self._credentials, shared=False)

    def _call(self, method: str, request: Any, until: float) -> Any:
        connection = self._connection
        try:
            return self._call_over(connection, method, request, until)
        except UnavailableError:
            if self._closed:
                raise
        return self._call_over(self._reconnect(connection), method, request, until)

    def _call_over(self, connection: Connection, method: str, request: Any, until: float) -> Any:
        left_s = until - time.monotonic()
        if left_s <= 0:
            raise self._too_late()
        stub = reasoner_service_pb2_grpc.ReasonerServiceStub(connection.channel)
        return connection.call(getattr(stub, method), request, left_s)

    def _too_late(self) -> ConnectionFailedError:
        return ConnectionFailedError(f"the reasoner at {self._address} did not answer in time")

    def _reconnect(self, broken: Connection) -> Connection:
        """A new connection in the place of one that broke; another thread may have made it already."""
        with self._lock:
            if self._connection is broken and not self._closed:
                self._connection = self._connect()
                broken.close()
            return self._connection
