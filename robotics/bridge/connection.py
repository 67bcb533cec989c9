"""One gRPC channel to a server, whose failures are one clear line."""

import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import grpc

from robotics.bridge.security.diagnosis import explain
from robotics.bridge.security.key_folder import Credentials
from robotics.bridge.security.token_sender import TokenSender
from robotics.errors import ConnectionFailedError

Response = TypeVar("Response")
_MEBIBYTE = 1 << 20
_OPTIONS = (
    ("grpc.max_receive_message_length", 64 * _MEBIBYTE),
    ("grpc.max_send_message_length", 64 * _MEBIBYTE),
    # a proxy of the environment has no business between a robot and its client
    ("grpc.enable_http_proxy", 0),
)


class UnavailableError(ConnectionFailedError):
    """Nobody answers at the address, or the connection broke: another attempt may find somebody."""


class Connection:
    """Calls that raise ConnectionFailedError instead of gRPC's errors; thread-safe."""

    def __init__(self, address: str, what: str, credentials: Credentials | None = None, shared: bool = True):
        """Connects with the first call.

        Args:
            address: HOST:PORT.
            what: For messages, such as "robot".
            credentials: For a server with TLS; without, the connection is plain.
            shared: Whether connections of this process to one address are one, and wait together before
                they try again after a failure.
        """
        self.address = address
        self._what = what
        self._credentials = credentials
        self._answered = False
        self.channel = _open_channel(address, credentials, shared)
        self._streams: set[Any] = set()
        self._lock = threading.Lock()
        self.closed = False

    def call(self, method: Callable[..., Response], request: object, timeout_s: float) -> Response:
        """One request, one response.

        Raises:
            ConnectionFailedError: No answer within `timeout_s`, or the connection is closed.
        """
        self.require_open()
        try:
            response = method(request, timeout=timeout_s)
            self._answered = True
            return response
        except grpc.RpcError as error:
            raise self.failure(error) from None
        except ValueError:  # the channel was closed by another thread
            raise self._closed_error() from None

    def subscribe(self, method: Callable[..., Any], request: object, timeout_s: float) -> Iterator[Any]:
        """A stream of responses that stands when this returns; it ends when the connection is closed.

        Raises:
            ConnectionFailedError: Here, or while iterating: the connection broke.
        """
        self.require_open()
        call = self.keep(method(request))
        # Without a deadline on the stream itself, only the wait for its beginning is limited.
        impatience = threading.Timer(timeout_s, call.cancel)
        impatience.daemon = True
        impatience.start()
        call.initial_metadata()
        impatience.cancel()
        if call.done() and call.code() is grpc.StatusCode.CANCELLED and not self.closed:
            raise ConnectionFailedError(
                f"the {self._what} at {self.address} did not answer in {timeout_s:g} s"
            )
        return self._iterate(call)

    def _iterate(self, call: Any) -> Iterator[Any]:
        try:
            yield from call
        except grpc.RpcError as error:
            if not self.closed:
                raise self.failure(error) from None
        finally:
            self.drop(call)

    def keep(self, call: Any) -> Any:
        """Remember a streaming call, so that `close` ends it."""
        with self._lock:
            self._streams.add(call)
        return call

    def drop(self, call: Any) -> None:
        """End a streaming call."""
        call.cancel()
        with self._lock:
            self._streams.discard(call)

    def require_open(self) -> None:
        """
        Raises:
            ConnectionFailedError: `close` was called.
        """
        if self.closed:
            raise self._closed_error()

    def _closed_error(self) -> ConnectionFailedError:
        return ConnectionFailedError(f"the session with the {self._what} at {self.address} is closed")

    def failure(self, error: grpc.RpcError) -> ConnectionFailedError:
        """gRPC's error as one line for a user."""
        if self.closed:
            return self._closed_error()
        code = error.code() if isinstance(error, grpc.Call) else None
        details = ((error.details() if isinstance(error, grpc.Call) else "") or "no details").splitlines()[0]
        what, address = self._what, self.address
        match code:
            case grpc.StatusCode.UNAVAILABLE if not self._answered:
                text = explain(what, address, self._credentials)
            case grpc.StatusCode.UNAVAILABLE:
                text = f"no {what} answers at {address}; is it running there?"
            case grpc.StatusCode.UNAUTHENTICATED:
                keys = (
                    f"those in {self._credentials.folder} do not fit" if self._credentials else "give --keys"
                )
                text = f"the {what} at {address} does not know this client: {details}; {keys}"
            case grpc.StatusCode.PERMISSION_DENIED:
                text = f"the {what} at {address} does not serve this client: {details}"
            case grpc.StatusCode.RESOURCE_EXHAUSTED:
                text = f"the {what} at {address} refused this as too much: {details}"
            case grpc.StatusCode.DEADLINE_EXCEEDED:
                text = f"the {what} at {address} did not answer in time"
            case grpc.StatusCode.UNIMPLEMENTED:
                text = f"what answers at {address} is no {what} of this interface's version"
            case _:
                text = f"the {what} at {address} broke off: {details}"
        return UnavailableError(text) if code is grpc.StatusCode.UNAVAILABLE else ConnectionFailedError(text)

    def close(self) -> None:
        """End every call."""
        self.closed = True
        with self._lock:
            streams = tuple(self._streams)
        for call in streams:
            call.cancel()
        self.channel.close()


def _open_channel(address: str, credentials: Credentials | None, shared: bool) -> grpc.Channel:
    options = _OPTIONS if shared else (*_OPTIONS, ("grpc.use_local_subchannel_pool", 1))
    if credentials is None:
        return grpc.insecure_channel(address, options=options)
    secure = grpc.ssl_channel_credentials(credentials.authority, credentials.key, credentials.certificate)
    channel = grpc.secure_channel(address, secure, options=options)
    return grpc.intercept_channel(channel, TokenSender(credentials.token)) if credentials.token else channel
