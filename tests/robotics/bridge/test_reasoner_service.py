"""A reasoner behind gRPC answers as it does in process, whatever befalls the wire."""

import gc
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import numpy as np
import pytest
from contracts.blob_reasoner import BlobReasoner
from contracts.reasoner_contract import ReasonerContract, ask, make_view
from grpc_health.v1 import health_pb2, health_pb2_grpc

from robotics.bridge.address import AddressError
from robotics.bridge.faults.fuzzer import REASONER_FILES, fuzz_methods
from robotics.bridge.reasoner_codec import MOST_PIXELS
from robotics.bridge.reasoner_service import LARGEST_MESSAGE, ReasonerServer
from robotics.bridge.remote_reasoner import RemoteReasoner
from robotics.bridge.v1 import reasoner_service_pb2 as pb
from robotics.bridge.v1 import reasoner_service_pb2_grpc, types_pb2
from robotics.bridge.view_store import ViewLimits
from robotics.errors import ConnectionFailedError
from robotics.reasoning.answers import Found, Point
from robotics.reasoning.errors import (
    AnswerFormatError,
    BackendError,
    ImageError,
    MissingInputError,
    QueryError,
)
from robotics.reasoning.reasoner import QUESTIONS
from robotics.reasoning.requests import Request, Response, ask_all
from robotics.reasoning.view import View

TESTS = Path(__file__).parents[2]


@contextmanager
def serving(
    make: Callable[[], BlobReasoner] = BlobReasoner, **options
) -> Iterator[tuple[ReasonerServer, RemoteReasoner]]:
    server = ReasonerServer(make, "127.0.0.1:0", **options)
    try:
        remote = RemoteReasoner(server.address)
        try:
            yield server, remote
        finally:
            remote.close()
    finally:
        server.close()


@pytest.fixture(scope="module")
def reasoner() -> Iterator[RemoteReasoner]:
    with serving() as (_, remote):
        yield remote


class TestRemoteReasoner(ReasonerContract):
    """Over a server that serves a reasoner of its own."""


@pytest.mark.parametrize("kind", QUESTIONS)
def test_answers_are_those_of_the_reasoner_in_process(kind: str):
    view = make_view()
    view = View(view.image, np.round(view.depth, 4), view.intrinsics, view.camera_in_world)  # type: ignore[arg-type]
    with serving() as (_, remote):
        mine, theirs = ask(BlobReasoner(), kind, view), ask(remote, kind, view)
    assert str(mine) == str(theirs) or mine == pytest.approx(theirs)


def test_a_view_is_sent_once_however_often_and_from_how_many_threads_it_is_asked_about():
    looking = BlobReasoner()
    with serving(lambda: looking, parallel=4) as (_, remote):
        requests = [Request("point", (view,), "red") for view in [make_view(n) for n in range(3)] * 8]
        assert all(isinstance(reply, Response) for reply in ask_all(remote, requests, parallel=8))
    assert looking.looked == 3


def test_views_that_the_server_forgot_are_sent_again():
    looking = BlobReasoner()
    with serving(lambda: looking, views=ViewLimits(per_client=2, views=2)) as (_, remote):
        views = [make_view(n) for n in range(4)]
        for view in (*views, *views):
            best = remote.point(view, "red").best
            assert best is not None and best.column == pytest.approx(75.5, abs=2)
    assert looking.looked == 8


def test_more_views_than_the_server_keeps_can_be_asked_about_together():
    with serving(views=ViewLimits(per_client=1, views=1)) as (_, remote):
        first, second = make_view(0), make_view(1)
        assert remote.success([first], [second], "push the red block to the left").achieved is False
        assert "red" in remote.answer([first, second, make_view(2)], "what is there?").text


def test_a_view_that_is_gone_here_is_not_held_by_the_client():
    with serving() as (_, remote):
        view = make_view()
        remote.point(view, "red")
        assert len(remote._handles) == 1
        del view
        gc.collect()
        assert len(remote._handles) == 0


class BrokenReasoner(BlobReasoner):
    """Fails as the query says."""

    def point(self, view: View, query: str, limit: int = 1) -> Found[Point]:
        raise {
            "query": QueryError("I cannot"),
            "image": ImageError("too dark"),
            "depth": MissingInputError("no depth"),
            "prose": AnswerFormatError("not a list", "I think " + "it is there. " * 1000),
            "quota": BackendError("no quota"),
            "bug": ZeroDivisionError("by zero"),
        }[query]


@pytest.mark.parametrize(
    ("query", "error", "text"),
    [
        ("query", QueryError, "I cannot"),
        ("image", ImageError, "too dark"),
        ("depth", MissingInputError, "no depth"),
        ("prose", AnswerFormatError, "not a list"),
        ("quota", BackendError, "no quota"),
        ("bug", BackendError, "ZeroDivisionError: by zero"),
    ],
)
def test_errors_arrive_as_they_were_raised(query: str, error: type[Exception], text: str):
    with serving(BrokenReasoner) as (_, remote), pytest.raises(error, match=text) as raised:
        remote.point(make_view(), query)
    assert type(raised.value) is error
    if isinstance(raised.value, AnswerFormatError):
        assert raised.value.text.startswith("I think it is") and len(raised.value.text) == 2000


def start(port: int = 0) -> tuple[subprocess.Popen[str], str]:
    """A server in a process of its own, and its address."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}
    process = subprocess.Popen(
        [sys.executable, "-m", "contracts.served_blobs", str(port)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_a_server_that_freezes_dies_and_comes_back():
    process, address = start()
    view = make_view()
    try:
        remote = RemoteReasoner(address)
        before = remote.point(view, "red")

        process.send_signal(signal.SIGSTOP)
        remote.timeout_s = 0.5
        with pytest.raises(BackendError, match="did not answer in time"):
            remote.point(view, "red")
        process.send_signal(signal.SIGCONT)
        remote.timeout_s = 60.0
        assert remote.point(view, "red") == before

        raised: list[Exception] = []

        def wait_for_ever() -> None:
            try:
                remote.point(view, "wait")
            except Exception as error:
                raised.append(error)

        asking = threading.Thread(target=wait_for_ever)
        asking.start()
        assert process.stdout is not None and process.stdout.readline() == "waiting\n"
        process.kill()
        asking.join()
        assert isinstance(raised[0], BackendError) and address in str(raised[0])
        assert "\n" not in str(raised[0])

        process.wait()
        process, again = start(int(address.rpartition(":")[2]))
        assert again == address
        assert remote.point(view, "red") == before
        remote.close()
        with pytest.raises(BackendError, match="closed"):
            remote.point(view, "red")
    finally:
        process.kill()
        process.wait()


def test_nobody_at_the_address_is_one_line():
    with serving() as (server, remote):
        address = server.address
        server.close()
        with pytest.raises(BackendError, match="no reasoner answers"):
            remote.point(make_view(), "red")
    with pytest.raises(ConnectionFailedError, match="no reasoner answers"):
        RemoteReasoner(address)


def test_an_oversized_picture_is_refused_here_and_there():
    large = View(np.zeros((1, MOST_PIXELS + 1, 3), np.uint8))
    with serving() as (server, remote):
        with pytest.raises(ImageError, match="too large"):
            remote.point(large, "red")
        with grpc.insecure_channel(server.address) as channel:
            stub = reasoner_service_pb2_grpc.ReasonerServiceStub(channel)
            picture = types_pb2.Image(format=types_pb2.IMAGE_FORMAT_RGB8, data=bytes(LARGEST_MESSAGE))
            with pytest.raises(grpc.RpcError) as refused:
                stub.PutView(pb.PutViewRequest(view=pb.View(image=picture)), timeout=60)
            assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED  # type: ignore[attr-defined]
        assert remote.point(make_view(), "red").items


def test_the_largest_view_that_is_allowed_fits_into_a_message():
    height = MOST_PIXELS // 4096
    depth = np.full((height, 4096), 50.0, np.float32)
    view = View(np.full((height, 4096, 3), 90, np.uint8), depth)
    with serving() as (_, remote), pytest.raises(ImageError, match="4 megapixels"):
        remote.point(view, "red")  # it is the reasoner that says no


def test_a_question_whose_client_has_gone_is_not_begun():
    class Gate(BlobReasoner):
        open = threading.Event()
        begun: list[str] = []  # noqa: RUF012

        def point(self, view: View, query: str, limit: int = 1) -> Found[Point]:
            self.begun.append(query)
            if query == "first":
                self.open.wait()
            return super().point(view, query, limit)

    with serving(Gate) as (server, remote):
        view = make_view()
        first = threading.Thread(target=remote.point, args=(view, "first"))
        first.start()
        try:
            while not Gate.begun:
                time.sleep(0.01)
            hasty = RemoteReasoner(server.address, timeout_s=1.0)
            with pytest.raises(BackendError, match="in time"):
                hasty.point(view, "second")
            # the server's clock for the same deadline began when the question arrived
            time.sleep(1.0)
        finally:
            Gate.open.set()
            first.join()
        remote.point(view, "third")
        hasty.close()
    assert Gate.begun == ["first", "third"]


def test_it_is_healthy_while_questions_wait():
    opened = threading.Event()

    class Slow(BlobReasoner):
        def point(self, view: View, query: str, limit: int = 1) -> Found[Point]:
            opened.wait()
            return super().point(view, query, limit)

    with serving(Slow) as (server, remote):
        requests = [Request("point", (make_view(),), "red")] * 40
        replies: list[Response | Exception] = []
        asking = threading.Thread(target=lambda: replies.extend(ask_all(remote, requests, parallel=40)))
        asking.start()
        with grpc.insecure_channel(server.address) as channel:
            health = health_pb2_grpc.HealthStub(channel)
            answer = health.Check(health_pb2.HealthCheckRequest(service="robotics.v1.ReasonerService"))
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        opened.set()
        asking.join()
    busy = [reply for reply in replies if isinstance(reply, BackendError)]
    assert len(replies) == 40 and all("at once" in str(error) for error in busy)


def test_a_port_in_use_is_refused_before_a_model_is_loaded():
    def load() -> BlobReasoner:
        raise AssertionError("loading takes long")

    with serving() as (server, _), pytest.raises(AddressError, match="in use"):
        ReasonerServer(load, server.address)


def test_messages_that_make_no_sense_end_nothing():
    with serving() as (server, remote):
        tally = fuzz_methods(server.address, REASONER_FILES, 400, random.Random(5))
        assert tally.total() == 400 and "UNAVAILABLE" not in tally
        assert remote.point(make_view(), "red").items
