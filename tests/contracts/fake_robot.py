"""A kinematic robot with cameras for tests: joints follow their target by a first-order lag, no physics."""

import math

import numpy as np
from contracts.fake_embodiment import fake_embodiment

from robotics.embodiment import Embodiment
from robotics.errors import UnknownNameError
from robotics.observation import CameraFrame
from robotics.task import EpisodeSetup, TaskDescription, TaskStatus

LAG_S = 0.03
"""Time constant of every joint."""
GOAL_RAD = 0.5
"""The task succeeds once the first joint of its arm has turned so far, to either side."""

TASKS = (
    TaskDescription(
        name="turn_left_arm",
        summary="turn the first joint of the left arm by half a radian",
        instructions=("turn the left arm", "rotate the left arm"),
        time_limit_s=4.0,
    ),
    TaskDescription(
        name="turn_right_arm",
        summary="turn the first joint of the right arm by half a radian",
        instructions=("turn the right arm", "rotate the right arm"),
        time_limit_s=4.0,
    ),
)


def _get_task(name: str) -> TaskDescription:
    for task in TASKS:
        if task.name == name:
            return task
    raise UnknownNameError("task", name, (task.name for task in TASKS))


class FakeRobot:
    """Implements SimulatedRobot. `written` keeps every target that reached the driver, oldest first."""

    def __init__(self, embodiment: Embodiment | None = None):
        self.embodiment = embodiment or fake_embodiment()
        self.written: list[np.ndarray] = []
        self.stepped_ns = 0
        self.holds = 0
        self.closed = False
        self._task = TASKS[0]
        self._go_home(np.zeros(self.embodiment.action_dim))

    def _go_home(self, offset: np.ndarray) -> None:
        self._target = self.embodiment.home.copy()
        self._position = self.embodiment.home + offset
        self._velocity = np.zeros(self.embodiment.action_dim)

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        return self._position.copy(), self._velocity.copy()

    def write(self, target: np.ndarray) -> None:
        self._target = np.array(target)
        self.written.append(self._target)

    def hold(self) -> None:
        self.holds += 1

    def close(self) -> None:
        self.closed = True

    def tasks(self) -> tuple[TaskDescription, ...]:
        return TASKS

    def reset(self, task: str, seed: int, instruction: str | None = None) -> EpisodeSetup:
        """The seed shifts the measured position a little, so that two seeds differ."""
        found = _get_task(task)
        if instruction is None:
            instruction = found.instructions[seed % len(found.instructions)]
        elif instruction not in found.instructions:
            raise UnknownNameError("instruction", instruction, found.instructions, owner=task)
        self._task = found
        self._go_home(np.random.default_rng(seed).uniform(0.0, 0.005, self.embodiment.action_dim))
        return EpisodeSetup(task, seed, instruction)

    def step(self, duration_ns: int) -> None:
        duration_s = duration_ns * 1e-9
        before = self._position
        self._position = before + (self._target - before) * (1.0 - math.exp(-duration_s / LAG_S))
        self._velocity = (self._position - before) / duration_s
        self.stepped_ns += duration_ns

    def task_status(self) -> TaskStatus:
        arm = self.embodiment.arm[TASKS.index(self._task)].name
        joint = self.embodiment.arm_slices[arm].start
        progress = float(min(1.0, abs(self._position[joint] - self.embodiment.home[joint]) / GOAL_RAD))
        return TaskStatus(progress >= 1.0, progress, "done" if progress >= 1.0 else "turning")

    def world_state(self) -> np.ndarray:
        return self._position.copy()


class FakeCameraRig:
    """Implements SimulatedCameraRig: the top left pixel's red tells the first joint, the rest the camera."""

    def __init__(self, embodiment: Embodiment | None = None):
        self.embodiment = embodiment or fake_embodiment()
        self.captures = 0
        self.episode: tuple[str, int] | None = None
        self.closed = False
        self._state = self.embodiment.home.copy()

    def reset(self, task: str, seed: int, instruction: str | None = None) -> None:
        _get_task(task)
        self.episode = (task, seed)

    def set_world_state(self, state: np.ndarray) -> None:
        self._state = np.array(state)

    def capture(self, camera: str, time_ns: int) -> CameraFrame:
        found = self.embodiment.get_camera(camera)
        index = self.embodiment.camera_names.index(camera)
        image = np.full((found.height, found.width, 3), 10 * (index + 1), np.uint8)
        image[0, 0, 0] = joint_as_pixel(self._state[0])
        self.captures += 1
        return CameraFrame(image, time_ns)

    def close(self) -> None:
        self.closed = True


def joint_as_pixel(position: float) -> int:
    """How a fake picture shows the first joint's position [rad]."""
    return int(np.clip(128 + 40 * position, 0, 255))
