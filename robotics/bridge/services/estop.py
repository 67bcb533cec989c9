"""EStopService: everybody may stop the robot; who leads may release it, where every endpoint consents."""

import asyncio
import logging

from robotics.bridge.backend import RobotBackend
from robotics.bridge.codec import MalformedMessageError
from robotics.bridge.estop import EStopDesk, StopLevel
from robotics.bridge.leadership import Leadership
from robotics.bridge.lease import decode_lease
from robotics.bridge.services.outcome import outcome
from robotics.bridge.v1 import estop_service_pb2 as pb
from robotics.bridge.v1 import estop_service_pb2_grpc, types_pb2
from robotics.errors import RoboticsError

_STOPPED = (types_pb2.ROBOT_MODE_EMERGENCY_STOP, types_pb2.ROBOT_MODE_PROTECTIVE_STOP)
_LONGEST_REASON = 500
_log = logging.getLogger(__name__)


class EStopService(estop_service_pb2_grpc.EStopServiceServicer):
    """The latch itself is the control process's."""

    def __init__(self, backend: RobotBackend, leadership: Leadership, desk: EStopDesk):
        self._backend = backend
        self._leadership = leadership
        self._desk = desk
        self._applied = StopLevel.NONE

    async def watch(self) -> None:
        """Runs as long as the server does: stops the robot where an endpoint is silent or missing."""
        while True:
            try:
                await self._apply()
            except Exception:  # whatever it was, the next look must come
                _log.exception("looking after the e-stop endpoints failed")
            await asyncio.sleep(self._desk.look_again_in_s())

    async def _apply(self) -> None:
        """Stop the robot where the endpoints want more than they did."""
        demand = self._desk.demand()
        before, self._applied = self._applied, demand.level
        if demand.level <= before:
            return
        try:
            if demand.level is StopLevel.EMERGENCY:
                await self._backend.stop(demand.reason)
            else:
                await self._backend.protective_stop(demand.reason)
        except RoboticsError as error:
            self._applied = before  # once more at the next look
            _log.warning("the robot does not take a stop (%s): %s", demand.reason, error)

    async def Stop(self, request: pb.StopRequest, context) -> pb.StopResponse:
        reason = request.reason[:_LONGEST_REASON] or "emergency stop"
        if request.client_name:
            reason = f"{reason} (by '{request.client_name[:_LONGEST_REASON]}')"
        if request.level == pb.STOP_LEVEL_PROTECTIVE:
            work = self._backend.protective_stop(reason)
        else:
            work = self._backend.stop(reason)
        return pb.StopResponse(status=(await outcome(work))[0])

    async def Release(self, request: pb.ReleaseRequest, context) -> pb.ReleaseResponse:
        async def work() -> None:
            self._leadership.desk.check(decode_lease(request.lease))
            self._desk.check_cleared()
            await self._backend.release()

        return pb.ReleaseResponse(status=(await outcome(work()))[0])

    async def GetStatus(self, request: pb.GetEStopStatusRequest, context) -> pb.GetEStopStatusResponse:
        status, state = await outcome(self._backend.state())
        mode = state.mode if state is not None else types_pb2.ROBOT_MODE_UNKNOWN
        return pb.GetEStopStatusResponse(
            status=status,
            stopped=mode in _STOPPED,
            mode=mode,
            reason=state.stop_reason if state is not None else "",
            endpoints=[
                pb.EndpointStatus(
                    name=endpoint.name,
                    level=_ON_WIRE[endpoint.level],
                    timeout_s=endpoint.timeout_s,
                    silent_s=self._desk.silent_s(endpoint),
                )
                for endpoint in self._desk.endpoints
            ],
            required_endpoints=self._desk.required,
        )

    async def Register(self, request: pb.RegisterEndpointRequest, context) -> pb.RegisterEndpointResponse:
        async def work() -> tuple[str, int]:
            registered = self._desk.register(request.name, request.timeout_s)
            await self._apply()
            return registered

        status, registered = await outcome(work())
        endpoint_id, challenge = registered or ("", 0)
        return pb.RegisterEndpointResponse(status=status, endpoint_id=endpoint_id, challenge=challenge)

    async def CheckIn(self, request: pb.CheckInRequest, context) -> pb.CheckInResponse:
        async def work() -> int:
            if request.level not in _LEVELS:
                raise MalformedMessageError(f"no stop level {request.level}; there are 1 .. {max(_LEVELS)}")
            try:
                return self._desk.check_in(
                    request.endpoint_id,
                    _LEVELS[request.level],
                    request.challenge,
                    request.response,
                    request.reason[:_LONGEST_REASON],
                )
            finally:  # a wrong answer may ask for a stop, too
                await self._apply()

        status, challenge = await outcome(work())
        _, state = await outcome(self._backend.state())
        mode = state.mode if state is not None else types_pb2.ROBOT_MODE_UNKNOWN
        return pb.CheckInResponse(status=status, challenge=challenge or 0, mode=mode)

    async def Deregister(
        self, request: pb.DeregisterEndpointRequest, context
    ) -> pb.DeregisterEndpointResponse:
        async def work() -> None:
            if request.silent_name:
                self._leadership.desk.check(decode_lease(request.lease))
                self._desk.dismiss(request.silent_name)
                await self._apply()
                return
            name = self._desk.deregister(request.endpoint_id)
            if (await self._backend.state()).mode == types_pb2.ROBOT_MODE_EXECUTING:
                await self._backend.protective_stop(f"e-stop endpoint '{name}' left while the robot moved")
            await self._apply()

        return pb.DeregisterEndpointResponse(status=(await outcome(work()))[0])


_LEVELS = {
    pb.STOP_LEVEL_NONE: StopLevel.NONE,
    pb.STOP_LEVEL_PROTECTIVE: StopLevel.PROTECTIVE,
    pb.STOP_LEVEL_EMERGENCY: StopLevel.EMERGENCY,
}
_ON_WIRE = {level: value for value, level in _LEVELS.items()}
