"""When a block counts as stacked."""

import numpy as np
import pytest

from sim.robot import SimulatedRobot
from sim.tasks.stack_blocks import BLOCK_HALF_SIZE

SAYING = "stack the red block on the blue block"


def put_on(robot: SimulatedRobot, top: str, base: str, offset: float = 0.0) -> None:
    world = robot.episode.world
    world.place_free(top, world.position(base) + np.array([offset, 0.0, 2 * BLOCK_HALF_SIZE]), 0.2)
    for _ in range(50):
        robot.step(20_000_000)


@pytest.mark.parametrize("offset", [0.0, 0.01, -0.015])
def test_the_named_block_resting_on_the_other_is_a_success(robot: SimulatedRobot, offset: float):
    robot.reset("stack_blocks", 0, SAYING)
    put_on(robot, "red_block", "blue_block", offset)
    assert robot.task_status().success


@pytest.mark.parametrize(("top", "base"), [("blue_block", "red_block"), ("red_block", "green_block")])
def test_the_wrong_pair_or_order_is_no_success(robot: SimulatedRobot, top: str, base: str):
    robot.reset("stack_blocks", 0, SAYING)
    put_on(robot, top, base)
    assert not robot.task_status().success


def test_a_block_beside_the_other_is_no_success(robot: SimulatedRobot):
    robot.reset("stack_blocks", 0, SAYING)
    world = robot.episode.world
    world.place_free("red_block", world.position("blue_block") + np.array([0.042, 0.0, 0.0]))
    robot.step(500_000_000)
    assert not robot.task_status().success


def test_a_block_that_the_gripper_still_holds_is_no_success(robot: SimulatedRobot, grip):
    robot.reset("stack_blocks", 0, SAYING)
    grip(robot, "red_block", "right")
    tool = robot.episode.world.position("red_block")
    robot.episode.world.place_free("blue_block", tool - [0.0, 0.0, 2 * BLOCK_HALF_SIZE])
    robot.step(2_000_000)
    assert not robot.task_status().success
