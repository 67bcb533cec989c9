"""Tasks as dm_env environments."""

import dataclasses

import dm_env
import numpy as np
import pytest

from robotics.embodiments import load_embodiment
from robotics.errors import EmbodimentError
from sim.environment import make_environment


@pytest.fixture
def environment():
    environment = make_environment(load_embodiment("aloha2"), "open_drawer")
    yield environment
    environment.close()


def test_it_speaks_dm_env(environment):
    first = environment.reset()
    assert first.step_type is dm_env.StepType.FIRST
    spec = environment.action_spec()
    assert spec.shape == (14,)
    for name, part in environment.observation_spec().items():
        part.validate(first.observation[name])
    timestep = environment.step(environment.task.embodiment.home)
    assert timestep.step_type is dm_env.StepType.MID
    assert environment.control_timestep() == pytest.approx(0.02)


def test_rewards_add_up_to_the_progress_and_success_ends_the_episode(environment):
    timestep = environment.reset()
    home = environment.task.embodiment.home
    slide = environment.physics.model.ptr.joint("prop/drawer_slide").qposadr[0]
    rewards = [environment.step(home).reward]
    environment.physics.data.ptr.qpos[slide] = 0.12
    for _ in range(30):
        timestep = environment.step(home)
        rewards.append(timestep.reward)
        if timestep.last():
            break
    assert timestep.last()
    assert timestep.discount == 0.0
    assert sum(rewards) == pytest.approx(1.0)


def test_the_time_limit_ends_the_episode_without_a_failure_discount(environment):
    environment.reset()
    home = environment.task.embodiment.home
    timestep, steps = environment.step(home), 1
    while not timestep.last():
        timestep, steps = environment.step(home), steps + 1
    assert steps == round(environment.task.task.time_limit_s * 50)
    assert timestep.discount == 1.0


def test_each_reset_starts_another_episode_unless_one_is_chosen(environment):
    environment.task.choose(3)
    environment.reset()
    chosen = environment.physics.data.ptr.mocap_pos.copy()
    environment.reset()
    assert environment.task.setup.seed == 4
    assert not np.array_equal(environment.physics.data.ptr.mocap_pos, chosen)
    environment.task.choose(3)
    environment.reset()
    np.testing.assert_array_equal(environment.physics.data.ptr.mocap_pos, chosen)


def test_a_joint_that_the_model_lacks_is_named():
    embodiment = load_embodiment("aloha2")
    arm = embodiment.arm[0]
    wrong = dataclasses.replace(arm.joint[0], model_joint="left/nothing")
    broken = dataclasses.replace(
        embodiment, arm=(dataclasses.replace(arm, joint=(wrong, *arm.joint[1:])), *embodiment.arm[1:])
    )
    with pytest.raises(EmbodimentError, match="left/nothing"):
        make_environment(broken, "open_drawer")
