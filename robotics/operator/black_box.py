"""Keeps what a run shows while it runs: every control tick, and camera pictures as JPEG."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from robotics.errors import ConnectionFailedError
from robotics.session import RobotSession, RobotState

_JPEG_QUALITY = 90


@dataclass(frozen=True)
class KeptPicture:
    """One camera picture."""

    camera: str
    capture_time_ns: int
    jpeg: bytes


class BlackBox:
    """Two threads listen to the state stream and to the frames until `close`."""

    def __init__(self, session: RobotSession, cameras: Sequence[str]):
        self._session = session
        self._cameras = tuple(cameras)
        self._lock = threading.Lock()
        self._states: list[RobotState] = []
        self._pictures: list[KeptPicture] = []
        self._closed = threading.Event()
        self.failure: Exception | None = None
        """Why listening ended early, such as a broken connection."""
        self._threads = [threading.Thread(target=self._keep_states, name="black box states", daemon=True)]
        if self._cameras:
            self._threads.append(
                threading.Thread(target=self._keep_pictures, name="black box pictures", daemon=True)
            )
        for thread in self._threads:
            thread.start()

    def restart(self) -> None:
        """Forget what was kept so far: the episode begins now."""
        with self._lock:
            self._states.clear()
            self._pictures.clear()

    def latest(self) -> RobotState | None:
        """The newest tick since the restart."""
        with self._lock:
            return self._states[-1] if self._states else None

    def states(self) -> list[RobotState]:
        """Every tick since the restart, oldest first."""
        with self._lock:
            return list(self._states)

    def pictures(self) -> list[KeptPicture]:
        """Every picture since the restart, in order of capture."""
        with self._lock:
            return sorted(self._pictures, key=lambda picture: picture.capture_time_ns)

    def close(self) -> None:
        """Stop listening; what was kept stays."""
        self._closed.set()

    def _keep_states(self) -> None:
        try:
            for state in self._session.states():
                if self._closed.is_set():
                    return
                with self._lock:
                    self._states.append(state)
        except ConnectionFailedError as error:
            if not self._closed.is_set():
                self.failure = error

    def _keep_pictures(self) -> None:
        import cv2

        try:
            for camera, frame in self._session.frames(self._cameras):
                if self._closed.is_set():
                    return
                # a raw minute of three cameras is gigabytes; JPEG costs a millisecond a picture
                _, jpeg = cv2.imencode(
                    ".jpg",
                    cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR),
                    [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY],
                )
                with self._lock:
                    self._pictures.append(KeptPicture(camera, frame.capture_time_ns, jpeg.tobytes()))
        except ConnectionFailedError as error:
            if not self._closed.is_set():
                self.failure = error
