"""Both built-in robots, simulated; models are compiled once a session."""

import mujoco
import numpy as np
import pytest

from robotics.embodiments import load_embodiment
from sim.robot import SimulatedRobot


@pytest.fixture(scope="session", params=["aloha2", "franka_duo"])
def robot(request: pytest.FixtureRequest) -> SimulatedRobot:
    return SimulatedRobot(load_embodiment(request.param))


@pytest.fixture
def grip():
    """Close an arm's gripper on a prop in mid-air: the way to a held prop without a motion."""

    def close_on(robot: SimulatedRobot, prop: str, arm: str) -> None:
        model, data = robot.physics.model.ptr, robot.physics.data.ptr
        embodiment = robot.embodiment
        site = model.site(embodiment.get_arm(arm).tool_site).id
        joint = model.body_jntadr[model.body(f"prop/{prop}").id]
        qpos, dof = model.jnt_qposadr[joint], model.jnt_dofadr[joint]
        target = robot.read()[0]
        for opening in np.linspace(1.0, 0.25, 60):
            target[embodiment.gripper_indices[arm]] = opening
            robot.write(target)
            quaternion = np.zeros(4)
            mujoco.mju_mat2Quat(quaternion, data.site_xmat[site])
            data.qpos[qpos : qpos + 3] = data.site_xpos[site]
            data.qpos[qpos + 3 : qpos + 7] = quaternion
            data.qvel[dof : dof + 6] = 0.0
            robot.step(20_000_000)
        robot.step(400_000_000)

    return close_on
