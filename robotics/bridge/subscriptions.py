"""What one reader of the state or frame stream has not read yet; a slow reader never slows the robot."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence

from robotics.bridge.backend import FrameNumber, NewFrame
from robotics.bridge.frame_store import FrameStore
from robotics.bridge.statuses import SlowReaderError
from robotics.bridge.v1 import types_pb2
from robotics.errors import RoboticsError
from robotics.observation import CameraFrame

MOST_UNREAD_STATES = 500
MOST_UNREAD_FRAMES = 32


class StateSubscription:
    """Every tick in order; a reader that is too slow is cut off, because a gap would be worse."""

    def __init__(self, subscriptions: "set[StateSubscription]"):
        """Joins `subscriptions`, and leaves when its reader does."""
        self._subscriptions = subscriptions
        self._unread: deque[types_pb2.RobotState] = deque()
        self._changed = asyncio.Event()
        self._too_slow = False
        self._failure: RoboticsError | None = None
        subscriptions.add(self)

    def put(self, state: types_pb2.RobotState) -> None:
        """One tick more."""
        if len(self._unread) >= MOST_UNREAD_STATES:
            self._too_slow = True
        else:
            self._unread.append(state)
        self._changed.set()

    def fail(self, error: RoboticsError) -> None:
        """No tick follows."""
        self._failure = error
        self._changed.set()

    async def items(self) -> AsyncIterator[types_pb2.RobotState]:
        """
        Raises:
            SlowReaderError: The reader fell too far behind.
            RoboticsError: What `fail` was told.
        """
        try:
            while True:
                self._changed.clear()  # before looking, so that nothing said meanwhile is missed
                if self._too_slow:
                    raise SlowReaderError(
                        f"this reader of the state stream fell {MOST_UNREAD_STATES} ticks behind"
                    )
                while self._unread:
                    yield self._unread.popleft()
                if self._failure is not None:
                    raise self._failure
                await self._changed.wait()
        finally:
            self._subscriptions.discard(self)


class FrameSubscription:
    """Every picture of some cameras; a reader that is too slow loses the oldest, and is told."""

    def __init__(
        self,
        subscriptions: "set[FrameSubscription]",
        store: FrameStore,
        cameras: Sequence[str],
        on_lost: Callable[[str], object] = lambda camera: None,
        shared: bool = False,
    ):
        """Joins `subscriptions`, and leaves when its reader does.

        Args:
            on_lost: Told the camera of each picture that the reader loses.
            shared: The reader has the store itself: it only wants to know of its pictures.
        """
        self._shared = shared
        self._on_lost = on_lost
        self._subscriptions = subscriptions
        self._store = store
        self._seen = {camera: store.newest(camera) for camera in cameras}
        self._unread: deque[tuple[str, CameraFrame | FrameNumber]] = deque()
        self._dropped = 0
        self._changed = asyncio.Event()
        self._failure: RoboticsError | None = None
        subscriptions.add(self)

    def look(self) -> None:
        """There may be new pictures."""
        for camera, seen in self._seen.items():
            newest = self._store.newest(camera)
            for number in range(seen + 1, newest + 1):
                found = self._find(camera, number)
                if found is None:
                    self._lose(camera)
                else:
                    self._unread.append((camera, found))
            self._seen[camera] = newest
        while len(self._unread) > MOST_UNREAD_FRAMES:
            camera, _ = self._unread.popleft()
            self._lose(camera)
        self._changed.set()

    def _find(self, camera: str, number: int) -> CameraFrame | FrameNumber | None:
        if self._shared:
            time_ns = self._store.capture_time_ns(camera, number)
            return None if time_ns is None else FrameNumber(number, time_ns)
        found = self._store.read(camera, number)
        return None if found is None else found[0]

    def _lose(self, camera: str) -> None:
        self._dropped += 1
        self._on_lost(camera)

    def fail(self, error: RoboticsError) -> None:
        """No picture follows."""
        self._failure = error
        self._changed.set()

    async def items(self) -> AsyncIterator[NewFrame]:
        """Pictures by capture.

        Raises:
            RoboticsError: What `fail` was told.
        """
        try:
            while True:
                self._changed.clear()
                while self._unread:
                    camera, frame = self._unread.popleft()
                    yield NewFrame(camera, frame, self._dropped)
                if self._failure is not None:
                    raise self._failure
                await self._changed.wait()
        finally:
            self._subscriptions.discard(self)
