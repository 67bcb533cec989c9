"""Tasks as dm_control environments (dm_env API) on a scene that MjSpec composed."""

import zlib
from collections import OrderedDict
from typing import Any

import dm_env.specs
import mujoco
import numpy as np

from robotics.embodiment import Embodiment
from robotics.errors import EmbodimentError
from robotics.kinematics.joint_map import JointMap
from robotics.task import EpisodeSetup, TaskStatus
from sim.gl import RenderingUnavailableError
from sim.judge import Judge
from sim.scene import compiled_scene
from sim.tasks import Goal, Task, make_task
from sim.world import World

try:
    from dm_control import mujoco as dm_mujoco
    from dm_control.mujoco.wrapper import MjModel
    from dm_control.rl import control
except (ImportError, AttributeError) as error:  # it opens an OpenGL device when it is imported
    raise RenderingUnavailableError(str(error).rstrip(".")) from error


# pyright reads the return type None off the methods that dm_control leaves to subclasses.
# pyright: reportIncompatibleMethodOverride=false


class Episode(control.Task):
    """A task in dm_control's form: it starts seeded episodes, applies actions and judges.

    Attributes:
        setup: The episode that runs.
        goal: What its instruction asks for.
    """

    def __init__(self, embodiment: Embodiment, task: Task, physics: dm_mujoco.Physics):
        self.embodiment = embodiment
        self.task = task
        model, data = physics.model.ptr, physics.data.ptr
        try:
            self.joints = JointMap(embodiment, model)
            self.world = World(embodiment, model, data)
        except KeyError as error:  # MuJoCo's message names what is missing and lists what exists
            raise EmbodimentError(str(embodiment.source), [str(error.args[0])]) from error
        self.setup = EpisodeSetup(task.name, 0, "")
        self.goal: Goal = {}
        self._next = (0, None)  # type: tuple[int, str | None]
        self._judge = Judge(task)
        self._judged_s = -1.0
        self._best_reward = 0.0

    def choose(self, seed: int, instruction: str | None = None) -> None:
        """Decide what the next reset starts; without an instruction the seed draws goal and phrasing.

        Raises:
            UnknownNameError: No goal of the task fits the instruction.
        """
        if instruction is not None:
            self.task.instructions.parse(instruction)
        self._next = (seed, instruction)

    def initialize_episode(self, physics: dm_mujoco.Physics) -> None:
        """Arms at home and at rest, props at the seeded start.

        The start does not depend on the instruction: two instructions can be compared on one start.
        """
        seed, instruction = self._next
        root = np.random.SeedSequence([seed, zlib.crc32(self.task.name.encode())])
        words, places = (np.random.Generator(np.random.PCG64(s)) for s in root.spawn(2))
        drawn = self.task.instructions.draw(words)
        self.setup = EpisodeSetup(self.task.name, seed, drawn if instruction is None else instruction)
        self.goal = self.task.instructions.parse(self.setup.instruction)
        home = self.embodiment.home
        model, data = physics.model.ptr, physics.data.ptr
        self.joints.write_qpos(home, data.qpos)
        self.set_target(physics, home)
        self.task.place(self.world, places)
        mujoco.mj_forward(model, data)
        self._judge = Judge(self.task)
        self._judged_s = -1.0
        self._best_reward = 0.0
        self.judge(physics)
        # A plain `reset` starts another episode each time, as dm_env users expect.
        self._next = (seed + 1, instruction)

    def judge(self, physics: dm_mujoco.Physics) -> None:
        """Look at the world, at most once a control period."""
        time_s = physics.data.ptr.time
        if time_s - self._judged_s >= 1.0 / self.embodiment.control_rate_hz - 1e-9:
            self._judged_s = time_s
            self._judge.observe(time_s, self.task.assess(self.world, self.goal))

    @property
    def status(self) -> TaskStatus:
        """The verdict of the last look."""
        return self._judge.status

    def set_target(self, physics: dm_mujoco.Physics, target: np.ndarray) -> None:
        """Put a joint target (action_dim,), embodiment units, in force."""
        physics.data.ptr.ctrl[self.joints.actuator] = self.joints.control(target)

    def before_step(self, action: np.ndarray, physics: dm_mujoco.Physics) -> None:
        self.set_target(physics, action)

    def after_step(self, physics: dm_mujoco.Physics) -> None:
        self.judge(physics)

    def action_spec(self, physics: dm_mujoco.Physics) -> dm_env.specs.BoundedArray:
        """Joint targets, shape (action_dim,), embodiment order and units."""
        lower, upper = self.embodiment.position_lower, self.embodiment.position_upper
        return dm_env.specs.BoundedArray(lower.shape, float, lower, upper, name="target")

    def get_observation(self, physics: dm_mujoco.Physics) -> "OrderedDict[str, Any]":
        """Joint position and velocity, each (action_dim,); pictures come from a camera rig."""
        data = physics.data.ptr
        return OrderedDict(
            position=self.joints.read_qpos(data.qpos), velocity=self.joints.read_qvel(data.qvel)
        )

    def get_reward(self, physics: dm_mujoco.Physics) -> float:
        """Gain in progress since the last step, so that an episode's rewards add up to its progress."""
        progress = self.status.progress
        gain, self._best_reward = progress - self._best_reward, progress
        return gain

    def get_termination(self, physics: dm_mujoco.Physics) -> float | None:
        return 0.0 if self.status.success else None


def make_environment(embodiment: Embodiment, task: str) -> control.Environment:
    """A dm_env environment of one task that takes joint targets at the control rate.

    Raises:
        UnknownNameError: No such task.
        EmbodimentError: The embodiment's model cannot be read.
    """
    made = make_task(task)
    physics = dm_mujoco.Physics.from_model(MjModel(compiled_scene(embodiment, task)))
    n_sub_steps = round(1.0 / embodiment.control_rate_hz / physics.timestep())
    return control.Environment(
        physics, Episode(embodiment, made, physics), time_limit=made.time_limit_s, n_sub_steps=n_sub_steps
    )
