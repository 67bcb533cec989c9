"""A robot in simulation: the driver that control, guard and recorder see, with a world that can be judged."""

from typing import TYPE_CHECKING, cast

import numpy as np

from robotics.embodiment import Embodiment
from robotics.task import EpisodeSetup, TaskDescription, TaskStatus
from sim.environment import Episode, make_environment
from sim.tasks import Goal, Task, make_task, task_names

if TYPE_CHECKING:
    from dm_control import mujoco as dm_mujoco
    from dm_control.rl import control


class SimulatedRobot:
    """Implements robotics.robot.SimulatedRobot on dm_control environments, one a task, built on first use."""

    def __init__(self, embodiment: Embodiment, task: str | None = None, seed: int = 0):
        """
        Args:
            task: The episode that it starts in; the first task if None.

        Raises:
            UnknownNameError: No such task.
            EmbodimentError: The embodiment's model cannot be read.
        """
        self._embodiment = embodiment
        self._environments: dict[str, control.Environment] = {}
        self._descriptions = tuple(make_task(name).describe() for name in task_names())
        self.reset(task or task_names()[0], seed)

    @property
    def embodiment(self) -> Embodiment:
        return self._embodiment

    @property
    def physics(self) -> "dm_mujoco.Physics":
        """The physics of the running episode; another after a reset to another task."""
        return cast("dm_mujoco.Physics", self._environment.physics)

    @property
    def episode(self) -> Episode:
        """The running episode with its world, for experts and tests."""
        return self._episode

    @property
    def task(self) -> Task:
        """The task of the running episode."""
        return self._episode.task

    @property
    def goal(self) -> Goal:
        """What the running episode's instruction asks for."""
        return self._episode.goal

    @property
    def setup(self) -> EpisodeSetup:
        """The running episode."""
        return self._episode.setup

    def tasks(self) -> tuple[TaskDescription, ...]:
        return self._descriptions

    def reset(self, task: str, seed: int, instruction: str | None = None) -> EpisodeSetup:
        if task not in self._environments:
            self._environments[task] = make_environment(self._embodiment, task)
        environment = self._environments[task]
        episode = cast(Episode, environment.task)
        episode.choose(seed, instruction)
        environment.reset()
        self._environment, self._episode = environment, episode
        self._timestep_ns = round(environment.physics.timestep() * 1e9)
        return episode.setup

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        data = self.physics.data.ptr
        joints = self._episode.joints
        return joints.read_qpos(data.qpos), joints.read_qvel(data.qvel)

    def write(self, target: np.ndarray) -> None:
        target = np.asarray(target, float)
        if target.shape != (self._embodiment.action_dim,):
            raise ValueError(f"a target has shape ({self._embodiment.action_dim},), got {target.shape}")
        self._episode.set_target(self.physics, target)

    def hold(self) -> None:
        """Nothing to do: the position servos keep the last target."""

    def step(self, duration_ns: int) -> None:
        steps, rest = divmod(duration_ns, self._timestep_ns)
        if rest or steps < 1:
            raise ValueError(f"{duration_ns} ns is no multiple of the physics step, {self._timestep_ns} ns")
        self.physics.step(steps)
        self._episode.judge(self.physics)

    def task_status(self) -> TaskStatus:
        return self._episode.status

    def world_state(self) -> np.ndarray:
        data = self.physics.data.ptr
        return np.concatenate([data.qpos, data.mocap_pos.ravel(), data.mocap_quat.ravel()])

    def close(self) -> None:
        for environment in self._environments.values():
            environment.close()
        self._environments.clear()
