"""SimulationService: reset and, in lockstep, time."""

from robotics.bridge.backend import RobotBackend
from robotics.bridge.codec import MalformedMessageError
from robotics.bridge.leadership import Leadership
from robotics.bridge.lease import decode_lease
from robotics.bridge.services.outcome import outcome
from robotics.bridge.statuses import NotSupportedError
from robotics.bridge.v1 import simulation_service_pb2 as pb
from robotics.bridge.v1 import simulation_service_pb2_grpc, types_pb2

_MOST_TICKS = 10_000


class SimulationService(simulation_service_pb2_grpc.SimulationServiceServicer):
    """Needs the lease throughout."""

    def __init__(self, backend: RobotBackend, leadership: Leadership):
        self._backend = backend
        self._leadership = leadership

    async def Reset(self, request: pb.ResetRequest, context) -> pb.ResetResponse:
        async def work() -> types_pb2.EpisodeSetup:
            self._leadership.desk.check(decode_lease(request.lease))
            if not self._backend.description.simulated:
                name = self._backend.description.embodiment.name
                raise NotSupportedError(f"'{name}' is a real robot: only a simulation can be reset")
            instruction = request.instruction if request.HasField("instruction") else None
            return await self._backend.reset(request.task, request.seed, instruction)

        status, setup = await outcome(work())
        return pb.ResetResponse(status=status, setup=setup)

    async def Advance(self, request: pb.AdvanceRequest, context) -> pb.AdvanceResponse:
        async def work() -> list[types_pb2.RobotState]:
            self._leadership.desk.check(decode_lease(request.lease))
            if not self._backend.description.lockstep:
                raise NotSupportedError("this robot runs in real time: nothing but time advances it")
            if not 1 <= request.control_ticks <= _MOST_TICKS:
                raise MalformedMessageError(
                    f"advance by 1 .. {_MOST_TICKS} ticks, got {request.control_ticks}"
                )
            return await self._backend.advance(request.control_ticks)

        status, states = await outcome(work())
        return pb.AdvanceResponse(status=status, states=states)
