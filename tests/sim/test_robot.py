"""The simulated robot keeps the contract on both embodiments."""

import numpy as np
import pytest
from contracts.robot_contract import SimulatedRobotContract

from robotics.embodiments import load_embodiment
from sim.robot import SimulatedRobot


class TestSimulatedAloha(SimulatedRobotContract):
    def make_robot(self) -> SimulatedRobot:
        return SimulatedRobot(load_embodiment("aloha2"))


class TestSimulatedFrankas(SimulatedRobotContract):
    def make_robot(self) -> SimulatedRobot:
        return SimulatedRobot(load_embodiment("franka_duo"))


def test_grippers_read_what_was_written_in_openings(robot: SimulatedRobot):
    robot.reset("open_drawer", 0)
    for opening in (0.0, 0.5, 1.0):
        target = robot.embodiment.home.copy()
        for index in robot.embodiment.gripper_indices.values():
            target[index] = opening
        robot.write(target)
        robot.step(1_500_000_000)
        for index in robot.embodiment.gripper_indices.values():
            assert robot.read()[0][index] == pytest.approx(opening, abs=0.03)


def test_a_target_of_the_wrong_length_is_refused(robot: SimulatedRobot):
    with pytest.raises(ValueError, match="shape"):
        robot.write(np.zeros(3))


def test_a_step_that_is_no_multiple_of_the_physics_step_is_refused(robot: SimulatedRobot):
    for duration_ns in (0, 1, -2_000_000, 2_000_001):
        with pytest.raises(ValueError, match="multiple"):
            robot.step(duration_ns)


def test_the_start_does_not_depend_on_the_instruction(robot: SimulatedRobot):
    robot.reset("put_in_bowl", 9, "put the red cube in the left bowl")
    left = robot.world_state()
    robot.reset("put_in_bowl", 9, "put the yellow block in the right bowl")
    np.testing.assert_array_equal(robot.world_state(), left)
    assert robot.goal == {"object": "yellow_block", "bowl": "right"}


def test_an_episode_goes_on_unchanged_after_another_task(robot: SimulatedRobot):
    robot.reset("stack_blocks", 1)
    first = robot.world_state()
    robot.reset("open_drawer", 1)
    robot.step(100_000_000)
    robot.reset("stack_blocks", 1)
    np.testing.assert_array_equal(robot.world_state(), first)
