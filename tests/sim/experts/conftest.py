"""Runs an expert's episode step by step, as the control process would, with a hook to disturb it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from robotics.action import ActionChunk
from robotics.embodiments import load_embodiment
from robotics.observation import JointState, Observation
from robotics.policy import Policy
from sim.robot import SimulatedRobot


@dataclass
class Run:
    """What happened in an episode."""

    success_s: float | None = None
    """When the goal had held long enough; None if it never did [s]."""
    targets: list[np.ndarray] = field(default_factory=list)
    """Executed, one a control step, from the start's target on."""
    chunks: list[ActionChunk] = field(default_factory=list)

    def speeds(self, robot: SimulatedRobot) -> tuple[np.ndarray, np.ndarray]:
        """Greatest speed and acceleration as shares of the limits, each (action_dim,)."""
        embodiment, rate = robot.embodiment, robot.embodiment.control_rate_hz
        velocity = np.diff(np.array(self.targets), axis=0) * rate
        acceleration = np.diff(velocity, axis=0) * rate
        return (
            np.abs(velocity).max(axis=0) / embodiment.velocity_limit,
            np.abs(acceleration).max(axis=0) / embodiment.acceleration_limit,
        )


def run_episode(
    robot: SimulatedRobot,
    expert: Policy,
    *,
    steps_after_success: int = 0,
    disturb: Callable[[int, SimulatedRobot], None] = lambda step, robot: None,
    limit_s: float | None = None,
) -> Run:
    """From the robot's reset to success or the task's time limit; `disturb` is called before each step."""
    embodiment = robot.embodiment
    expert.reset()
    run, plan = Run(targets=[embodiment.home.copy()]), np.empty((0, embodiment.action_dim))
    limit = limit_s or robot.task.time_limit_s
    for step in range(round(limit * embodiment.control_rate_hz)):
        if step % expert.replan_steps == 0:
            position, velocity = robot.read()
            joints = JointState(
                step, step * embodiment.control_period_ns, position, velocity, run.targets[-1]
            )
            run.chunks.append(expert.act(Observation("test", joints, plan)))
            plan = run.chunks[-1].positions
        disturb(step, robot)
        robot.write(plan[0])
        run.targets.append(plan[0])
        plan = plan[1:]
        robot.step(embodiment.control_period_ns)
        if run.success_s is None and robot.task_status().success:
            run.success_s = (step + 1) / embodiment.control_rate_hz
        if run.success_s is not None:
            if steps_after_success == 0:
                break
            steps_after_success -= 1
    return run


@pytest.fixture
def run() -> Callable[..., Run]:
    return run_episode


@pytest.fixture(scope="session")
def aloha() -> SimulatedRobot:
    return SimulatedRobot(load_embodiment("aloha2"))


@pytest.fixture(scope="session")
def franka() -> SimulatedRobot:
    return SimulatedRobot(load_embodiment("franka_duo"))
