"""Records a robot in real time from its streams alone; needs no lease, so anyone may lead meanwhile."""

import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Self

from demonstrations.camera_schedule import FrameThinning
from demonstrations.dataset import DemonstrationDataset
from demonstrations.episode_ending import EpisodeEnding, judgement
from demonstrations.recorder_status import RecorderStatus
from demonstrations.schema import CameraCalibration, EpisodeOutcome
from demonstrations.writer import EpisodeWriter
from robotics.errors import ConnectionFailedError, DatasetError, RoboticsError
from robotics.observation import CameraFrame
from robotics.session import EventKind, RobotSession, RobotState


class Recorder:
    """Adds episodes to a dataset from `session.states()` and `session.frames()`.

    With `follow_events`, episodes are cut by the events in the state stream: EPISODE (a simulation reset)
    begins one, and so does INSTRUCTION where none is running; OUTCOME commits it, successful where its
    text is 'success'; an EPISODE in the midst of one commits that without a judgement. Without, and in
    addition, `begin`, `commit` and `discard` do.

    Frames that the writer cannot keep up with are dropped and recorded as dropped; ticks never are.
    """

    def __init__(
        self,
        session: RobotSession,
        dataset: DemonstrationDataset,
        *,
        follow_events: bool = True,
        operator: str = "",
        source: str = "",
        queue_frames: int = 256,
        calibration: Mapping[str, CameraCalibration] | None = None,
        extra: Mapping[str, Any] | None = None,
    ):
        """Subscribe, and record from the next tick on.

        Args:
            source: Name of the policy or teleoperator that moves the robot.
            queue_frames: Frames that may wait to be written; bounds the memory.
            calibration: By camera, where it is known.
            extra: Kept with every episode; JSON values.

        Raises:
            IncompatibleError: The robot's interface is not the dataset's.
        """
        description = session.describe()
        self.dataset = dataset
        self._session = session
        self._clock_id = description.clock_id
        self._writer = EpisodeWriter(
            dataset,
            description.embodiment,
            queue_frames=queue_frames,
            when_full="drop",
            calibration=calibration,
        )
        self._follow_events = follow_events
        self._operator, self._source, self._extra = operator, source, extra
        self._lock = threading.RLock()
        self._ending: EpisodeEnding | None = None
        self._start_ns: int | None = None
        self._frames = self._missing = 0
        self._last_tick: int | None = None
        self._early: dict[str, CameraFrame] = {}
        """Of each camera the newest frame that came before the episode's first tick did."""
        self._newest: RobotState | None = None
        cameras = dataset.description.cameras
        self._lead_ns = {camera.name: int(1e9 / camera.rate_hz) for camera in cameras}
        self._thinning = FrameThinning(description.embodiment, cameras)
        self._committed: list[int] = []
        self._error: RoboticsError | None = None
        self._closed = threading.Event()
        self._committer = ThreadPoolExecutor(1, "episode commit")
        self._threads = [threading.Thread(target=self._follow_states, name="recorder states", daemon=True)]
        if dataset.camera_names:
            frames = threading.Thread(target=self._follow_frames, name="recorder frames", daemon=True)
            self._threads.append(frames)
        for thread in self._threads:
            thread.start()

    @property
    def status(self) -> RecorderStatus:
        return RecorderStatus(
            self._writer.recording and self._ending is None,
            self._writer.length,
            tuple(self._committed),
            self._writer.load,
            self._frames,
            self._missing,
            str(self._error or ""),
        )

    def check(self) -> None:
        """
        Raises:
            RoboticsError: Recording has failed.
        """
        with self._lock:
            try:
                self._writer.check()
            except RoboticsError as error:
                self._fail(error)
            self._raise_error()

    def begin(self, *, instruction: str | None = None, task: str = "", seed: int | None = None) -> None:
        """Start an episode with the next tick; the instruction is the robot's own by default.

        Raises:
            DatasetError: An episode is already running, or recording has failed.
        """
        with self._lock:
            self._raise_error()
            if self._ending is not None:
                self._finish(self._ending)
            self._start_ns = self._last_tick = None
            self._early.clear()
            self._frames = self._missing = 0
            self._thinning.restart()
            self._writer.begin(
                instruction=instruction,
                task=task,
                seed=seed,
                operator=self._operator,
                source=self._source,
                clock_id=self._clock_id,
                extra=self._extra,
            )

    def commit(self, outcome: EpisodeOutcome) -> "Future[int]":
        """End the episode with the newest tick; its index in the dataset follows when it is safely stored.

        Raises:
            DatasetError: No episode is running, or recording has failed.
        """
        with self._lock:
            self._raise_error()
            if not self._writer.recording or self._ending is not None:
                raise DatasetError("no episode is being recorded; begin one first")
            end_ns = self._newest.joints.time_ns if self._newest is not None else 0
            ending = self._ending = EpisodeEnding(outcome, end_ns, set(self.dataset.camera_names))
        threading.Thread(target=self._finish_later, args=(ending,), daemon=True).start()
        return ending.index

    def discard(self) -> None:
        """Forget the running episode, if any."""
        with self._lock:
            if self._ending is None:
                self._writer.discard()

    def close(self) -> None:
        """Unsubscribe; finish commits that are under way, and discard an episode that nobody has ended.

        Where the robot was lost, what came of the episode until then is committed without a judgement.

        Raises:
            StorageFullError, DatasetError: Recording had failed.
        """
        with self._lock:
            ending = self._ending
        if ending is not None:
            ending.wait()
            self._finish(ending)
        self._closed.set()
        self._committer.shutdown()
        for thread in self._threads:
            thread.join(timeout=0.5)
        with self._lock:
            if isinstance(self._error, ConnectionFailedError) and self._writer.length:
                self._committed.append(self._writer.commit(EpisodeOutcome(None, None, str(self._error))))
            self._writer.close()
        self._raise_error()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _follow_states(self) -> None:
        try:
            for state in self._session.states():
                if self._closed.is_set():
                    return
                with self._lock:
                    self._newest = state
                    if self._error is None:
                        self._add(state)
        except Exception as error:
            self._fail(error)

    def _add(self, state: RobotState) -> None:
        outcome = None
        if self._follow_events:
            for event in state.events:
                if event.kind is EventKind.OUTCOME:
                    outcome = event
                elif event.kind is EventKind.EPISODE:
                    self._end_unjudged()
                    seed = event.data.get("seed", "")
                    self.begin(task=event.text, seed=int(seed) if seed.lstrip("-").isdigit() else None)
                elif event.kind is EventKind.INSTRUCTION and not self._running:
                    self.begin(instruction=event.text)
        if not self._running:
            return
        if self._start_ns is None:
            self._start_ns = state.joints.time_ns
            for camera, frame in self._early.items():
                self._keep(camera, frame)
        if self._last_tick is not None:
            self._missing += state.joints.tick - self._last_tick - 1
        self._last_tick = state.joints.tick
        self._writer.append_state(state)
        if outcome is not None:
            self.commit(judgement(outcome, state))

    @property
    def _running(self) -> bool:
        return self._writer.recording and self._ending is None

    def _end_unjudged(self) -> None:
        if self._running and self._writer.length:
            self.commit(EpisodeOutcome(None, None, "a new episode began"))
        elif self._running:
            self._writer.discard()

    def _follow_frames(self) -> None:
        try:
            for camera, frame in self._session.frames(self.dataset.camera_names):
                if self._closed.is_set():
                    return
                with self._lock:
                    if self._error is not None or not self._writer.recording:
                        continue
                    time_ns, ending = frame.capture_time_ns, self._ending
                    if ending is not None and time_ns > ending.end_ns:
                        ending.seen(camera)
                        continue
                    self._keep(camera, frame)
        except Exception as error:
            self._fail(error)

    def _keep(self, camera: str, frame: CameraFrame) -> None:
        if self._start_ns is None:
            self._early[camera] = frame
        elif self._is_wanted(camera, frame.capture_time_ns):
            self._frames += self._writer.append_frame(camera, frame)

    def _is_wanted(self, camera: str, time_ns: int) -> bool:
        """Whether a frame belongs to the episode (one of just before its first tick does) and is due."""
        start_ns = self._start_ns or 0
        return time_ns >= start_ns - self._lead_ns[camera] and self._thinning.keep(camera, time_ns)

    def _finish_later(self, ending: EpisodeEnding) -> None:
        ending.wait()
        self._finish(ending)

    def _finish(self, ending: EpisodeEnding) -> None:
        """Hand the ended episode to the committer, once."""
        with self._lock:
            if self._ending is not ending:
                return
            self._ending = None
            try:
                commit = self._writer.prepare_commit(ending.outcome)
            except RoboticsError as error:  # no tick came, or writing has failed
                ending.index.set_exception(error)
                return

            def store() -> None:
                try:
                    index = commit()
                    self._committed.append(index)
                    ending.index.set_result(index)
                except Exception as error:
                    self._fail(error)
                    ending.index.set_exception(error)

            self._committer.submit(store)

    def _fail(self, error: Exception) -> None:
        if self._error is None and not self._closed.is_set():
            known = isinstance(error, RoboticsError)
            self._error = error if known else DatasetError(f"recording failed: {error!r}")

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error
