"""An episode whose last tick has come, while its last frames are still on their way."""

import threading
from concurrent.futures import Future

from demonstrations.schema import EpisodeOutcome
from robotics.session import Event, RobotState

_LATE_FRAMES_S = 0.3
"""How long a finished episode waits for frames that were captured before its end."""


class EpisodeEnding:
    """Waits for the late frames; `index` is the episode's place in the dataset once it is safely stored."""

    def __init__(self, outcome: EpisodeOutcome, end_ns: int, cameras: set[str]):
        self.outcome = outcome
        self.end_ns = end_ns
        self.index: Future[int] = Future()
        self._missing = cameras
        self._complete = threading.Event()
        if not cameras:
            self._complete.set()

    def seen(self, camera: str) -> None:
        """A frame after the end has come from this camera, so nothing before it will."""
        self._missing.discard(camera)
        if not self._missing:
            self._complete.set()

    def wait(self) -> None:
        self._complete.wait(_LATE_FRAMES_S)


def judgement(event: Event, state: RobotState) -> EpisodeOutcome:
    """What an OUTCOME event says, with the progress at its tick."""
    success = {"success": True, "failure": False}.get(event.text)
    return EpisodeOutcome(success, state.task.progress if state.task is not None else None, event.text)
