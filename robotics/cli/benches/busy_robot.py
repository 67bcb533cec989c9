"""A robot in real time with everything streaming: the load under which control is judged."""

import os
import re
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import numpy as np

from robotics.action import ActionChunk
from robotics.bridge.benchmark import NoiseCameraRig, WeightlessRobot
from robotics.bridge.client import GrpcSession
from robotics.bridge.processes import RobotProcesses
from robotics.embodiment import Embodiment, load_embodiment_file
from robotics.errors import RoboticsError

_LOG = "ROBOTICS_BENCH_LOG"
"""Environment variable: where the control process leaves what it saw, once it ends."""
_MOST_TICKS = 1_000_000
_COMMAND_PERIOD_S = 0.25
_HORIZON = 50


class WatchedRobot(WeightlessRobot):
    """Notes when it is read and written, in memory that is there from the start."""

    def __init__(self, embodiment: Embodiment):
        super().__init__(embodiment)
        self._times_ns = np.zeros(_MOST_TICKS, np.int64)
        self._is_read = np.zeros(_MOST_TICKS, bool)
        self._count = 0

    def _note(self, is_read: bool) -> None:
        if self._count < _MOST_TICKS:
            self._times_ns[self._count] = time.monotonic_ns()
            self._is_read[self._count] = is_read
            self._count += 1

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        self._note(True)
        return super().read()

    def write(self, target: np.ndarray) -> None:
        self._note(False)
        super().write(target)

    def close(self) -> None:
        if path := os.environ.get(_LOG):
            np.savez(path, times_ns=self._times_ns[: self._count], is_read=self._is_read[: self._count])


def with_load(embodiment: Embodiment, servo_rate_hz: int, folder: Path) -> Embodiment:
    """The same robot with another servo rate and pictures of 480 x 640 at 30 Hz, as a file in `folder`."""
    text = embodiment.source.read_text()
    for pattern, value in (
        (r"servo_rate_hz = .*", f"servo_rate_hz = {servo_rate_hz}"),
        (r"model = .*", f'model = "{embodiment.model_path}"'),
        (r"width = .*", "width = 640"),
        (r"height = .*", "height = 480"),
        (r"rate_hz = .*", "rate_hz = 30.0"),
    ):
        text = re.sub(rf"(?m)^{pattern}$", value, text)
    path = folder / f"{embodiment.name}_{servo_rate_hz}.toml"
    path.write_text(text)
    return load_embodiment_file(path)


class BusyRobot:
    """Runs from `with` to its end: states, pictures and commands stream to clients of this process."""

    def __init__(self, embodiment: Embodiment, servo_rate_hz: int):
        self._base, self._servo_rate_hz = embodiment, servo_rate_hz
        self._stack = ExitStack()
        self._ended = threading.Event()
        self.errors: list[str] = []
        """What any stream failed with."""
        self.states = self.frames = self.commands = 0
        """How many have come, or were acknowledged."""
        self._seen = np.empty(0, np.int64), np.empty(0, bool)

    def __enter__(self) -> "BusyRobot":
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        self.embodiment = with_load(self._base, self._servo_rate_hz, folder)
        self._log = folder / "control.npz"
        os.environ[_LOG] = str(self._log)
        robot, cameras = (f"{kind.__module__}:{kind.__qualname__}" for kind in (WatchedRobot, NoiseCameraRig))
        try:
            self.processes = RobotProcesses(self.embodiment, robot, cameras)
        finally:
            del os.environ[_LOG]
        self._stack.callback(self.processes.close)
        self.session = self._stack.enter_context(GrpcSession(self.processes.address, "bench"))
        # A client of its own each, as they would be in a cell: recorder, viewer, policy.
        self._viewers = [
            self._stack.enter_context(GrpcSession(self.processes.address, f"bench {what}"))
            for what in ("states", "pictures")
        ]
        self._threads = [
            threading.Thread(target=self._watched, args=(work,), daemon=True)
            for work in (self._read_states, self._read_frames, self._command)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def _watched(self, work: Callable[[], None]) -> None:
        try:
            work()
        except RoboticsError as error:
            if not self._ended.is_set():
                self.errors.append(str(error))

    def _read_states(self) -> None:
        for _ in self._viewers[0].states():
            self.states += 1

    def _read_frames(self) -> None:
        for _ in self._viewers[1].frames(self.embodiment.camera_names):
            self.frames += 1

    def _command(self) -> None:
        """Sway by a few degrees and back, a new chunk four times a second."""
        embodiment, due_s = self.embodiment, time.monotonic()
        period_s = embodiment.control_period_ns * 1e-9
        state, grippers = self.session.state(), list(embodiment.gripper_indices.values())
        home, start_s = state.applied, state.joints.time_ns * 1e-9
        while not self._ended.is_set():
            observation = self.session.observe()
            times_s = observation.joints.time_ns * 1e-9 + period_s * np.arange(_HORIZON)
            swing = 0.05 * (1.0 - np.cos(1.5 * (times_s - start_s)))
            positions = home + np.sign(-home - 1e-9) * swing[:, None]  # towards the middle of the range
            positions[:, grippers] = home[grippers]
            self.session.send(ActionChunk.answering(observation, embodiment, positions))
            self.commands += 1
            due_s += _COMMAND_PERIOD_S
            self._ended.wait(max(0.0, due_s - time.monotonic()))

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self._threads[-1].join(5.0)
        for session in (*self._viewers, self.session):
            session.close()
        self.processes.close()  # control leaves its log
        if self._log.is_file():
            with np.load(self._log) as log:
                self._seen = log["times_ns"], log["is_read"]
        self._stack.close()

    def lateness_ms(self, since_ns: int, until_ns: int) -> np.ndarray:
        """Once it has ended: how late each servo tick began [ms], between the starts of two control ticks.

        The first servo tick of a control tick begins where the robot is read, the others where it is written.
        """
        times_ns, is_read = self._seen
        period_ns = self.embodiment.control_period_ns
        servo_ns = 1_000_000_000 // self.embodiment.servo_rate_hz
        reads = np.flatnonzero(is_read)
        late: list[int] = []
        for start, end in pairwise(reads.tolist()):
            behind_ns = (times_ns[start] - since_ns) % period_ns
            tick_ns = times_ns[start] - behind_ns
            if since_ns <= tick_ns < until_ns:
                writes = times_ns[start + 2 : end]  # the first follows the tick's work at once
                late += [behind_ns, *(writes - tick_ns - servo_ns * np.arange(1, 1 + len(writes)))]
        return np.array(late) * 1e-6
