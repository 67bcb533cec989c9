"""A client that does all it can: calls at once on several connections, and a stream of commands.

Runs as a process: `python flooder.py ADDRESS`; prints 'flooding' and, when its input ends, as JSON how often
each status came.
"""

import json
import sys
import threading
from collections import Counter

import grpc

from robotics.bridge.v1 import robot_service_pb2 as pb
from robotics.bridge.v1 import robot_service_pb2_grpc

CONNECTIONS, CALLS_AT_ONCE = 2, 50
statuses: Counter[str] = Counter()
ended = threading.Event()


def flood_calls(stub: robot_service_pb2_grpc.RobotServiceStub) -> None:
    free = threading.Semaphore(CALLS_AT_ONCE)

    def count(call: grpc.Future) -> None:
        statuses[f"call {call.code().name}"] += 1  # type: ignore[attr-defined]
        free.release()

    while not ended.is_set():
        free.acquire()
        stub.GetState.future(pb.GetStateRequest()).add_done_callback(count)


def flood_commands(stub: robot_service_pb2_grpc.RobotServiceStub) -> None:
    def commands():
        while not ended.is_set():
            yield pb.CommandRequest(request_id=1)

    while not ended.is_set():
        try:
            for _ in stub.StreamCommands(commands()):
                statuses["command OK"] += 1
        except grpc.RpcError as error:
            statuses[f"command {error.code().name}"] += 1  # type: ignore[attr-defined]


if __name__ == "__main__":
    for number in range(CONNECTIONS + 1):
        options = (("grpc.use_local_subchannel_pool", 1),)
        stub = robot_service_pb2_grpc.RobotServiceStub(grpc.insecure_channel(sys.argv[1], options=options))
        work = flood_calls if number else flood_commands
        threading.Thread(target=work, args=(stub,), daemon=True).start()
    print("flooding", flush=True)
    sys.stdin.read()
    ended.set()
    print(json.dumps(statuses), flush=True)
