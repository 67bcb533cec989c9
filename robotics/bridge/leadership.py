"""Ties the lease to the robot: whenever the client that leads is lost, the robot holds."""

import asyncio
import logging
from collections.abc import Awaitable

from robotics.bridge.backend import RobotBackend
from robotics.bridge.codec import encode_event, encode_motion
from robotics.bridge.lease import Lease, LeaseDesk
from robotics.bridge.v1 import types_pb2
from robotics.errors import RoboticsError
from robotics.motion_settings import MotionSettings
from robotics.session import Event, EventKind

_LONGEST_SETTLING_S = 1.0
_log = logging.getLogger(__name__)


class Leadership:
    """The lease desk and the command stream of the client that leads."""

    def __init__(self, desk: LeaseDesk, backend: RobotBackend):
        self.desk = desk
        self._backend = backend
        self._stream: object | None = None
        self._motion_was_set = False
        self._background: set[asyncio.Task[None]] = set()

    async def watch(self) -> None:
        """Runs as long as the server does: holds where the leader is silent, ends leases not retained."""
        while True:
            await asyncio.sleep(self.desk.look_again_in_s())
            try:
                await self._look()
            except Exception:  # whatever it was, the next look must come
                _log.exception("looking after the leading client failed")

    async def _look(self) -> None:
        overdue = self.desk.overdue()
        if overdue is not None and await self._is_moving():
            silence = f"nothing was heard of '{overdue.client_name}' for {self.desk.deadline_s:g} s"
            await self._hold_and_tell(f"{silence}: holding", EventKind.FAULT)
        lost = self.desk.expire()
        if lost is not None:
            await self._lose(f"the lease of '{lost.client_name}' expired: holding", EventKind.FAULT)

    async def _is_moving(self) -> bool:
        """In real time; in lockstep nothing moves but by the leader's own command."""
        if self._backend.description.lockstep:
            return False
        try:
            return (await self._backend.state()).mode == types_pb2.ROBOT_MODE_EXECUTING
        except RoboticsError:
            return True  # nobody knows: hold

    async def acquire(self, client_name: str, deadline_s: float) -> Lease:
        """The lease, if nobody leads, with the robot's own motion settings.

        Raises:
            LeaseError: Another client leads.
        """
        lease = self.desk.acquire(client_name, deadline_s)
        await self._restore_motion()
        return lease

    async def take(self, client_name: str, deadline_s: float) -> tuple[Lease, Lease | None]:
        """The lease, whoever leads; what the former leader had planned is dropped."""
        lease, before = self.desk.take(client_name, deadline_s)
        if before is not None:
            await self._lose(f"'{client_name}' took the lease from '{before.client_name}'", EventKind.NOTE)
        await self._restore_motion()
        return lease, before

    async def set_motion(self, lease: Lease, settings: types_pb2.MotionSettings) -> None:
        """
        Raises:
            LeaseError: The lease is not in force.
        """
        self.desk.check(lease)
        self._motion_was_set = True
        await self._backend.set_motion(settings)

    async def _restore_motion(self) -> None:
        if self._motion_was_set:
            self._motion_was_set = False
            await self._quietly(self._backend.set_motion(encode_motion(MotionSettings())))

    async def give_back(self, lease: Lease) -> None:
        """End the lease; the robot holds.

        Raises:
            LeaseError: It is not in force.
        """
        self.desk.give_back(lease)
        self._stream = None
        await self._quietly(self._backend.hold())

    def command_stream_begins(self, stream: object) -> None:
        """From now on the robot is led over this stream."""
        self._stream = stream

    def command_stream_ends(self, stream: object) -> None:
        """The stream is over, in order or not; where it was the leading one, the robot holds."""
        if stream is not self._stream:
            return
        self._stream = None
        # a task of its own, because the caller is being cancelled
        task = asyncio.get_running_loop().create_task(self._quietly(self._backend.hold()))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def settle(self) -> None:
        """Let the holds that streams left behind be said, before the backend closes."""
        if self._background:
            await asyncio.wait(self._background, timeout=_LONGEST_SETTLING_S)

    async def _lose(self, text: str, kind: EventKind) -> None:
        self._stream = None
        await self._hold_and_tell(text, kind)

    async def _hold_and_tell(self, text: str, kind: EventKind) -> None:
        await self._quietly(self._backend.hold())
        await self._quietly(self._backend.annotate(encode_event(Event(kind, text))))

    @staticmethod
    async def _quietly(work: Awaitable[None]) -> None:
        try:
            await work
        except RoboticsError as error:
            # the robot holds by itself where it no longer answers
            _log.warning("after the leading client was lost: %s", error)
