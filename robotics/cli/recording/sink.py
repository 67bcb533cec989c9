"""The recorder as a recording session sees it."""

import shutil
from concurrent.futures import Future
from typing import TYPE_CHECKING

from robotics.operator.collect_status import RecordingLoad
from robotics.task import EpisodeSetup

if TYPE_CHECKING:
    from demonstrations.recorder import Recorder


class RecorderSink:
    """Implements EpisodeSink."""

    def __init__(self, recorder: "Recorder", simulated: bool, control_rate_hz: float):
        self._recorder = recorder
        self._simulated = simulated
        self._rate_hz = control_rate_hz
        self._dropped = 0
        """In episodes that have ended."""

    def begin(self, setup: EpisodeSetup) -> None:
        seed = setup.seed if self._simulated else None
        self._recorder.begin(instruction=setup.instruction, task=setup.task, seed=seed)

    def commit(self, success: bool, progress: float | None, text: str) -> "Future[int]":
        from demonstrations.schema import EpisodeOutcome

        self._dropped += self._recorder.status.load.dropped_frames
        return self._recorder.commit(EpisodeOutcome(success, progress, text))

    def discard(self) -> None:
        self._recorder.discard()

    def load(self) -> RecordingLoad:
        self._recorder.check()
        status = self._recorder.status
        running_s = status.ticks / self._rate_hz
        return RecordingLoad(
            ticks=status.ticks,
            frame_rate_hz=status.frames / running_s if running_s else 0.0,
            dropped_frames=self._dropped + (status.load.dropped_frames if status.recording else 0),
            missing_ticks=status.missing_ticks if status.recording else 0,
            queued_frames=status.load.queued_frames,
            capacity_frames=status.load.capacity_frames,
            free_bytes=shutil.disk_usage(self._recorder.dataset.path).free,
            bytes_per_s=status.load.written_bytes / running_s if running_s else 0.0,
        )
