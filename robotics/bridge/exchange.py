"""A client's side of a two-way stream on which each request gets one answer, in order."""

import queue
import threading
from collections.abc import Callable
from typing import Any

import grpc

from robotics.bridge.connection import Connection
from robotics.errors import ConnectionFailedError


class Exchange:
    """Opened by the first request, again after a failure; thread-safe, one request at a time."""

    def __init__(self, connection: Connection, method: Callable[..., Any], what: str, timeout_s: float):
        """
        Args:
            method: Stub of a stream-stream call.
            what: Who answers, for messages, such as "robot".
            timeout_s: Longest wait for an answer [s].
        """
        self._connection = connection
        self._method = method
        self._what = what
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._call: Any = None
        self._requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def ask(self, request: Any) -> Any:
        """The answer to one request.

        Raises:
            ConnectionFailedError: There is none; the stream is over.
        """
        with self._lock:
            self._connection.require_open()
            if self._call is not None and self._ended():
                self._drop()  # a refused session ends its stream; the next question opens another
            if self._call is None:
                self._open()
            self._requests.put(request)
            return self._answer()

    def _ended(self) -> bool:
        """Whether the server has ended the stream since the last answer, as it does when it is full."""
        try:
            self._answers.get_nowait()
        except queue.Empty:
            return not self._call.is_active()
        return True  # every answer has been taken, so that what lies there is the end

    def _open(self) -> None:
        self._requests, self._answers = queue.SimpleQueue(), queue.SimpleQueue()
        self._call = self._connection.keep(self._method(iter(self._requests.get, None)))
        threading.Thread(
            target=_read, args=(self._call, self._answers), name=f"read {self._what}", daemon=True
        ).start()

    def _answer(self) -> Any:
        try:
            answer = self._answers.get(timeout=self._timeout_s)
        except queue.Empty:
            self._drop()
            raise ConnectionFailedError(
                f"the {self._what} at {self._connection.address} did not answer in {self._timeout_s:g} s"
            ) from None
        if isinstance(answer, grpc.RpcError):
            self._drop()
            raise self._connection.failure(answer)
        if answer is None:
            self._drop()
            raise ConnectionFailedError(f"the {self._what} at {self._connection.address} ended the stream")
        return answer

    def _drop(self) -> None:
        self._requests.put(None)
        self._connection.drop(self._call)
        self._call = None

    def close(self) -> None:
        """End the stream."""
        with self._lock:
            if self._call is not None:
                self._drop()


def _read(call: Any, answers: "queue.SimpleQueue[Any]") -> None:
    try:
        for answer in call:
            answers.put(answer)
        answers.put(None)
    except grpc.RpcError as error:
        answers.put(error)
