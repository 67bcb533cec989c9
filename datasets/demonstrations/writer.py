"""Records episodes: the caller hands over ticks and frames, one background thread encodes and writes them."""

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from demonstrations.dataset import DemonstrationDataset
from demonstrations.durable import storage_errors
from demonstrations.journal import row_dtype, state_record
from demonstrations.open_episode import OpenEpisode
from demonstrations.provenance import git_commit, software_version, utc_now
from demonstrations.schema import CameraCalibration, CameraRecord, EpisodeMetadata, EpisodeOutcome
from demonstrations.staging import StagedEpisode, check_frame
from robotics.embodiment import Embodiment
from robotics.errors import DatasetError
from robotics.observation import CameraFrame
from robotics.session import Event, RobotState


@dataclass(frozen=True)
class WriterLoad:
    """Back-pressure: how well the writer keeps up with its robot."""

    queued_frames: int
    capacity_frames: int
    peak_queued_frames: int
    """Since the episode began."""
    dropped_frames: int
    """Since the episode began; each one's capture time is kept in the episode."""
    written_bytes: int
    """JPEG bytes since the episode began."""


class EpisodeWriter:
    """begin, append ..., commit or discard, as often as wanted; then close (or use `with`).

    Appending never waits for the disk while the queue has room. When `queue_frames` frames are waiting,
    `append_frame` waits (`when_full='wait'`, for lockstep) or drops the frame and records its capture
    time (`'drop'`, for real time). Ticks and events are never dropped.

    Every method may raise StorageFullError or DatasetError when writing has failed; the episode then
    stays in the dataset's staging folder, and opening the dataset again recovers it.
    """

    def __init__(
        self,
        dataset: DemonstrationDataset,
        embodiment: Embodiment,
        *,
        queue_frames: int = 128,
        when_full: Literal["wait", "drop"] = "wait",
        calibration: Mapping[str, CameraCalibration] | None = None,
    ):
        """
        Args:
            queue_frames: Frames that may wait for the writer thread; bounds its memory.
            calibration: By camera, where it is known.

        Raises:
            IncompatibleError: The embodiment is not the dataset's.
        """
        dataset.check_embodiment(embodiment)
        self.dataset = dataset
        self.embodiment = embodiment
        self._dtype = row_dtype(embodiment.action_dim)
        self._calibration = dict(calibration or {})
        self._when_full = when_full
        self._capacity = queue_frames
        self._lock = threading.RLock()
        self._episode: OpenEpisode | None = None

    def begin(
        self,
        *,
        instruction: str | None = None,
        task: str = "",
        seed: int | None = None,
        operator: str = "",
        source: str = "",
        clock_id: str = "",
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """Start an episode.

        Args:
            instruction: The first tick's instruction by default.
            source: Name of the policy or teleoperator that moves the robot.
        """
        with self._lock:
            if self._episode is not None:
                raise DatasetError("an episode is already being recorded; commit or discard it first")
            description = self.dataset.description
            metadata = EpisodeMetadata(
                instruction=instruction or "",
                length=0,
                success=None,
                progress=None,
                outcome="",
                embodiment=self.embodiment.name,
                embodiment_hash=self.embodiment.embodiment_hash,
                interface_fingerprint=self.embodiment.interface_fingerprint,
                control_rate_hz=self.embodiment.control_rate_hz,
                cameras={
                    c.name: CameraRecord(
                        0,
                        c.height,
                        c.width,
                        description.shard_frames,
                        **vars(self._calibration.get(c.name, CameraCalibration())),
                    )
                    for c in description.cameras
                },
                task=task,
                seed=seed,
                operator=operator,
                source=source,
                clock_id=clock_id,
                recorded_utc=utc_now(),
                software_version=software_version(),
                git_commit=git_commit(),
                extra=dict(extra or {}),
            )
            with storage_errors(f"starting an episode in {self.dataset.path}"):
                staged = StagedEpisode(
                    self.dataset.path / "staging" / f"{uuid.uuid4().hex}.zarr", description, metadata
                )
            self._episode = OpenEpisode(staged, metadata, self._capacity)

    @property
    def recording(self) -> bool:
        """Between `begin` and `commit` or `discard`."""
        return self._episode is not None

    @property
    def length(self) -> int:
        """Ticks of the episode so far."""
        return self._episode.length if self._episode else 0

    @property
    def load(self) -> WriterLoad:
        episode = self._episode
        if episode is None:
            return WriterLoad(0, self._capacity, 0, 0, 0)
        return WriterLoad(
            episode.queued,
            self._capacity,
            episode.peak,
            sum(map(len, episode.dropped.values())),
            episode.bytes,
        )

    def check(self) -> None:
        """
        Raises:
            StorageFullError, DatasetError: Writing the episode in work has failed.
        """
        with self._lock:
            if self._episode is not None:
                self._current()

    def append_state(self, state: RobotState) -> None:
        """Add one control tick and the events that came with it."""
        record = state_record(state, self._dtype)
        with self._lock:
            episode = self._current()
            if episode.length == 0 and not episode.metadata.instruction:
                episode.metadata = replace(episode.metadata, instruction=state.instruction)
            episode.add_row(record)
            for event in state.events:
                episode.add_event(event)

    def append_frame(self, camera: str, frame: CameraFrame) -> bool:
        """Add one frame; False where it was dropped (and counted). Its image must not be changed afterwards.

        Raises:
            UnknownNameError: The dataset does not record this camera.
            DatasetError: The kind or size of image or depth is wrong.
        """
        stored = self.dataset.description.get_camera(camera)
        check_frame(frame, stored)
        episode = self._current()
        return episode.add_frame(camera, frame, wait=self._when_full == "wait")

    def append_event(self, event: Event) -> None:
        """Add an event that does not come with a tick."""
        with self._lock:
            self._current().add_event(event)

    def commit(self, outcome: EpisodeOutcome) -> int:
        """Finish the episode durably; returns its index in the dataset.

        Raises:
            DatasetError: The episode has no ticks (it is then discarded).
        """
        return self.prepare_commit(outcome)()

    def prepare_commit(self, outcome: EpisodeOutcome) -> Callable[[], int]:
        """End the episode now; the function returned stores it (in any thread) and returns its index.

        The next episode may begin at once.

        Raises:
            DatasetError: The episode has no ticks (it is then discarded).
        """
        with self._lock:
            episode = self._current()
            if episode.length == 0:
                self.discard()
                raise DatasetError("an episode without control ticks is not kept")
            self._episode = None
        metadata = replace(
            episode.metadata,
            success=outcome.success,
            progress=outcome.progress,
            outcome=outcome.text,
            events=tuple(episode.events),
            cameras={
                name: replace(record, dropped_time_ns=tuple(episode.dropped.get(name, ())))
                for name, record in episode.metadata.cameras.items()
            },
        )
        return lambda: self._store(episode, metadata)

    def _store(self, episode: "OpenEpisode", metadata: EpisodeMetadata) -> int:
        episode.drain()
        staged = episode.staged
        try:
            with storage_errors(f"finishing an episode in {self.dataset.path}"):
                staged.finish(episode.rows(self._dtype), metadata)
            return self.dataset.publish(staged.path)
        except BaseException:
            staged.abandon()
            raise
        finally:
            staged.release()

    def discard(self) -> None:
        """Forget the episode in work, if any, and remove its files."""
        with self._lock:
            episode, self._episode = self._episode, None
            if episode is not None:
                episode.stop()
                episode.staged.discard()

    def close(self) -> None:
        """Discard an episode that was neither committed nor discarded."""
        self.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _current(self) -> "OpenEpisode":
        episode = self._episode
        if episode is None:
            raise DatasetError("no episode is being recorded; begin one first")
        if episode.failure is not None:
            self._episode = None
            episode.fail()
        return episode
