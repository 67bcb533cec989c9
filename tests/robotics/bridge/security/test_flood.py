"""A client that floods a robot in real time is refused, and neither disturbs who leads nor delays a stop."""

import json
import queue
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from contracts.fake_embodiment import fake_embodiment
from contracts.fake_robot import TASKS
from contracts.waiting import eventually

from robotics.bridge.client import GrpcSession
from robotics.bridge.connection import Connection
from robotics.bridge.processes import RobotProcesses
from robotics.bridge.security.protection import Limits, Protection
from robotics.bridge.server_settings import ServerSettings
from robotics.bridge.v1 import robot_service_pb2 as pb
from robotics.bridge.v1 import robot_service_pb2_grpc
from robotics.errors import ConnectionFailedError
from robotics.session import RobotMode

ROBOT = "contracts.fake_robot:FakeRobot"


def test_a_flood_neither_takes_the_lease_away_nor_delays_a_stop():
    # so low that also a slow machine goes over them
    limits = Limits(calls_per_s=20.0, messages_per_s=20.0)
    settings = ServerSettings(protection=Protection(limits=limits))
    with (
        RobotProcesses(fake_embodiment(), ROBOT, settings=settings) as processes,
        GrpcSession(processes.address, client_name="anna") as leader,
        GrpcSession(processes.address, client_name="bert") as watcher,
    ):
        leader.reset(TASKS[0].name, 0)
        flooder = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("flooder.py")), processes.address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert flooder.stdout is not None and flooder.stdout.readline() == "flooding\n"
            # long enough for a lease to expire several times, were it not retained through the flood
            beginning = leader.state().joints.time_ns
            next(state for state in watcher.states() if state.joints.time_ns - beginning > 5e9)
            leader.hold()
            assert watcher.lease_owner() == "anna"
            watcher.stop("too wild")
            assert leader.state().mode is RobotMode.EMERGENCY_STOP
        finally:
            answer, _ = flooder.communicate()
    assert any(status.endswith("RESOURCE_EXHAUSTED") for status in json.loads(answer))


def test_a_stream_over_its_rate_ends_with_one_line(serve):
    server = serve(Protection(limits=Limits(messages_per_s=20.0)))
    connection = Connection(server.address, "robot")
    stub = robot_service_pb2_grpc.RobotServiceStub(connection.channel)
    answers = []
    with pytest.raises(grpc.RpcError) as refused:
        for answer in stub.StreamCommands(pb.CommandRequest(request_id=i) for i in range(1, 500)):
            answers.append(answer.request_id)
    line = str(connection.failure(refused.value))
    assert "more than 20 messages a second" in line and "\n" not in line
    # what came before is answered, in order
    assert answers == list(range(1, len(answers) + 1)) and 20 <= len(answers) < 499
    connection.close()


def test_calls_over_their_rate_are_refused_with_one_line_but_never_a_stop(serve):
    server = serve(Protection(limits=Limits(calls_per_s=10.0)))
    with GrpcSession(server.address) as session:
        with pytest.raises(ConnectionFailedError, match="too much: more than 10 calls a second"):
            for _ in range(1000):
                session.state()
        for _ in range(50):
            session.stop("again")


def test_more_streams_at_once_than_allowed_are_refused(serve):
    server = serve(Protection(limits=Limits(calls_at_once=3)))
    connection = Connection(server.address, "robot")
    stub = robot_service_pb2_grpc.RobotServiceStub(connection.channel)
    streams, inputs = [], []
    for _ in range(3):
        requests: queue.SimpleQueue[pb.CommandRequest | None] = queue.SimpleQueue()
        inputs.append(requests)
        requests.put(pb.CommandRequest(request_id=1))
        streams.append(stub.StreamCommands(iter(requests.get, None)))
        assert next(streams[-1]).request_id == 1
    with pytest.raises(ConnectionFailedError, match="more than 3 calls and streams at once"):
        connection.call(stub.GetState, pb.GetStateRequest(), 10.0)
    streams[0].cancel()

    def is_free() -> bool:
        try:
            return bool(connection.call(stub.GetState, pb.GetStateRequest(), 10.0))
        except ConnectionFailedError:
            return False

    eventually(is_free)
    connection.close()
    for requests in inputs:
        requests.put(None)


def test_more_connections_than_allowed_are_refused(serve):
    server = serve(Protection(limits=Limits(connections=2)))
    alone = (("grpc.use_local_subchannel_pool", 1),)
    channels = [grpc.insecure_channel(server.address, options=alone) for _ in range(3)]
    codes = []
    for channel in channels:
        stub = robot_service_pb2_grpc.RobotServiceStub(channel)
        try:
            stub.GetState(pb.GetStateRequest(), timeout=10.0)
            codes.append(grpc.StatusCode.OK)
        except grpc.RpcError as error:
            assert isinstance(error, grpc.Call)
            codes.append(error.code())
    for channel in channels:
        channel.close()
    assert codes == [grpc.StatusCode.OK, grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE]


def test_a_request_larger_than_4_mib_is_refused(serve):
    server = serve(Protection())
    connection = Connection(server.address, "robot")
    stub = robot_service_pb2_grpc.RobotServiceStub(connection.channel)
    with pytest.raises(ConnectionFailedError, match="too much"):
        request = pb.GetObservationRequest(cameras=["c" * (5 << 20)])
        connection.call(stub.GetObservation, request, 10.0)
    connection.close()


def test_what_is_no_message_is_refused(serve):
    server = serve(Protection())
    with grpc.insecure_channel(server.address) as channel:
        call = channel.unary_unary("/robotics.v1.LeaseService/Acquire")
        with pytest.raises(grpc.RpcError) as refused:
            call(b"\xff\xff\xff", timeout=10.0)
        assert isinstance(refused.value, grpc.Call)
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
