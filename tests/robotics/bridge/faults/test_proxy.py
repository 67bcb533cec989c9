"""The proxy does to a connection what its weather says, and no more."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from robotics.bridge.faults.proxy import FaultProxy, Weather


@pytest.fixture
def echo() -> Iterator[str]:
    """Address of a server that sends back what it gets."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection:
            while data := connection.recv(65536):
                connection.sendall(data)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.fixture
def proxy(echo: str) -> Iterator[FaultProxy]:
    with FaultProxy(echo) as running:
        yield running


@pytest.fixture
def client(proxy: FaultProxy) -> Iterator[socket.socket]:
    host, _, port = proxy.address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10.0) as connection:
        yield connection


def test_in_fair_weather_everything_passes(client: socket.socket):
    client.sendall(b"hello")
    assert client.recv(100) == b"hello"


def test_what_a_silent_network_kept_comes_when_it_is_back(proxy: FaultProxy, client: socket.socket):
    proxy.weather = Weather(silent=True)
    client.sendall(b"late")
    client.settimeout(0.2)
    with pytest.raises(TimeoutError):
        client.recv(100)
    proxy.weather = Weather()
    client.settimeout(10.0)
    assert client.recv(100) == b"late"


def test_delays_add_up_both_ways_and_keep_the_order(proxy: FaultProxy, client: socket.socket):
    proxy.weather = Weather(delay_s=0.05, jitter_s=0.02, loss=0.5)
    started_s = time.monotonic()
    sent = b"".join(bytes([i]) * 100 for i in range(20))
    for i in range(20):
        client.sendall(bytes([i]) * 100)
    received = b""
    while len(received) < len(sent):
        received += client.recv(4096)
    assert received == sent
    assert time.monotonic() - started_s >= 0.06


def test_garbled_bytes_are_other_bytes(proxy: FaultProxy, client: socket.socket):
    proxy.weather = Weather(garble=True)
    client.sendall(b"hello")
    assert client.recv(100) == bytes(byte ^ 0x5A for byte in b"hello")


def test_a_truncated_piece_is_the_last(proxy: FaultProxy, client: socket.socket):
    proxy.weather = Weather(truncate=True)
    client.sendall(b"abcdefgh")
    received = b""
    while data := client.recv(100):
        received += data
    assert received in (b"abcd", b"")  # the end may overtake the echo


def test_a_cut_ends_the_connection(proxy: FaultProxy, client: socket.socket):
    client.sendall(b"hello")
    assert client.recv(100) == b"hello"
    proxy.cut()
    assert client.recv(100) == b""
