"""A bare gRPC stream between two processes: what any command stream pays that is built on one.

`python -m robotics.cli.benches.bare_stream` serves it: it says its port, takes the first message for its
answer and sends that to each one that follows. Neither side looks into the bytes.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import grpc

_METHOD = "/bench.Bare/Exchange"


class BareStream:
    """The client's side on an event loop of its own; starts the other process and ends it."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        command = [sys.executable, "-m", "robotics.cli.benches.bare_stream"]
        self._server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._server.stdout
        port = int(self._server.stdout.readline())
        self._loop.run_until_complete(self._connect(f"127.0.0.1:{port}"))

    async def _connect(self, address: str) -> None:
        self._channel = grpc.aio.insecure_channel(address)
        self._method = self._channel.stream_stream(_METHOD)

    def exchange(self, request: bytes, answer: bytes, count: int, every_s: float) -> list[float]:
        """Time from each request to its answer [ms]; a request each `every_s`, so that both sides sleep."""
        return self._loop.run_until_complete(self._exchange(request, answer, count, every_s))

    async def _exchange(self, request: bytes, answer: bytes, count: int, every_s: float) -> list[float]:
        call = self._method()
        await call.write(answer)
        await call.read()
        times, due_s = [], time.monotonic()
        for _ in range(count):
            due_s += every_s
            await asyncio.sleep(due_s - time.monotonic())
            started_ns = time.perf_counter_ns()
            await call.write(request)
            await call.read()
            times.append((time.perf_counter_ns() - started_ns) * 1e-6)
        await call.done_writing()
        return times

    def close(self) -> None:
        """End the other process."""
        self._loop.run_until_complete(self._channel.close())
        self._loop.close()
        self._server.communicate()


async def _answer(requests: AsyncIterator[bytes], context: grpc.aio.ServicerContext) -> AsyncIterator[bytes]:
    answer = b""
    async for request in requests:
        answer = answer or request
        yield answer


async def _serve() -> None:
    server = grpc.aio.server()
    handler = grpc.stream_stream_rpc_method_handler(_answer)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("bench.Bare", {"Exchange": handler}),)
    )
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    await server.start()
    await asyncio.to_thread(sys.stdin.read)  # until whoever started it is done, or gone
    await server.stop(None)


if __name__ == "__main__":
    asyncio.run(_serve())
