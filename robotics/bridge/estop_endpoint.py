"""An e-stop endpoint of this process: checks in from a thread of its own until it is closed."""

import contextlib
import threading
from dataclasses import dataclass

from robotics.bridge.codec import decode_mode
from robotics.bridge.connection import Connection
from robotics.bridge.estop import StopLevel, response_to
from robotics.bridge.statuses import raise_for
from robotics.bridge.v1 import estop_service_pb2 as pb
from robotics.bridge.v1 import estop_service_pb2_grpc
from robotics.errors import RoboticsError
from robotics.session import RobotMode

_CHECK_INS_PER_TIMEOUT = 4
_TIMEOUT_S = 5.0
_ON_WIRE = {
    StopLevel.NONE: pb.STOP_LEVEL_NONE,
    StopLevel.PROTECTIVE: pb.STOP_LEVEL_PROTECTIVE,
    StopLevel.EMERGENCY: pb.STOP_LEVEL_EMERGENCY,
}


@dataclass(frozen=True)
class EndpointStatus:
    """One e-stop endpoint as the robot sees it."""

    name: str
    level: StopLevel
    timeout_s: float
    silent_s: float
    """Since it last checked in [s]."""


@dataclass(frozen=True)
class StopStatus:
    """Whether a robot may move, and who has a say in it."""

    mode: RobotMode
    reason: str
    """Why it is stopped; '' where it is not."""
    endpoints: tuple[EndpointStatus, ...]
    required_endpoints: int

    @property
    def is_stopped(self) -> bool:
        return self.mode in (RobotMode.PROTECTIVE_STOP, RobotMode.EMERGENCY_STOP)


def decode_stop_status(message: pb.GetEStopStatusResponse) -> StopStatus:
    """
    Raises:
        MalformedMessageError: An unknown mode.
    """
    levels = {value: level for level, value in _ON_WIRE.items()}
    return StopStatus(
        mode=decode_mode(message.mode),
        reason=message.reason,
        endpoints=tuple(
            EndpointStatus(e.name, levels.get(e.level, StopLevel.EMERGENCY), e.timeout_s, e.silent_s)
            for e in message.endpoints
        ),
        required_endpoints=message.required_endpoints,
    )


class EStopEndpoint:
    """The robot moves only while this endpoint lives and consents. Thread-safe."""

    def __init__(self, connection: Connection, name: str, timeout_s: float = 1.0):
        """Register; the robot is stopped until `consent`.

        Args:
            connection: Stays its owner's.
            timeout_s: The robot stops when it has heard nothing for so long [s].

        Raises:
            ConnectionFailedError: No robot answers.
            RoboticsError: It does not take the endpoint.
        """
        self._connection = connection
        self._stub = estop_service_pb2_grpc.EStopServiceStub(connection.channel)
        self._lock = threading.Lock()
        self._level, self._reason = StopLevel.PROTECTIVE, "it has not consented yet"
        self.failure: RoboticsError | None = None
        """Why it no longer checks in."""
        self.mode: RobotMode | None = None
        """Of the robot, at the last check-in."""
        request = pb.RegisterEndpointRequest(name=name, timeout_s=timeout_s)
        response = connection.call(self._stub.Register, request, _TIMEOUT_S)
        raise_for(response.status)
        self._id, self._challenge = response.endpoint_id, response.challenge
        self._period_s = timeout_s / _CHECK_INS_PER_TIMEOUT
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="e-stop endpoint", daemon=True)
        self._thread.start()

    def consent(self) -> None:
        """Consent to motion; a stop must still be released by the leader."""
        self._want(StopLevel.NONE, "")

    def stop(self, reason: str) -> None:
        """Emergency stop; it cannot be released until `consent`."""
        self._want(StopLevel.EMERGENCY, reason)

    def protect(self, reason: str) -> None:
        """Protective stop; it cannot be released until `consent`."""
        self._want(StopLevel.PROTECTIVE, reason)

    def _want(self, level: StopLevel, reason: str) -> None:
        with self._lock:
            self._level, self._reason = level, reason
            self._check_in()

    def _check_in(self) -> None:
        request = pb.CheckInRequest(
            endpoint_id=self._id,
            level=_ON_WIRE[self._level],
            challenge=self._challenge,
            response=response_to(self._challenge),
            reason=self._reason,
        )
        response = self._connection.call(self._stub.CheckIn, request, _TIMEOUT_S)
        raise_for(response.status)
        self._challenge = response.challenge
        self.mode = decode_mode(response.mode)

    def _run(self) -> None:
        while not self._ended.wait(self._period_s):
            try:
                with self._lock:
                    self._check_in()
            except RoboticsError as error:
                self.failure = error
                return

    def close(self) -> None:
        """Leave; a robot in motion stops protectively."""
        self._ended.set()
        self._thread.join()
        if self.failure is None:
            request = pb.DeregisterEndpointRequest(endpoint_id=self._id)
            with contextlib.suppress(RoboticsError):  # then it is silent, which stops the robot, too
                self._connection.call(self._stub.Deregister, request, _TIMEOUT_S)

    def __enter__(self) -> "EStopEndpoint":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
