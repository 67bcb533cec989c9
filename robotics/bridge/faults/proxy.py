"""A TCP proxy that loses, delays, cuts and spoils what passes through it, as networks do.

Singly lost or reordered packets do not reach a TCP reader: the system repairs them, and what is left of
them is time. So loss is a delay of one retransmission here, during which everything behind waits.
"""

import random
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

from robotics.bridge.address import split_address

_PIECE = 65536
_RETRANSMISSION_S = 0.2
"""Linux waits at least so long."""


@dataclass(frozen=True)
class Weather:
    """What becomes of each piece of data, in both directions."""

    delay_s: float = 0.0
    jitter_s: float = 0.0
    """The delay varies by so much to both sides, evenly."""
    loss: float = 0.0
    """Share of pieces that come one retransmission late."""
    silent: bool = False
    """Nothing is forwarded, and nobody is told; it is kept for later."""
    garble: bool = False
    """Each piece from the client has bits inverted."""
    truncate: bool = False
    """The next piece from the client is cut in half, and the connection closed."""


class FaultProxy:
    """Listens on `address` until closed; `weather` may be set at any time."""

    def __init__(self, target: str, seed: int = 0):
        self._target = split_address(target)
        self._random = random.Random(seed)
        self.weather = Weather()
        self._closed = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            server = socket.create_connection(self._target)
            self._sockets |= {client, server}
            for source, sink, is_client in ((client, server, True), (server, client, False)):
                threading.Thread(
                    target=self._pump, args=(source, sink, is_client), name="proxy", daemon=True
                ).start()

    def _pump(self, source: socket.socket, sink: socket.socket, from_client: bool) -> None:
        pieces: list[tuple[float, bytes]] = []
        arrived = threading.Condition()

        def forward() -> None:
            while True:
                with arrived:
                    while not pieces:
                        arrived.wait()
                    due_s, data = pieces.pop(0)
                if not data:
                    break
                time.sleep(max(0.0, due_s - time.monotonic()))
                while self.weather.silent and not self._closed.is_set():
                    time.sleep(0.005)
                weather = self.weather
                if from_client and weather.garble:
                    data = bytes(byte ^ 0x5A for byte in data)
                is_last = from_client and weather.truncate
                with suppress(OSError):
                    sink.sendall(data[: len(data) // 2] if is_last else data)
                if is_last:
                    break
            for end in (source, sink):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

        threading.Thread(target=forward, name="proxy", daemon=True).start()
        while True:
            try:
                data = source.recv(_PIECE)
            except OSError:
                data = b""
            with arrived:
                pieces.append((time.monotonic() + self._delay_s(), data))
                arrived.notify()
            if not data:
                return

    def _delay_s(self) -> float:
        weather = self.weather
        delay_s = weather.delay_s + self._random.uniform(-weather.jitter_s, weather.jitter_s)
        return max(0.0, delay_s) + _RETRANSMISSION_S * (self._random.random() < weather.loss)

    def cut(self) -> None:
        """Break every connection at once."""
        for end in tuple(self._sockets):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._closed.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for end in self._sockets:
            end.close()

    def __enter__(self) -> "FaultProxy":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
