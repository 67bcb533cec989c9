"""Observation to action chunk over LeRobot's asynchronous inference, without a policy; run by `bench bridge`.

Its own transport (`lerobot.transport`: messages, stubs, division into parts, channel options), around which
client and server do what `lerobot.async_inference` does: the observation is pickled and streamed, the actions
are asked for by a thread of their own and come pickled. The two classes that travel are written anew here,
because LeRobot's stand in a module that imports every policy and robot of it. Logging, the comparison of
observations and the merging of chunks are left out, which makes this a little faster than the original.
"""

import pickle
import queue
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import grpc
import numpy as np
import torch
from exchange import HORIZON, make_observation, run_rounds
from lerobot.transport import services_pb2, services_pb2_grpc
from lerobot.transport.utils import grpc_channel_options, receive_bytes_in_chunks, send_bytes_in_chunks


@dataclass
class TimedObservation:
    """As `lerobot.async_inference.helpers.TimedObservation`."""

    timestamp: float
    timestep: int
    observation: dict
    must_go: bool = True


@dataclass
class TimedAction:
    """As `lerobot.async_inference.helpers.TimedAction`."""

    timestamp: float
    timestep: int
    action: torch.Tensor


class Server(services_pb2_grpc.AsyncInferenceServicer):
    """Answers at once with HORIZON actions."""

    def __init__(self):
        self._observations: queue.Queue = queue.Queue(maxsize=1)
        self._shutdown = threading.Event()

    def SendObservations(self, request_iterator, context):
        self._observations.put(pickle.loads(receive_bytes_in_chunks(request_iterator, None, self._shutdown)))
        return services_pb2.Empty()

    def GetActions(self, request, context):
        try:
            observation = self._observations.get(timeout=2.0)
        except queue.Empty:
            return services_pb2.Actions()
        state = np.array([v for v in observation.observation.values() if isinstance(v, float)], np.float32)
        actions = [
            TimedAction(observation.timestamp + 0.02 * k, observation.timestep + k, action)
            for k, action in enumerate(torch.from_numpy(state).repeat(HORIZON, 1))
        ]
        return services_pb2.Actions(data=pickle.dumps(actions))


def serve() -> None:
    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    services_pb2_grpc.add_AsyncInferenceServicer_to_server(Server(), server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    sys.stdin.read()
    server.stop(None).wait()


class Client:
    """One observation, one chunk."""

    def __init__(self, port: int):
        channel = grpc.insecure_channel(f"127.0.0.1:{port}", grpc_channel_options(initial_backoff="0.02s"))
        self._stub = services_pb2_grpc.AsyncInferenceStub(channel)
        self._chunks: queue.Queue = queue.Queue()
        state, images = make_observation()
        self._raw = {f"joint_{k}.pos": float(value) for k, value in enumerate(state)}
        self._raw |= images | {"task": "hand over the red cube"}
        self._timestep = 0
        threading.Thread(target=self._receive, daemon=True).start()

    def _receive(self) -> None:
        while True:
            try:
                message = self._stub.GetActions(services_pb2.Empty())
            except grpc.RpcError:  # the server has ended
                return
            if message.data:
                self._chunks.put(pickle.loads(message.data))

    def __call__(self) -> None:
        self._timestep += 1
        data = pickle.dumps(TimedObservation(time.time(), self._timestep, self._raw))
        self._stub.SendObservations(send_bytes_in_chunks(data, services_pb2.Observation))
        assert len(self._chunks.get(timeout=5.0)) == HORIZON


if __name__ == "__main__":
    if "serve" in sys.argv:
        serve()
    else:
        command = [sys.executable, __file__, "serve"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
            run_rounds(Client(int(server.stdout.readline())))
            server.stdin.close()
