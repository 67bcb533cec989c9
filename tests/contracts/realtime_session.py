"""A real-time session without processes or wire: a control thread on a fake robot."""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any

import numpy as np
from contracts.fake_robot import FakeCameraRig, FakeRobot

from robotics.action import ActionChunk
from robotics.bridge.control import ControlLoop
from robotics.bridge.realtime import run_realtime
from robotics.clock import MonotonicClock
from robotics.motion_settings import MotionSettings
from robotics.observation import CameraFrame, Observation
from robotics.session import Event, RobotDescription, RobotState
from robotics.task import EpisodeSetup


class RealtimeFakeSession:
    """Implements RobotSession; `held` counts hold commands, `simulated=False` hides tasks and judge."""

    def __init__(self, robot: FakeRobot | None = None, simulated: bool = True):
        self.robot = robot or FakeRobot()
        self.simulated = simulated
        self.held = 0
        self._rig = FakeCameraRig()
        self._clock = MonotonicClock()
        self._loop = ControlLoop(self.robot, self._clock)
        self._commands: queue.Queue[tuple[Callable[[], Any], Future]] = queue.Queue()
        self._closed = threading.Event()
        self._ticks: list[RobotState] = []
        self._thread = threading.Thread(target=self._control, daemon=True)
        self._thread.start()

    def _control(self) -> None:
        run_realtime(self._loop, self._closed.is_set, self._ticks.append, self._take_commands)

    def _take_commands(self) -> None:
        while not self._commands.empty():
            action, answer = self._commands.get()
            try:
                answer.set_result(action())
            except Exception as error:
                answer.set_exception(error)

    def _do(self, action: Callable[[], Any]) -> Any:
        answer: Future = Future()
        self._commands.put((action, answer))
        return answer.result(timeout=10)

    def describe(self) -> RobotDescription:
        return RobotDescription(
            embodiment=self._loop.embodiment,
            clock_id=self._clock.clock_id,
            lockstep=False,
            simulated=self.simulated,
            tasks=self.robot.tasks() if self.simulated else (),
        )

    def state(self) -> RobotState:
        return self._ticks[-1] if self._ticks else self._loop.latest

    def states(self) -> Iterator[RobotState]:
        position = len(self._ticks)
        while not self._closed.is_set():
            if position < len(self._ticks):
                yield self._ticks[position]
                position += 1
            else:
                time.sleep(0.002)

    def observe(self, cameras: Sequence[str] = ()) -> Observation:
        state = self.state()
        return Observation(
            clock_id=self._clock.clock_id,
            joints=state.joints,
            plan=np.empty((0, self._loop.embodiment.action_dim)),
            images={name: self._rig.capture(name, state.joints.time_ns) for name in cameras},
            instruction=state.instruction,
        )

    def frames(self, cameras: Sequence[str]) -> Iterator[tuple[str, CameraFrame]]:
        while not self._closed.is_set():
            time.sleep(0.04)
            for name in cameras:
                yield name, self._rig.capture(name, self.state().joints.time_ns)

    def send(self, chunk: ActionChunk) -> None:
        self._do(lambda: self._loop.submit(chunk))

    def hold(self) -> None:
        self.held += 1
        self._do(self._loop.hold)

    def stop(self, reason: str = "") -> None:
        self._do(lambda: self._loop.stop(reason))

    def protective_stop(self, reason: str) -> None:
        self._do(lambda: self._loop.protective_stop(reason))

    def set_motion(self, settings: MotionSettings) -> None:
        self._do(lambda: self._loop.set_motion(settings))

    def release(self) -> None:
        self._do(self._loop.release)

    def annotate(self, event: Event) -> None:
        self._do(lambda: self._loop.annotate(event))

    def reset(self, task: str, seed: int, instruction: str | None = None) -> EpisodeSetup:
        return self._do(lambda: self._loop.reset(task, seed, instruction))

    def advance(self, control_ticks: int) -> Sequence[RobotState]:
        raise NotImplementedError("real time")

    def close(self) -> None:
        self._closed.set()
        self._thread.join(timeout=5)
