"""A robot session in this process: simulation in lockstep, where only `advance` moves time."""

from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version

from robotics.action import ActionChunk
from robotics.bridge.control import ControlLoop
from robotics.clock import SteppedClock
from robotics.errors import ConnectionFailedError, RoboticsError
from robotics.motion_settings import MotionSettings
from robotics.observation import CameraFrame, Observation
from robotics.robot import CameraRig, SimulatedRobot
from robotics.safety.chunk_check import ChunkLimits
from robotics.session import Event, RobotDescription, RobotState
from robotics.task import EpisodeSetup


class LocalSession:
    """Implements RobotSession on the classes that the robot processes run, without wire or wall time."""

    def __init__(
        self, robot: SimulatedRobot, cameras: CameraRig | None = None, limits: ChunkLimits | None = None
    ):
        """Own `robot` and `cameras` from now on; `close` closes them."""
        self._robot = robot
        self._cameras = cameras
        self._clock = SteppedClock()
        self._loop = ControlLoop(robot, self._clock, limits)
        self._servo_period_ns = self._loop.servo_period_ns
        self._closed = False

    def describe(self) -> RobotDescription:
        self._require_open()
        return RobotDescription(
            embodiment=self._loop.embodiment,
            clock_id=self._clock.clock_id,
            lockstep=True,
            simulated=True,
            tasks=tuple(self._robot.tasks()),
            software_version=software_version(),
        )

    def state(self) -> RobotState:
        self._require_open()
        return self._loop.latest

    def states(self) -> Iterator[RobotState]:
        """Ends at once: in lockstep `advance` returns the ticks."""
        self._require_open()
        return iter(())

    def observe(self, cameras: Sequence[str] = ()) -> Observation:
        """This moment: joints, plan and pictures all belong to the start of the next control tick."""
        self._require_open()
        loop = self._loop
        return Observation(
            clock_id=self._clock.clock_id,
            joints=loop.observe_joints(),
            plan=loop.remaining_plan(),
            images=self._capture(cameras),
            instruction=loop.instruction,
        )

    def _capture(self, cameras: Sequence[str]) -> dict[str, CameraFrame]:
        for camera in cameras:
            self._loop.embodiment.get_camera(camera)
        if not cameras:
            return {}
        if self._cameras is None:
            raise RoboticsError(f"this session has no cameras; wanted {', '.join(cameras)}")
        show = getattr(self._cameras, "set_world_state", None)
        if show is not None:
            show(self._robot.world_state())
        now_ns = self._clock.now_ns()
        return {camera: self._cameras.capture(camera, now_ns) for camera in cameras}

    def frames(self, cameras: Sequence[str]) -> Iterator[tuple[str, CameraFrame]]:
        """Ends at once: in lockstep `observe` takes the pictures."""
        self._require_open()
        for camera in cameras:
            self._loop.embodiment.get_camera(camera)
        return iter(())

    def send(self, chunk: ActionChunk) -> None:
        self._require_open()
        self._loop.submit(chunk)

    def hold(self) -> None:
        self._require_open()
        self._loop.hold()

    def stop(self, reason: str = "") -> None:
        self._require_open()
        self._loop.stop(reason)

    def protective_stop(self, reason: str) -> None:
        self._require_open()
        self._loop.protective_stop(reason)

    def release(self) -> None:
        self._require_open()
        self._loop.release()

    def set_motion(self, settings: MotionSettings) -> None:
        self._require_open()
        self._loop.set_motion(settings)

    def annotate(self, event: Event) -> None:
        self._require_open()
        self._loop.annotate(event)

    def reset(self, task: str, seed: int, instruction: str | None = None) -> EpisodeSetup:
        self._require_open()
        setup = self._loop.reset(task, seed, instruction)
        self._clock.advance(self._loop.next_time_ns - self._clock.now_ns())
        follow = getattr(self._cameras, "reset", None)
        if follow is not None:
            follow(task, seed, instruction)
        return setup

    def advance(self, control_ticks: int) -> list[RobotState]:
        self._require_open()
        return [self._loop.tick(self._pace) for _ in range(control_ticks)]

    def _pace(self, _servo_tick: int) -> None:
        self._robot.step(self._servo_period_ns)
        self._clock.advance(self._servo_period_ns)

    def close(self) -> None:
        if self._closed:
            return
        self._loop.hold()
        self._robot.hold()
        self._robot.close()
        if self._cameras is not None:
            self._cameras.close()
        self._closed = True

    def _require_open(self) -> None:
        if self._closed:
            raise ConnectionFailedError("the session is closed")


def software_version() -> str:
    """Version of this software, as robots and reports state it."""
    try:
        return version("robotics")
    except PackageNotFoundError:
        return "unknown"
