"""TimeSyncService: robot time for a client's own clock."""

from robotics.bridge.backend import RobotBackend
from robotics.bridge.v1 import time_sync_service_pb2 as pb
from robotics.bridge.v1 import time_sync_service_pb2_grpc


class TimeSyncService(time_sync_service_pb2_grpc.TimeSyncServiceServicer):
    """Stamps a round trip; the client computes."""

    def __init__(self, backend: RobotBackend):
        self._backend = backend

    async def Sync(self, request: pb.TimeSyncRequest, context) -> pb.TimeSyncResponse:
        received_ns = self._backend.now_ns()
        description = self._backend.description
        return pb.TimeSyncResponse(
            client_send_time_ns=request.client_send_time_ns,
            received_time_ns=received_ns,
            sent_time_ns=self._backend.now_ns(),
            clock_id=description.clock_id,
            follows_wall_time=not description.lockstep,
        )
