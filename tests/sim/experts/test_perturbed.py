"""Perturbed experts err, say what they meant, and succeed all the same."""

from collections.abc import Callable

import numpy as np
import pytest

from sim.experts import make_expert
from sim.robot import SimulatedRobot


@pytest.mark.parametrize("task", ["put_in_bowl", "hand_over_cube"])
def test_what_is_executed_differs_from_what_is_intended_and_still_succeeds(
    aloha: SimulatedRobot, run: Callable, task: str
):
    aloha.reset(task, 31)
    result = run(aloha, make_expert(aloha, perturbation=1.0, seed=1))
    assert result.success_s is not None
    differences = np.array([np.abs(chunk.positions - chunk.intended).max() for chunk in result.chunks])
    assert differences.max() > 0.005
    speed, acceleration = result.speeds(aloha)
    assert max(speed.max(), acceleration.max()) < 1.0


def test_the_noise_belongs_to_the_seed(aloha: SimulatedRobot, run: Callable):
    motions = []
    for seed in (1, 1, 2):
        aloha.reset("open_drawer", 31)
        expert = make_expert(aloha, perturbation=1.0, seed=seed)
        motions.append(np.array(run(aloha, expert, limit_s=1.0).targets))
    np.testing.assert_array_equal(motions[0], motions[1])
    assert np.abs(motions[0] - motions[2]).max() > 0.01


def test_the_tool_is_led_astray_by_centimetres_on_its_way(aloha: SimulatedRobot, run: Callable):
    paths = []
    for perturbation in (0.0, 1.0):
        aloha.reset("put_in_bowl", 31)
        tools: list[np.ndarray] = []

        def follow(step: int, robot: SimulatedRobot, tools: list[np.ndarray] = tools) -> None:
            tools.append(robot.episode.world.tool_position(robot.goal["bowl"]).copy())

        expert = make_expert(aloha, perturbation=perturbation, seed=3, replan_steps=3)
        run(aloha, expert, disturb=follow, limit_s=1.2)
        paths.append(np.array(tools))
    assert np.linalg.norm(paths[0] - paths[1], axis=1).max() > 0.01
