"""What the server stands on: a robot in this process in lockstep, or the control process in real time.

It speaks the messages of the wire, because in real time the server only passes them on.
"""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple, Protocol

from robotics.bridge.v1 import robot_service_pb2, types_pb2
from robotics.observation import CameraFrame


class Acknowledgement(NamedTuple):
    """Where a chunk was accepted."""

    state: types_pb2.RobotState
    """The newest control tick."""
    waited_ns: int
    """How long the chunk waited for the start of a control tick [ns]."""


class ImageRequest(NamedTuple):
    """How a client wants its pictures."""

    jpeg_quality: int = 0
    """1 .. 100; 0 for every pixel as it is."""
    shared: bool = False
    """Their numbers in shared memory instead."""


class FrameNumber(NamedTuple):
    """Names a picture in shared memory."""

    number: int
    capture_time_ns: int


class NewFrame(NamedTuple):
    """One picture of a frame subscription."""

    camera: str
    frame: CameraFrame | FrameNumber
    dropped: int
    """Pictures that this subscriber lost so far."""


class RobotBackend(Protocol):
    """All methods belong to the event loop that called `start`; they raise RoboticsErrors."""

    @property
    def description(self) -> robot_service_pb2.DescribeResponse:
        """Known once `start` has returned."""
        ...

    @property
    def control_period_ns(self) -> int: ...

    async def start(self) -> None: ...

    def end_streams(self) -> None:
        """Every open stream of states or frames ends with an error, before the server does."""
        ...

    async def close(self) -> None:
        """The robot holds."""
        ...

    def now_ns(self) -> int:
        """Robot time [ns]."""
        ...

    async def state(self) -> types_pb2.RobotState:
        """The newest control tick."""
        ...

    async def observe(
        self, cameras: Sequence[str], images: ImageRequest, into: types_pb2.Observation
    ) -> None:
        """Fill an empty message, where it stands: it is large.

        Raises:
            NotSupportedError: Shared pictures were asked for, and there is no shared memory.
        """
        ...

    def states(self) -> AsyncIterator[types_pb2.RobotState]:
        """Every tick from this call on.

        Raises:
            SlowReaderError: While iterating: the reader fell too far behind.
        """
        ...

    def frames(self, cameras: Sequence[str], shared: bool = False) -> AsyncIterator[NewFrame]:
        """Every frame of these cameras from this call on; only their numbers where they are `shared`.

        Raises:
            UnknownNameError: No such camera; at once.
        """
        ...

    async def send(self, chunk: types_pb2.ActionChunk) -> Acknowledgement: ...

    async def hold(self) -> None: ...

    async def stop(self, reason: str) -> None: ...

    async def protective_stop(self, reason: str) -> None: ...

    async def release(self) -> None: ...

    async def set_motion(self, settings: types_pb2.MotionSettings) -> None: ...

    async def annotate(self, event: types_pb2.Event) -> None: ...

    async def reset(self, task: str, seed: int, instruction: str | None) -> types_pb2.EpisodeSetup: ...

    async def advance(self, control_ticks: int) -> list[types_pb2.RobotState]: ...
