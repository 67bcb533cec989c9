"""The server answers everybody with a typed status, and nothing that arrives on its port ends it."""

import random
import socket
from typing import Any

import grpc
import pytest
from contracts.fake_robot import FakeCameraRig, FakeRobot
from contracts.session_contract import TASK
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from robotics.bridge.address import AddressError, split_address
from robotics.bridge.local_session import LocalSession
from robotics.bridge.server import LockstepServer
from robotics.bridge.v1 import (
    estop_service_pb2,
    estop_service_pb2_grpc,
    lease_service_pb2,
    lease_service_pb2_grpc,
    robot_service_pb2,
    robot_service_pb2_grpc,
    simulation_service_pb2,
    simulation_service_pb2_grpc,
    types_pb2,
)
from robotics.errors import RoboticsError


@pytest.fixture(scope="module")
def server():
    serving = LockstepServer(lambda: LocalSession(FakeRobot(), FakeCameraRig()))
    yield serving
    serving.close()


@pytest.fixture
def channel(server: LockstepServer):
    with grpc.insecure_channel(server.address) as opened:
        yield opened


@pytest.fixture
def lease(channel):
    stub = lease_service_pb2_grpc.LeaseServiceStub(channel)
    given = stub.Take(lease_service_pb2.TakeLeaseRequest(client_name="anna")).lease
    yield given
    stub.Return(lease_service_pb2.ReturnLeaseRequest(lease=given))


def test_health_is_told_for_the_whole_and_for_each_service(channel):
    stub: Any = health_pb2_grpc.HealthStub(channel)
    for service in ("", "robotics.v1.RobotService", "robotics.v1.EStopService"):
        response = stub.Check(health_pb2.HealthCheckRequest(service=service))
        assert response.status == health_pb2.HealthCheckResponse.SERVING


def test_reflection_lists_every_service(channel):
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
    (response,) = stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(list_services="")]))
    names = {service.name for service in response.list_services_response.service}
    short = ("Robot", "Lease", "EStop", "TimeSync", "Simulation")
    assert {f"robotics.v1.{name}Service" for name in short} <= names
    assert "grpc.health.v1.Health" in names


def test_a_command_without_a_lease_is_refused(channel):
    stub = simulation_service_pb2_grpc.SimulationServiceStub(channel)
    response = stub.Reset(simulation_service_pb2.ResetRequest(task=TASK))
    assert response.status.code == types_pb2.STATUS_CODE_NO_LEASE
    assert not response.HasField("setup")


def test_a_replayed_lease_is_refused_on_every_command(channel, lease):
    leases = lease_service_pb2_grpc.LeaseServiceStub(channel)
    old = types_pb2.Lease()
    old.CopyFrom(lease)
    new = leases.Take(lease_service_pb2.TakeLeaseRequest(client_name="bert"))
    assert new.previous_owner == "anna"
    lease.CopyFrom(new.lease)
    robot = robot_service_pb2_grpc.RobotServiceStub(channel)
    simulation = simulation_service_pb2_grpc.SimulationServiceStub(channel)
    estop = estop_service_pb2_grpc.EStopServiceStub(channel)
    instruction = types_pb2.Event(kind="EVENT_KIND_INSTRUCTION", text="dance")
    command = robot_service_pb2.CommandRequest(request_id=5, lease=old)
    statuses = [
        robot.Hold(robot_service_pb2.HoldRequest(lease=old)).status,
        robot.Annotate(robot_service_pb2.AnnotateRequest(lease=old, event=instruction)).status,
        simulation.Reset(simulation_service_pb2.ResetRequest(lease=old, task=TASK)).status,
        simulation.Advance(simulation_service_pb2.AdvanceRequest(lease=old, control_ticks=1)).status,
        estop.Release(estop_service_pb2.ReleaseRequest(lease=old)).status,
        leases.Retain(lease_service_pb2.RetainLeaseRequest(lease=old)).status,
        leases.Return(lease_service_pb2.ReturnLeaseRequest(lease=old)).status,
        next(robot.StreamCommands(iter([command]))).status,
    ]
    assert [status.code for status in statuses] == [types_pb2.STATUS_CODE_LEASE_REVOKED] * 8
    assert all("'bert' leads" in status.message for status in statuses)


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "two\nlines"])
def test_a_client_without_a_decent_name_gets_no_lease(channel, name: str):
    stub = lease_service_pb2_grpc.LeaseServiceStub(channel)
    response = stub.Acquire(lease_service_pb2.AcquireLeaseRequest(client_name=name))
    assert response.status.code == types_pb2.STATUS_CODE_INVALID_REQUEST


def test_answers_to_commands_come_in_order_with_their_ids_and_a_state(channel, lease):
    stub = robot_service_pb2_grpc.RobotServiceStub(channel)
    ids = [7, 3, 3, 9]
    requests = (robot_service_pb2.CommandRequest(request_id=i, lease=lease) for i in ids)
    answers = list(stub.StreamCommands(requests))
    assert [answer.request_id for answer in answers] == ids
    assert {answer.status.code for answer in answers} == {types_pb2.STATUS_CODE_WRONG_FINGERPRINT}
    assert all(len(answer.state.applied) == 14 for answer in answers)


def test_events_that_only_the_robot_tells_are_not_taken_from_a_client(channel):
    stub = robot_service_pb2_grpc.RobotServiceStub(channel)
    for kind in ("EVENT_KIND_UNKNOWN", "EVENT_KIND_GUARD", "EVENT_KIND_FAULT", "EVENT_KIND_EPISODE"):
        request = robot_service_pb2.AnnotateRequest(event=types_pb2.Event(kind=kind))
        assert stub.Annotate(request).status.code == types_pb2.STATUS_CODE_INVALID_REQUEST


def test_requests_that_make_no_sense_are_refused_by_name(channel, lease):
    robot = robot_service_pb2_grpc.RobotServiceStub(channel)
    simulation = simulation_service_pb2_grpc.SimulationServiceStub(channel)
    unknown = robot_service_pb2.GetObservationRequest(cameras=["overheat"])
    assert robot.GetObservation(unknown).status.code == types_pb2.STATUS_CODE_UNKNOWN_NAME
    (refused,) = robot.StreamFrames(robot_service_pb2.StreamFramesRequest(cameras=["overheat"]))
    assert refused.status.code == types_pb2.STATUS_CODE_UNKNOWN_NAME
    options = robot_service_pb2.ImageOptions(format="IMAGE_FORMAT_JPEG", jpeg_quality=101)
    strange = robot_service_pb2.GetObservationRequest(cameras=["overhead"], images=options)
    assert robot.GetObservation(strange).status.code == types_pb2.STATUS_CODE_INVALID_REQUEST
    for ticks in (0, 10_001):
        request = simulation_service_pb2.AdvanceRequest(lease=lease, control_ticks=ticks)
        assert simulation.Advance(request).status.code == types_pb2.STATUS_CODE_INVALID_REQUEST
    request = simulation_service_pb2.ResetRequest(lease=lease, task="fly")
    response = simulation.Reset(request)
    assert response.status.code == types_pb2.STATUS_CODE_UNKNOWN_NAME and TASK in response.status.message


def test_the_emergency_stop_tells_its_status(channel, lease):
    stub = estop_service_pb2_grpc.EStopServiceStub(channel)
    ask = estop_service_pb2.GetEStopStatusRequest()
    assert not stub.GetStatus(ask).stopped
    stub.Stop(estop_service_pb2.StopRequest(client_name="bert", reason="test"))
    simulation = simulation_service_pb2_grpc.SimulationServiceStub(channel)
    simulation.Advance(simulation_service_pb2.AdvanceRequest(lease=lease, control_ticks=1))
    status = stub.GetStatus(ask)
    assert status.stopped and status.mode == types_pb2.ROBOT_MODE_EMERGENCY_STOP
    stub.Release(estop_service_pb2.ReleaseRequest(lease=lease))
    simulation.Advance(simulation_service_pb2.AdvanceRequest(lease=lease, control_ticks=1))
    assert not stub.GetStatus(ask).stopped


def test_a_message_beyond_the_bounds_is_refused_and_the_server_lives(channel):
    stub = robot_service_pb2_grpc.RobotServiceStub(channel)
    event = types_pb2.Event(kind="EVENT_KIND_NOTE", text="x" * (5 << 20))
    with pytest.raises(grpc.RpcError) as refused:
        stub.Annotate(robot_service_pb2.AnnotateRequest(event=event))
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert stub.GetState(robot_service_pb2.GetStateRequest()).status.code == types_pb2.STATUS_CODE_OK


def test_garbage_on_the_port_does_not_end_the_server(server: LockstepServer, channel):
    noise = random.Random(0)
    for start in (b"", b"GET / HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
        for _ in range(10):
            with socket.create_connection(split_address(server.address)) as connection:
                connection.sendall(start + noise.randbytes(noise.randrange(1, 3000)))
    stub = robot_service_pb2_grpc.RobotServiceStub(channel)
    assert stub.GetState(robot_service_pb2.GetStateRequest()).status.code == types_pb2.STATUS_CODE_OK


def test_garbage_inside_of_messages_does_not_end_the_server(server: LockstepServer, channel):
    noise = random.Random(1)
    for path in ("RobotService/Hold", "RobotService/GetObservation", "SimulationService/Advance"):
        call = channel.unary_unary(f"/robotics.v1.{path}")
        for _ in range(50):
            try:
                call(noise.randbytes(noise.randrange(200)), timeout=10)
            except grpc.RpcError as error:
                assert error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED
    stub = robot_service_pb2_grpc.RobotServiceStub(channel)
    assert stub.GetState(robot_service_pb2.GetStateRequest()).status.code == types_pb2.STATUS_CODE_OK


def test_a_second_server_on_the_port_is_refused_in_one_line(server: LockstepServer):
    with pytest.raises(AddressError, match="in use") as refused:
        LockstepServer(lambda: LocalSession(FakeRobot()), server.address)
    assert "\n" not in str(refused.value)


def test_a_session_that_cannot_be_made_is_said_by_the_server():
    def fail() -> LocalSession:
        raise RoboticsError("no such arm")

    with pytest.raises(RoboticsError, match="no such arm"):
        LockstepServer(fail)


def test_a_server_closes_its_session():
    robot = FakeRobot()
    LockstepServer(lambda: LocalSession(robot)).close()
    assert robot.closed
