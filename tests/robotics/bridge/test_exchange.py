"""A question gets its answer, or one clear line; what ends a stream does not end the exchange."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from robotics.bridge.connection import Connection
from robotics.bridge.exchange import Exchange
from robotics.errors import ConnectionFailedError

HANG, END, FAIL = b"hang", b"end", b"fail"


class _Echo:
    def __init__(self):
        self.streams = 0
        self.over = threading.Event()

    def __call__(self, requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        self.streams += 1
        for request in requests:
            if request == HANG:
                self.over.wait(20.0)
            if request == END:
                return
            if request == FAIL:
                context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "enough")
            yield request


@pytest.fixture
def echo() -> Iterator[tuple[_Echo, Connection, Exchange]]:
    answer, server = _Echo(), grpc.server(ThreadPoolExecutor(4))
    handler = grpc.stream_stream_rpc_method_handler(answer)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Echo", {"Ask": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    connection = Connection(f"127.0.0.1:{port}", "echo")
    exchange = Exchange(connection, connection.channel.stream_stream("/test.Echo/Ask"), "echo", 0.5)
    yield answer, connection, exchange
    answer.over.set()
    exchange.close()
    connection.close()
    server.stop(None).wait()


def test_questions_share_one_stream(echo):
    answer, _, exchange = echo
    assert [exchange.ask(text) for text in (b"a", b"b", b"c")] == [b"a", b"b", b"c"]
    assert answer.streams == 1


def test_an_answer_that_does_not_come_is_given_up_and_the_next_one_comes(echo):
    answer, _, exchange = echo
    with pytest.raises(ConnectionFailedError, match=r"did not answer in 0\.5 s"):
        exchange.ask(HANG)
    assert exchange.ask(b"again") == b"again"
    assert answer.streams == 2


@pytest.mark.parametrize(("request_", "says"), [(END, "ended the stream"), (FAIL, "too much: enough")])
def test_a_stream_that_ends_is_told_of_and_opened_anew(echo, request_: bytes, says: str):
    _, _, exchange = echo
    with pytest.raises(ConnectionFailedError, match=says):
        exchange.ask(request_)
    assert exchange.ask(b"again") == b"again"


def test_closing_the_connection_ends_a_question_that_waits(echo):
    _, connection, exchange = echo
    threading.Timer(0.1, connection.close).start()
    with pytest.raises(ConnectionFailedError, match="is closed"):
        exchange.ask(HANG)
