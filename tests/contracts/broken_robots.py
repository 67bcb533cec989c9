"""Robots and cameras that fail in one way, for the processes that must survive them."""

import os
import signal
import time

import numpy as np
from contracts.fake_robot import FakeCameraRig, FakeRobot

from robotics.embodiment import Embodiment
from robotics.errors import RoboticsError
from robotics.observation import CameraFrame


def make_nothing(embodiment: Embodiment) -> FakeRobot:
    """A factory that fails."""
    raise RoboticsError("arm 'left' does not answer on its bus")


class FailingRobot(FakeRobot):
    """Its driver fails once the first joint has moved a little."""

    def write(self, target: np.ndarray) -> None:
        if abs(target[0] - self.embodiment.home[0]) > 0.05:
            raise OSError("bus gone")
        super().write(target)


class StuckCameraRig(FakeCameraRig):
    """Hangs in its third picture, as a driver may, and does not mind SIGTERM."""

    def capture(self, camera: str, time_ns: int) -> CameraFrame:
        if self.captures == 2:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(600)
        return super().capture(camera, time_ns)


class DyingCameraRig(FakeCameraRig):
    """Its process is killed when an episode with an odd seed begins."""

    def reset(self, task: str, seed: int, instruction: str | None = None) -> None:
        if seed % 2:
            os.kill(os.getpid(), signal.SIGKILL)
        super().reset(task, seed, instruction)
