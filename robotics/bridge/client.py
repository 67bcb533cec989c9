"""A robot session over gRPC: what policies, recorder and run loop see of a robot in another process."""

from collections.abc import Iterator, Sequence

from robotics.action import ActionChunk
from robotics.bridge.codec import decode_setup, decode_state, encode_chunk, encode_event, encode_motion
from robotics.bridge.connection import Connection
from robotics.bridge.embodiment_codec import decode_description
from robotics.bridge.estop_endpoint import EStopEndpoint, StopStatus, decode_stop_status
from robotics.bridge.exchange import Exchange
from robotics.bridge.held_lease import HeldLease, default_client_name
from robotics.bridge.image_codec import decode_frame, decode_observation
from robotics.bridge.security.key_folder import Credentials
from robotics.bridge.shared_frames import SharedFrames
from robotics.bridge.statuses import raise_for
from robotics.bridge.time_sync import TimeSync, estimate
from robotics.bridge.v1 import (
    estop_service_pb2,
    estop_service_pb2_grpc,
    lease_service_pb2,
    lease_service_pb2_grpc,
    robot_service_pb2,
    robot_service_pb2_grpc,
    simulation_service_pb2,
    simulation_service_pb2_grpc,
    time_sync_service_pb2_grpc,
    types_pb2,
)
from robotics.embodiment import Embodiment
from robotics.motion_settings import MotionSettings
from robotics.observation import CameraFrame, Observation
from robotics.session import Event, EventKind, RobotDescription, RobotState
from robotics.task import EpisodeSetup

_CONNECT_TIMEOUT_S = 5.0
_TIMEOUT_S = 5.0
_PICTURES_TIMEOUT_S = 60.0
"""The first pictures of a simulated scene compile and upload it."""
_RESET_TIMEOUT_S = 120.0
_ADVANCE_TIMEOUT_S_A_TICK = 1.0


class GrpcSession:
    """Implements RobotSession; thread-safe.

    The lease is acquired by the first call that needs it and retained until `close`. Everything
    but `stop`, notes and outcomes, and looking needs it.
    """

    def __init__(
        self,
        address: str,
        client_name: str = "",
        embodiment: Embodiment | None = None,
        jpeg_quality: int = 0,
        credentials: Credentials | None = None,
        share_memory: bool = True,
    ):
        """Connect.

        Args:
            address: HOST:PORT.
            client_name: Who this is, for other clients; empty for program, user and machine.
            embodiment: What the robot is believed to be; where its hash agrees, `describe` returns it,
                model path included. Built-in ones are found without.
            jpeg_quality: 1 .. 100 lets pictures travel as JPEG, for slow networks; 0 as they are.
            credentials: For a robot with TLS, from `load_credentials`.
            share_memory: On the robot's own machine, take raw pictures from where its cameras put them.

        Raises:
            ConnectionFailedError: No robot answers there.
        """
        self.client_name = client_name or default_client_name()
        self._connection = Connection(address, "robot", credentials)
        channel = self._connection.channel
        self._robot = robot_service_pb2_grpc.RobotServiceStub(channel)
        self._estop = estop_service_pb2_grpc.EStopServiceStub(channel)
        self._simulation = simulation_service_pb2_grpc.SimulationServiceStub(channel)
        self._leases = lease_service_pb2_grpc.LeaseServiceStub(channel)
        self._times = time_sync_service_pb2_grpc.TimeSyncServiceStub(channel)
        self._images = robot_service_pb2.ImageOptions(
            format=types_pb2.IMAGE_FORMAT_JPEG if jpeg_quality else types_pb2.IMAGE_FORMAT_RGB8,
            jpeg_quality=jpeg_quality,
        )
        try:
            response = self._call(
                self._robot.Describe, robot_service_pb2.DescribeRequest(), _CONNECT_TIMEOUT_S
            )
            self._description = decode_description(response, embodiment)
            self._shared = self._find_shared_frames(response) if share_memory and not jpeg_quality else None
        except BaseException:
            self._connection.close()
            raise
        self._lease = HeldLease(
            self._connection, self.client_name, response.lease_duration_s, response.client_deadline_s
        )
        self._commands = Exchange(self._connection, self._robot.StreamCommands, "robot", _TIMEOUT_S)

    def _find_shared_frames(self, response: robot_service_pb2.DescribeResponse) -> SharedFrames | None:
        """The robot's pictures where they are, if this is its machine."""
        if not response.HasField("shared_frames"):
            return None
        found = SharedFrames.find(response.shared_frames, self._description.embodiment)
        if found is not None:
            self._images.format = types_pb2.IMAGE_FORMAT_SHARED
        return found

    def _decode_observed(self, message: types_pb2.CameraFrame) -> CameraFrame:
        if self._shared is not None:
            return self._shared.read_newest(message)
        return decode_frame(message)

    def _call(self, method, request, timeout_s: float = _TIMEOUT_S):
        return self._connection.call(method, request, timeout_s)

    @property
    def address(self) -> str:
        """HOST:PORT of the robot."""
        return self._connection.address

    def describe(self) -> RobotDescription:
        self._connection.require_open()
        return self._description

    def state(self) -> RobotState:
        response = self._call(self._robot.GetState, robot_service_pb2.GetStateRequest())
        raise_for(response.status)
        return decode_state(response.state)

    def states(self) -> Iterator[RobotState]:
        messages = self._connection.subscribe(
            self._robot.StreamState, robot_service_pb2.StreamStateRequest(), _TIMEOUT_S
        )
        return map(decode_state, messages)

    def observe(self, cameras: Sequence[str] = ()) -> Observation:
        self._check_cameras(cameras)
        request = robot_service_pb2.GetObservationRequest(cameras=cameras, images=self._images)
        timeout_s = _PICTURES_TIMEOUT_S if cameras else _TIMEOUT_S
        response = self._call(self._robot.GetObservation, request, timeout_s)
        raise_for(response.status)
        return decode_observation(response.observation, self._decode_observed)

    def frames(self, cameras: Sequence[str]) -> Iterator[tuple[str, CameraFrame]]:
        self._check_cameras(cameras)
        request = robot_service_pb2.StreamFramesRequest(cameras=cameras, images=self._images)
        messages = self._connection.subscribe(self._robot.StreamFrames, request, _TIMEOUT_S)
        return self._decode_frames(messages)

    def _decode_frames(
        self, messages: Iterator[robot_service_pb2.StreamFramesResponse]
    ) -> Iterator[tuple[str, CameraFrame]]:
        for message in messages:
            raise_for(message.status)
            frame = decode_frame(message.frame) if self._shared is None else self._shared.read(message.frame)
            if frame is not None:  # this reader was too slow for it
                yield message.frame.camera, frame

    def _check_cameras(self, cameras: Sequence[str]) -> None:
        self._connection.require_open()
        for camera in cameras:
            self._description.embodiment.get_camera(camera)

    def send(self, chunk: ActionChunk) -> None:
        self.send_and_wait(chunk)

    def send_and_wait(self, chunk: ActionChunk) -> tuple[RobotState, int]:
        """As `send`; returns the newest state when it was acknowledged, and its wait for a tick [ns]."""
        self._connection.require_open()
        request = robot_service_pb2.CommandRequest()
        encode_chunk(chunk, request.chunk)
        request.lease.CopyFrom(self._lease.require())
        response = self._commands.ask(request)
        self._lease.judge(response.status)
        return decode_state(response.state), response.waited_ns

    def hold(self) -> None:
        self._command(self._robot.Hold, robot_service_pb2.HoldRequest())

    def stop(self, reason: str = "") -> None:
        request = estop_service_pb2.StopRequest(client_name=self.client_name, reason=reason)
        raise_for(self._call(self._estop.Stop, request).status)

    def protective_stop(self, reason: str) -> None:
        request = estop_service_pb2.StopRequest(
            client_name=self.client_name, reason=reason, level=estop_service_pb2.STOP_LEVEL_PROTECTIVE
        )
        raise_for(self._call(self._estop.Stop, request).status)

    def stop_status(self) -> StopStatus:
        """Whether and why the robot is stopped, and whose consent it needs."""
        response = self._call(self._estop.GetStatus, estop_service_pb2.GetEStopStatusRequest())
        raise_for(response.status)
        return decode_stop_status(response)

    def become_endpoint(self, name: str, timeout_s: float = 1.0) -> EStopEndpoint:
        """From now on the robot moves only while this process lives and consents; see EStopEndpoint."""
        return EStopEndpoint(self._connection, name, timeout_s)

    def dismiss_endpoint(self, name: str) -> None:
        """Forget an e-stop endpoint that is silent, such as one whose process died; needs the lease.

        Raises:
            RoboticsError: None of that name is silent.
        """
        request = estop_service_pb2.DeregisterEndpointRequest(silent_name=name)
        self._command(self._estop.Deregister, request)

    def set_motion(self, settings: MotionSettings) -> None:
        request = robot_service_pb2.SetMotionRequest(motion=encode_motion(settings))
        self._command(self._robot.SetMotion, request)

    def release(self) -> None:
        self._command(self._estop.Release, estop_service_pb2.ReleaseRequest())

    def annotate(self, event: Event) -> None:
        request = robot_service_pb2.AnnotateRequest(event=encode_event(event))
        if event.kind is EventKind.INSTRUCTION:
            self._command(self._robot.Annotate, request)
        else:
            raise_for(self._call(self._robot.Annotate, request).status)

    def reset(self, task: str, seed: int, instruction: str | None = None) -> EpisodeSetup:
        request = simulation_service_pb2.ResetRequest(task=task, seed=seed, instruction=instruction)
        return decode_setup(self._command(self._simulation.Reset, request, _RESET_TIMEOUT_S).setup)

    def advance(self, control_ticks: int) -> list[RobotState]:
        request = simulation_service_pb2.AdvanceRequest(control_ticks=control_ticks)
        timeout_s = _RESET_TIMEOUT_S + control_ticks * _ADVANCE_TIMEOUT_S_A_TICK
        return list(map(decode_state, self._command(self._simulation.Advance, request, timeout_s).states))

    def _command(self, method, request, timeout_s: float = _TIMEOUT_S):
        """One request under the lease."""
        self._connection.require_open()
        request.lease.CopyFrom(self._lease.require())
        response = self._call(method, request, timeout_s)
        self._lease.judge(response.status)
        return response

    def take_lease(self) -> str:
        """Lead from now on, whoever did; the robot holds. Returns the former leader's name, or ''."""
        return self._lease.take()

    def lease_owner(self) -> str:
        """Who leads; '' if nobody does."""
        return self._call(self._leases.GetOwner, lease_service_pb2.GetLeaseOwnerRequest()).client_name

    def time_sync(self) -> TimeSync:
        """How robot time and this machine's monotonic clock relate, measured now.

        If this client leads, the robot accepts chunks that start in the future for a minute.

        Raises:
            TimeSyncError: The robot runs in lockstep.
        """
        return estimate(lambda request: self._call(self._times.Sync, request), lease=self._lease.in_hand)

    def close(self) -> None:
        if self._connection.closed:
            return
        self._lease.give_back()
        self._commands.close()
        self._connection.close()

    def __enter__(self) -> "GrpcSession":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
