"""Observation to action chunk over openpi's websocket, without a policy; run by `bench bridge`.

The client and the encoding are those of `openpi-client`; the server, which that package does not hold,
does what openpi's does: decode, ask the policy, add its timing, encode.
"""

import asyncio
import subprocess
import sys
import time

import numpy as np
import websockets.asyncio.server
from exchange import DIMENSION, HORIZON, make_observation, run_rounds
from openpi_client import msgpack_numpy
from openpi_client.websocket_client_policy import WebsocketClientPolicy


async def _answer(connection) -> None:
    packer = msgpack_numpy.Packer()
    await connection.send(packer.pack({}))
    try:
        while True:
            observation = msgpack_numpy.unpackb(await connection.recv())
            started_s = time.monotonic()
            answer = {"actions": np.tile(observation["state"], (HORIZON, 1))}
            answer["server_timing"] = {"infer_ms": (time.monotonic() - started_s) * 1e3}
            await connection.send(packer.pack(answer))
    except websockets.ConnectionClosed:
        return


async def _serve() -> None:
    options = {"compression": None, "max_size": None}
    async with websockets.asyncio.server.serve(_answer, "127.0.0.1", 0, **options) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.read)


class Client:
    """One observation, one chunk."""

    def __init__(self, port: int):
        self._policy = WebsocketClientPolicy("127.0.0.1", port)
        state, images = make_observation()
        self._observation = {"state": state, "images": images, "prompt": "hand over the red cube"}

    def __call__(self) -> None:
        assert self._policy.infer(self._observation)["actions"].shape == (HORIZON, DIMENSION)


if __name__ == "__main__":
    if "serve" in sys.argv:
        asyncio.run(_serve())
    else:
        command = [sys.executable, __file__, "serve"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
            run_rounds(Client(int(server.stdout.readline())))
            server.stdin.close()
