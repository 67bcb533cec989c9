"""EStopService: everybody may stop the robot, who leads may release it."""

from robotics.bridge.backend import RobotBackend
from robotics.bridge.leadership import Leadership
from robotics.bridge.lease import decode_lease
from robotics.bridge.services.outcome import outcome
from robotics.bridge.v1 import estop_service_pb2 as pb
from robotics.bridge.v1 import estop_service_pb2_grpc, types_pb2

_STOPPED = (types_pb2.ROBOT_MODE_EMERGENCY_STOP, types_pb2.ROBOT_MODE_PROTECTIVE_STOP)


class EStopService(estop_service_pb2_grpc.EStopServiceServicer):
    """The latch itself is the control process's."""

    def __init__(self, backend: RobotBackend, leadership: Leadership):
        self._backend = backend
        self._leadership = leadership

    async def Stop(self, request: pb.StopRequest, context) -> pb.StopResponse:
        reason = request.reason or "emergency stop"
        if request.client_name:
            reason = f"{reason} (by '{request.client_name}')"
        status, _ = await outcome(self._backend.stop(reason))
        return pb.StopResponse(status=status)

    async def Release(self, request: pb.ReleaseRequest, context) -> pb.ReleaseResponse:
        async def work() -> None:
            self._leadership.desk.check(decode_lease(request.lease))
            await self._backend.release()

        return pb.ReleaseResponse(status=(await outcome(work()))[0])

    async def GetStatus(self, request: pb.GetEStopStatusRequest, context) -> pb.GetEStopStatusResponse:
        status, state = await outcome(self._backend.state())
        mode = state.mode if state is not None else types_pb2.ROBOT_MODE_UNKNOWN
        return pb.GetEStopStatusResponse(status=status, stopped=mode in _STOPPED, mode=mode)
