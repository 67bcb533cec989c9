"""Serves a session of this process, in lockstep: every call runs on one thread of its own, in order."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from robotics.bridge.backend import Acknowledgement, ImageRequest, NewFrame
from robotics.bridge.codec import decode_chunk, decode_event, decode_motion, encode_setup, encode_state
from robotics.bridge.embodiment_codec import encode_description
from robotics.bridge.image_codec import encode_observation
from robotics.bridge.statuses import NotSupportedError
from robotics.bridge.v1 import robot_service_pb2, types_pb2
from robotics.session import RobotSession

Result = TypeVar("Result")


class LocalBackend:
    """Implements RobotBackend on a lockstep session.

    OpenGL and physics stay on one thread, and the event loop stays free to retain and expire
    leases while a long `advance` runs.
    """

    def __init__(self, make_session: Callable[[], RobotSession]):
        """
        Args:
            make_session: Called by `start`, on the thread that will own the session.
        """
        self._make_session = make_session
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lockstep robot")

    async def start(self) -> None:
        self._session = await self._run(self._make_session)
        self._description = await self._run(lambda: encode_description(self._session.describe()))

    @property
    def description(self) -> robot_service_pb2.DescribeResponse:
        return self._description

    @property
    def control_period_ns(self) -> int:
        return self._session.describe().embodiment.control_period_ns

    def end_streams(self) -> None:
        pass  # they end at once, below

    async def close(self) -> None:
        await self._run(self._session.close)
        self._thread.shutdown()

    async def _run(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def now_ns(self) -> int:
        """The start of the newest tick; exact as it stands still while nobody advances."""
        return self._session.state().joints.time_ns

    async def state(self) -> types_pb2.RobotState:
        return await self._run(lambda: encode_state(self._session.state()))

    async def observe(
        self, cameras: Sequence[str], images: ImageRequest, into: types_pb2.Observation
    ) -> None:
        if images.shared:
            raise NotSupportedError("in lockstep pictures travel with the observation, not in shared memory")
        await self._run(lambda: encode_observation(self._session.observe(cameras), images.jpeg_quality, into))

    async def states(self) -> AsyncIterator[types_pb2.RobotState]:
        """Ends at once: in lockstep `advance` returns the ticks."""
        return
        yield

    def frames(self, cameras: Sequence[str], shared: bool = False) -> AsyncIterator[NewFrame]:
        """Ends at once: in lockstep `observe` takes the pictures."""
        self._session.frames(cameras)
        return _nothing()

    async def send(self, chunk: types_pb2.ActionChunk) -> Acknowledgement:
        def work() -> types_pb2.RobotState:
            self._session.send(decode_chunk(chunk))
            return encode_state(self._session.state())

        return Acknowledgement(await self._run(work), waited_ns=0)

    async def hold(self) -> None:
        await self._run(self._session.hold)

    async def stop(self, reason: str) -> None:
        await self._run(lambda: self._session.stop(reason))

    async def protective_stop(self, reason: str) -> None:
        await self._run(lambda: self._session.protective_stop(reason))

    async def set_motion(self, settings: types_pb2.MotionSettings) -> None:
        await self._run(lambda: self._session.set_motion(decode_motion(settings)))

    async def release(self) -> None:
        await self._run(self._session.release)

    async def annotate(self, event: types_pb2.Event) -> None:
        await self._run(lambda: self._session.annotate(decode_event(event)))

    async def reset(self, task: str, seed: int, instruction: str | None) -> types_pb2.EpisodeSetup:
        return await self._run(lambda: encode_setup(self._session.reset(task, seed, instruction)))

    async def advance(self, control_ticks: int) -> list[types_pb2.RobotState]:
        return await self._run(
            lambda: [encode_state(state) for state in self._session.advance(control_ticks)]
        )


async def _nothing() -> AsyncIterator[NewFrame]:
    return
    yield
