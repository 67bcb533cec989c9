"""Ties the lease to the robot: whenever the client that leads is lost, the robot holds."""

import asyncio
import logging
from collections.abc import Awaitable

from robotics.bridge.backend import RobotBackend
from robotics.bridge.codec import encode_event
from robotics.bridge.lease import Lease, LeaseDesk
from robotics.errors import RoboticsError
from robotics.session import Event, EventKind

_log = logging.getLogger(__name__)
_LOOKS_PER_LEASE = 20


class Leadership:
    """The lease desk and the command stream of the client that leads."""

    def __init__(self, desk: LeaseDesk, backend: RobotBackend):
        self.desk = desk
        self._backend = backend
        self._stream: object | None = None
        self._background: set[asyncio.Task[None]] = set()

    async def watch(self) -> None:
        """Runs as long as the server does: ends leases that were not retained."""
        while True:
            await asyncio.sleep(self.desk.duration_s / _LOOKS_PER_LEASE)
            lost = self.desk.expire()
            if lost is not None:
                await self._lose(f"the lease of '{lost.client_name}' expired: holding", EventKind.FAULT)

    async def take(self, client_name: str) -> tuple[Lease, Lease | None]:
        """The lease, whoever leads; what the former leader had planned is dropped."""
        lease, before = self.desk.take(client_name)
        if before is not None:
            await self._lose(f"'{client_name}' took the lease from '{before.client_name}'", EventKind.NOTE)
        return lease, before

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

    async def _lose(self, text: str, kind: EventKind) -> None:
        self._stream = None
        await self._quietly(self._backend.hold())
        await self._quietly(self._backend.annotate(encode_event(Event(kind, text))))

    @staticmethod
    async def _quietly(work: Awaitable[None]) -> None:
        try:
            await work
        except RoboticsError as error:
            # the robot holds by itself where it no longer answers
            _log.warning("after the leading client was lost: %s", error)
