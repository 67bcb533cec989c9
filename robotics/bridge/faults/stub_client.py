"""A client that speaks the generated stubs directly, and so can say what `GrpcSession` never would."""

from robotics.action import ActionChunk
from robotics.bridge.codec import encode_chunk
from robotics.bridge.connection import Connection
from robotics.bridge.exchange import Exchange
from robotics.bridge.v1 import (
    estop_service_pb2_grpc,
    lease_service_pb2,
    lease_service_pb2_grpc,
    robot_service_pb2,
    robot_service_pb2_grpc,
    types_pb2,
)

_TIMEOUT_S = 5.0


class StubClient:
    """It retains no lease by itself."""

    def __init__(self, address: str):
        self.connection = Connection(address, "robot")
        channel = self.connection.channel
        self.robot = robot_service_pb2_grpc.RobotServiceStub(channel)
        self.leases = lease_service_pb2_grpc.LeaseServiceStub(channel)
        self.estop = estop_service_pb2_grpc.EStopServiceStub(channel)
        self._commands = Exchange(self.connection, self.robot.StreamCommands, "robot", _TIMEOUT_S)

    def call(self, method, request):
        """The response.

        Raises:
            ConnectionFailedError: There is none.
        """
        return self.connection.call(method, request, _TIMEOUT_S)

    def take(self, name: str) -> types_pb2.Lease:
        """The lease, whoever led."""
        return self.call(self.leases.Take, lease_service_pb2.TakeLeaseRequest(client_name=name)).lease

    def send(self, lease: types_pb2.Lease, chunk: ActionChunk) -> str:
        """Name of the status that answers a chunk, such as 'OK' or 'LEASE_REVOKED'."""
        request = robot_service_pb2.CommandRequest(lease=lease, chunk=encode_chunk(chunk))
        return status_name(self._commands.ask(request).status)

    def close(self) -> None:
        self._commands.close()
        self.connection.close()

    def __enter__(self) -> "StubClient":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def status_name(status: types_pb2.Status) -> str:
    return types_pb2.StatusCode.Name(status.code).removeprefix("STATUS_CODE_")
