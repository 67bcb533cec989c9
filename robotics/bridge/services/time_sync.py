"""TimeSyncService: robot time for a client's own clock, and whether the leader knows it."""

from robotics.bridge.backend import RobotBackend
from robotics.bridge.leadership import Leadership
from robotics.bridge.lease import decode_lease
from robotics.bridge.v1 import time_sync_service_pb2 as pb
from robotics.bridge.v1 import time_sync_service_pb2_grpc
from robotics.errors import LeaseError

_LONGEST_AGE_NS = 1_000_000_000
"""Of a round trip that a client tells of."""


class TimeSyncService(time_sync_service_pb2_grpc.TimeSyncServiceServicer):
    """Stamps a round trip; the client computes."""

    def __init__(self, backend: RobotBackend, leadership: Leadership):
        self._backend = backend
        self._leadership = leadership

    async def Sync(self, request: pb.TimeSyncRequest, context) -> pb.TimeSyncResponse:
        received_ns = self._backend.now_ns()
        description = self._backend.description
        return pb.TimeSyncResponse(
            client_send_time_ns=request.client_send_time_ns,
            received_time_ns=received_ns,
            sent_time_ns=self._backend.now_ns(),
            clock_id=description.clock_id,
            follows_wall_time=not description.lockstep,
            synchronised=self._synchronise(request, received_ns),
        )

    def _synchronise(self, request: pb.TimeSyncRequest, now_ns: int) -> bool:
        """Whether the leader's clock is known to within half a control period."""
        desk = self._leadership.desk
        if not request.lease.epoch:
            return False
        lease = decode_lease(request.lease)
        try:
            desk.check(lease)
        except LeaseError:
            return False
        if request.HasField("previous"):
            trip = request.previous
            there_and_back_ns = trip.client_receive_time_ns - trip.client_send_time_ns
            here_ns = trip.sent_time_ns - trip.received_time_ns
            recent = 0 <= now_ns - trip.sent_time_ns <= _LONGEST_AGE_NS
            uncertainty_ns = (there_and_back_ns - here_ns) / 2
            if recent and here_ns >= 0 and 0 <= uncertainty_ns <= self._most_uncertainty_ns():
                desk.synchronise(lease)
        return desk.is_synchronised

    def _most_uncertainty_ns(self) -> float:
        return self._backend.control_period_ns / 2
