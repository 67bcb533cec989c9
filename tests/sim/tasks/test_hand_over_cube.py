"""When the hand-over counts."""

import numpy as np

from sim.robot import SimulatedRobot


def test_the_cube_in_the_left_gripper_alone_is_a_success(robot: SimulatedRobot, grip):
    robot.reset("hand_over_cube", 0)
    grip(robot, "cube", "left")
    assert robot.task_status().success
    assert robot.task_status().progress == 1.0


def test_the_cube_in_the_right_gripper_is_on_the_way_but_no_success(robot: SimulatedRobot, grip):
    robot.reset("hand_over_cube", 0)
    grip(robot, "cube", "right")
    status = robot.task_status()
    assert not status.success
    assert status.stage in ("meet", "hand over")
    assert 0.4 < status.progress < 0.9


def test_a_success_must_last_and_ends_when_the_cube_is_dropped(robot: SimulatedRobot, grip):
    robot.reset("hand_over_cube", 0)
    grip(robot, "cube", "left")
    target = robot.read()[0]
    target[robot.embodiment.gripper_indices["left"]] = 1.0
    robot.write(target)
    for _ in range(50):
        robot.step(20_000_000)
    assert not robot.task_status().success


def test_a_cube_next_to_the_left_gripper_is_no_success(robot: SimulatedRobot):
    robot.reset("hand_over_cube", 0)
    place = robot.episode.world.tool_position("left").copy()
    robot.episode.world.place_free("cube", np.array([place[0], place[1], 0.02]))
    robot.step(500_000_000)
    assert not robot.task_status().success
