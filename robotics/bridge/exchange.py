"""A client's side of a two-way stream on which each request gets one answer, in order."""

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

import grpc

from robotics.bridge.connection import Connection
from robotics.errors import ConnectionFailedError

_LOOK_EVERY_S = 0.1
"""How often an answer that is overdue is looked for."""


class Exchange:
    """Opened by the first request, again after a failure; thread-safe, one request at a time.

    Whoever asks reads the answer itself: to have another thread do it would add the time of a switch.
    """

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
        self._due_s: float | None = None
        self._overdue = False
        self._watching: threading.Thread | None = None
        self._closed = threading.Event()

    def ask(self, request: Any) -> Any:
        """The answer to one request.

        Raises:
            ConnectionFailedError: There is none; the stream is over.
        """
        with self._lock:
            self._connection.require_open()
            if self._call is not None and not self._call.is_active():
                self._drop()  # a refused session ends its stream; the next question opens another
            if self._call is None:
                self._open()
            self._requests.put(request)
            return self._answer()

    def _open(self) -> None:
        self._requests = queue.SimpleQueue()
        self._call = self._connection.keep(self._method(iter(self._requests.get, None)))
        if self._watching is None:
            self._watching = threading.Thread(target=self._watch, name=f"watch {self._what}", daemon=True)
            self._watching.start()

    def _answer(self) -> Any:
        self._overdue, self._due_s = False, time.monotonic() + self._timeout_s
        try:
            return next(self._call)
        except StopIteration:
            text = f"the {self._what} at {self._connection.address} ended the stream"
            failure = ConnectionFailedError(text)
        except grpc.RpcError as error:
            failure = self._connection.failure(error)
            if self._overdue and not self._connection.closed:
                text = f"the {self._what} at {self._connection.address} did not answer in"
                failure = ConnectionFailedError(f"{text} {self._timeout_s:g} s")
        finally:
            self._due_s = None
        self._drop()
        raise failure from None

    def _watch(self) -> None:
        """Ends a stream whose answer is overdue, because waiting for one knows no end by itself."""
        while not self._closed.wait(min(_LOOK_EVERY_S, self._timeout_s)):
            call, due_s = self._call, self._due_s
            if call is not None and due_s is not None and time.monotonic() > due_s:
                self._overdue, self._due_s = True, None
                call.cancel()

    def _drop(self) -> None:
        self._requests.put(None)
        self._connection.drop(self._call)
        self._call = None

    def close(self) -> None:
        """End the stream."""
        self._closed.set()
        with self._lock:
            if self._call is not None:
                self._drop()
