"""LeaseService: who leads the robot."""

from robotics.bridge.codec import MalformedMessageError
from robotics.bridge.leadership import Leadership
from robotics.bridge.lease import Lease, decode_lease, encode_lease
from robotics.bridge.services.outcome import outcome
from robotics.bridge.v1 import lease_service_pb2 as pb
from robotics.bridge.v1 import lease_service_pb2_grpc

_LONGEST_NAME = 200


class LeaseService(lease_service_pb2_grpc.LeaseServiceServicer):
    """Acquire, take, retain, return."""

    def __init__(self, leadership: Leadership):
        self._leadership = leadership

    async def Acquire(self, request: pb.AcquireLeaseRequest, context) -> pb.AcquireLeaseResponse:
        async def work() -> Lease:
            return await self._leadership.acquire(_check_name(request.client_name), request.client_deadline_s)

        status, lease = await outcome(work())
        return pb.AcquireLeaseResponse(status=status, lease=encode_lease(lease))

    async def Take(self, request: pb.TakeLeaseRequest, context) -> pb.TakeLeaseResponse:
        async def work() -> tuple[Lease, Lease | None]:
            return await self._leadership.take(_check_name(request.client_name), request.client_deadline_s)

        status, taken = await outcome(work())
        lease, before = taken or (None, None)
        return pb.TakeLeaseResponse(
            status=status, lease=encode_lease(lease), previous_owner=before.client_name if before else ""
        )

    async def Retain(self, request: pb.RetainLeaseRequest, context) -> pb.RetainLeaseResponse:
        async def work() -> None:
            self._leadership.desk.check(decode_lease(request.lease))

        return pb.RetainLeaseResponse(status=(await outcome(work()))[0])

    async def Return(self, request: pb.ReturnLeaseRequest, context) -> pb.ReturnLeaseResponse:
        status, _ = await outcome(self._leadership.give_back(decode_lease(request.lease)))
        return pb.ReturnLeaseResponse(status=status)

    async def GetOwner(self, request: pb.GetLeaseOwnerRequest, context) -> pb.GetLeaseOwnerResponse:
        owner = self._leadership.desk.owner
        # whoever knows a lease may use it, so its sequence stays between server and owner
        return pb.GetLeaseOwnerResponse(client_name=owner.client_name if owner else "")


def _check_name(client_name: str) -> str:
    if not client_name.strip() or len(client_name) > _LONGEST_NAME or not client_name.isprintable():
        raise MalformedMessageError(
            f"a client's name is 1 .. {_LONGEST_NAME} printable characters, got {client_name[:40]!r}"
        )
    return client_name
