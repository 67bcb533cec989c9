"""The server's backend in real time: the control process and the cameras, over shared memory."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence

from robotics.bridge.backend import Acknowledgement, FrameNumber, ImageRequest, NewFrame
from robotics.bridge.codec import encode_trajectory
from robotics.bridge.control_link import CommandKind, Description, Reply, ServerSide, StateReport
from robotics.bridge.frame_store import FrameStore
from robotics.bridge.image_codec import encode_frame, encode_frame_number
from robotics.bridge.server_statistics import ServerStatistics
from robotics.bridge.statuses import OK, NotSupportedError, raise_for
from robotics.bridge.subscriptions import FrameSubscription, StateSubscription
from robotics.bridge.v1 import robot_service_pb2, simulation_service_pb2, types_pb2
from robotics.embodiment import Embodiment
from robotics.errors import RoboticsError
from robotics.observation import CameraFrame

_BEAT_PERIOD_S = 0.05
_LONGEST_SILENCE_S = 2.0
"""A control process that reports no tick for longer does not answer."""
_LONGEST_RESET_S = 60.0
"""Making the scene of a task for the first time takes seconds."""
_FIRST_REPORT_TIMEOUT_S = 60.0
_OLDEST_PICTURE_S = 2.0
"""Nobody decides on older ones: the world has changed."""
_ACCEPTED = OK.SerializeToString()
_STOPS = (CommandKind.STOP, CommandKind.PROTECTIVE_STOP)


class SharedMemoryBackend:
    """Implements RobotBackend; passes messages on without looking into them where it can."""

    def __init__(
        self,
        embodiment: Embodiment,
        link: ServerSide,
        states_ready: int,
        frames: FrameStore | None,
        frames_ready: int,
        shared_frames: robot_service_pb2.SharedFrames | None = None,
    ):
        """
        Args:
            states_ready: eventfd that the control process writes after each tick.
            frames: None where no camera process runs.
            frames_ready: eventfd that the camera process writes after new pictures.
            shared_frames: Where clients on this machine find the pictures themselves.
        """
        self._embodiment = embodiment
        self._link = link
        self._states_ready, self._frames_ready = states_ready, frames_ready
        self._frames = frames
        self._shared_frames = shared_frames
        self.statistics = ServerStatistics(() if frames is None else embodiment.camera_names)
        self._newest: StateReport | None = None
        self._newest_message = types_pb2.RobotState()
        self._heard_s = 0.0
        self._description: robot_service_pb2.DescribeResponse | None = None
        self._described = asyncio.Event()
        self._replies: dict[int, asyncio.Future[Reply]] = {}
        self._resets = 0
        self._state_subscriptions: set[StateSubscription] = set()
        self._frame_subscriptions: set[FrameSubscription] = set()
        self._frames_changed = asyncio.Event()

    @property
    def description(self) -> robot_service_pb2.DescribeResponse:
        if self._description is None:
            raise RoboticsError("the control process has not described the robot yet")
        return self._description

    @property
    def control_period_ns(self) -> int:
        return self._embodiment.control_period_ns

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._states_ready, self._read_reports)
        self._loop.add_reader(self._frames_ready, self._read_frames)
        self._beating = asyncio.create_task(self._beat())
        try:
            await asyncio.wait_for(self._described.wait(), _FIRST_REPORT_TIMEOUT_S)
        except TimeoutError:
            raise RoboticsError("the control process did not start") from None

    async def close(self) -> None:
        if self._newest is not None:
            self._link.post(CommandKind.HOLD, b"")
        self._beating.cancel()
        self._loop.remove_reader(self._states_ready)
        self._loop.remove_reader(self._frames_ready)

    def end_streams(self) -> None:
        for subscription in (*self._state_subscriptions, *self._frame_subscriptions):
            subscription.fail(RoboticsError("it ends"))

    async def _beat(self) -> None:
        """Say that the server lives, and give up on answers of a control process that does not."""
        was_silent = False
        while True:
            self._link.beat()
            # twice in a row, for a server that was frozen itself finds reports once it looks
            is_silent = self._newest is not None and self._silent()
            if is_silent and was_silent:
                self._give_up()
            was_silent = is_silent
            await asyncio.sleep(_BEAT_PERIOD_S)

    def _silent(self) -> bool:
        limit_s = _LONGEST_RESET_S if self._resets else _LONGEST_SILENCE_S
        return time.monotonic() - self._heard_s > limit_s

    def _give_up(self) -> None:
        """Who waits for the control process or watches it learns that it does not answer."""
        error = RoboticsError("the control process does not answer")
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(error)
        self._replies.clear()
        for subscription in self._state_subscriptions:
            subscription.fail(error)

    # Reports of the control process

    def _read_reports(self) -> None:
        os.eventfd_read(self._states_ready)
        newest = None
        while (report := self._link.next_report()) is not None:
            match report:
                case StateReport():
                    newest = report
                    message = types_pb2.RobotState.FromString(report.state)
                    self.statistics.count_tick(message)
                    self._newest, self._newest_message = report, message
                    self._heard_s = time.monotonic()
                    for subscription in self._state_subscriptions:
                        subscription.put(message)
                case Reply():
                    future = self._replies.pop(report.request_id, None)
                    if future is not None and not future.done():
                        future.set_result(report)
                case Description():
                    self._description = robot_service_pb2.DescribeResponse.FromString(report.message)
                    if self._shared_frames is not None:
                        self._description.shared_frames.CopyFrom(self._shared_frames)
        if newest is not None and self._description is not None:
            self._described.set()

    def now_ns(self) -> int:
        """Robot time is the machine's monotonic clock, in every process."""
        return time.monotonic_ns()

    def _current(self) -> StateReport:
        """
        Raises:
            RoboticsError: The control process does not tick.
        """
        if self._newest is None or self._silent():
            raise RoboticsError("the control process does not answer: the last state is too old to act on")
        return self._newest

    async def state(self) -> types_pb2.RobotState:
        self._current()
        return self._newest_message

    @property
    def newest_state(self) -> types_pb2.RobotState:
        """The newest control tick, however old; empty before the first."""
        return self._newest_message

    async def observe(
        self, cameras: Sequence[str], images: ImageRequest, into: types_pb2.Observation
    ) -> None:
        if images.shared:
            for camera in cameras:
                encode_frame_number(camera, self._newest_number(camera), into.frames.add())
        else:
            frames = [(camera, self._newest_frame(camera), into.frames.add()) for camera in cameras]
            if images.jpeg_quality:
                await asyncio.to_thread(
                    lambda: [self._encode(*frame, images.jpeg_quality) for frame in frames]
                )
            else:
                for frame in frames:
                    self._encode(*frame, 0)
        encode_trajectory(self._current().plan.reshape(-1, self._embodiment.action_dim), into.plan)
        state = self._newest_message
        into.clock_id, into.instruction = self.description.clock_id, state.instruction
        into.joints.CopyFrom(state.joints)

    def _encode(
        self, camera: str, frame: CameraFrame, into: types_pb2.CameraFrame, jpeg_quality: int
    ) -> None:
        started_ns = time.perf_counter_ns()
        encode_frame(camera, frame, jpeg_quality, into)
        self.statistics.count_encoding(started_ns)

    def _newest_frame(self, camera: str) -> CameraFrame:
        self._embodiment.get_camera(camera)
        found = self._running_cameras().read_newest(camera)
        if found is None:
            raise _no_picture_yet(camera)
        self._check_age(camera, found[0].capture_time_ns)
        return found[0]

    def _newest_number(self, camera: str) -> FrameNumber:
        self._embodiment.get_camera(camera)
        store = self._running_cameras()
        while (number := store.newest(camera)) > 0:
            time_ns = store.capture_time_ns(camera, number)
            if time_ns is not None:
                self._check_age(camera, time_ns)
                return FrameNumber(number, time_ns)
        raise _no_picture_yet(camera)

    def _check_age(self, camera: str, capture_time_ns: int) -> None:
        age_s = (self.now_ns() - capture_time_ns) * 1e-9
        if age_s > _OLDEST_PICTURE_S:
            raise RoboticsError(
                f"camera '{camera}' does not answer: its last picture is {age_s:.1f} s old; "
                f"at most {_OLDEST_PICTURE_S:g} s"
            )

    def _running_cameras(self) -> FrameStore:
        if self._frames is None:
            raise RoboticsError(f"no cameras of '{self._embodiment.name}' run: it was started without them")
        return self._frames

    # Subscriptions

    def states(self) -> AsyncIterator[types_pb2.RobotState]:
        subscription = StateSubscription(self._state_subscriptions)
        return subscription.items()

    def frames(self, cameras: Sequence[str], shared: bool = False) -> AsyncIterator[NewFrame]:
        store = self._running_cameras()
        for camera in cameras:
            self._embodiment.get_camera(camera)
        lost = self.statistics.lost_frames
        subscription = FrameSubscription(
            self._frame_subscriptions, store, cameras, lambda camera: lost.update((camera,)), shared
        )
        return subscription.items()

    def _read_frames(self) -> None:
        os.eventfd_read(self._frames_ready)
        self.statistics.count_frames(self._running_cameras())
        for subscription in self._frame_subscriptions:
            subscription.look()
        self._frames_changed.set()

    # Commands

    async def _command(self, kind: CommandKind, payload: bytes = b"") -> Reply:
        """Post one command and wait for what the control process says.

        Raises:
            RoboticsError: It refused, or does not answer.
        """
        if kind not in _STOPS:  # which are worth a try whatever the robot is doing
            self._current()
        request_id = self._link.post(kind, payload)
        if request_id is None:
            raise RoboticsError("the control process is too far behind to take a command")
        future = self._loop.create_future()
        self._replies[request_id] = future
        reply = await future
        status = OK if reply.status == _ACCEPTED else types_pb2.Status.FromString(reply.status)
        if kind is CommandKind.SEND:
            self.statistics.count_acknowledgement(reply)
            if status.code != types_pb2.STATUS_CODE_OK:
                self.statistics.count_refusal(status)
        raise_for(status)
        return reply

    async def send(self, chunk: types_pb2.ActionChunk) -> Acknowledgement:
        reply = await self._command(CommandKind.SEND, chunk.SerializeToString())
        return Acknowledgement(self._newest_message, reply.waited_ns)

    async def hold(self) -> None:
        await self._command(CommandKind.HOLD)

    async def stop(self, reason: str) -> None:
        await self._command(CommandKind.STOP, reason.encode())

    async def protective_stop(self, reason: str) -> None:
        await self._command(CommandKind.PROTECTIVE_STOP, reason.encode())

    async def set_motion(self, settings: types_pb2.MotionSettings) -> None:
        await self._command(CommandKind.SET_MOTION, settings.SerializeToString())

    async def release(self) -> None:
        await self._command(CommandKind.RELEASE)

    async def annotate(self, event: types_pb2.Event) -> None:
        await self._command(CommandKind.ANNOTATE, event.SerializeToString())

    async def reset(self, task: str, seed: int, instruction: str | None) -> types_pb2.EpisodeSetup:
        """Returns once the cameras show the new episode."""
        request = simulation_service_pb2.ResetRequest(task=task, seed=seed, instruction=instruction)
        self._resets += 1
        try:
            reply = await self._command(CommandKind.RESET, request.SerializeToString())
            await asyncio.wait_for(self._cameras_follow(self._current().episode), _LONGEST_RESET_S)
        except TimeoutError:
            raise RoboticsError("the cameras did not follow the robot into the episode") from None
        finally:
            self._resets -= 1
        return types_pb2.EpisodeSetup.FromString(reply.payload)

    async def _cameras_follow(self, episode: int) -> None:
        if self._frames is None:
            return
        for camera in self._embodiment.camera_names:
            while (found := self._frames.read_newest(camera)) is None or found[1] < episode:
                self._frames_changed.clear()
                await self._frames_changed.wait()

    async def advance(self, control_ticks: int) -> list[types_pb2.RobotState]:
        """
        Raises:
            NotSupportedError: Always.
        """
        raise NotSupportedError("this robot runs in real time: nothing but time advances it")


def _no_picture_yet(camera: str) -> RoboticsError:
    return RoboticsError(f"camera '{camera}' has taken no picture yet")
