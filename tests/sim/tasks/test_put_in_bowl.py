"""When an object counts as put in a bowl."""

import numpy as np
import pytest

from sim.robot import SimulatedRobot

PROPS = {"red_cube": "red cube", "green_cylinder": "green cylinder", "yellow_block": "yellow block"}


def drop(robot: SimulatedRobot, prop: str, bowl: str, offset=(0.0, 0.0)) -> None:
    """Let a prop fall from 4 cm above a bowl's rim and come to rest."""
    world = robot.episode.world
    place = world.position(bowl) + np.array([*offset, 0.08])
    world.place_free(prop, place, 0.3)


def settle(robot: SimulatedRobot, seconds: float = 1.5) -> None:
    for _ in range(round(seconds * 50)):
        robot.step(20_000_000)


@pytest.mark.parametrize("bowl", ["left", "right"])
@pytest.mark.parametrize("prop", PROPS)
def test_the_named_object_in_the_named_bowl_is_a_success(robot: SimulatedRobot, prop: str, bowl: str):
    for seed in range(3):
        robot.reset("put_in_bowl", seed, f"put the {PROPS[prop]} in the {bowl} bowl")
        drop(robot, prop, f"{bowl}_bowl", (0.03, -0.02))
        settle(robot)
        assert robot.task_status().success


def test_another_object_or_another_bowl_is_no_success(robot: SimulatedRobot):
    for prop, bowl in (("green_cylinder", "left_bowl"), ("red_cube", "right_bowl")):
        robot.reset("put_in_bowl", 0, "put the red cube in the left bowl")
        drop(robot, prop, bowl)
        settle(robot)
        assert not robot.task_status().success


def test_a_second_object_in_any_bowl_spoils_it(robot: SimulatedRobot):
    robot.reset("put_in_bowl", 0, "put the red cube in the left bowl")
    drop(robot, "red_cube", "left_bowl")
    drop(robot, "yellow_block", "right_bowl")
    settle(robot)
    assert not robot.task_status().success


def test_an_object_beside_the_bowl_is_no_success(robot: SimulatedRobot):
    robot.reset("put_in_bowl", 0, "put the red cube in the left bowl")
    beside = robot.episode.world.position("left_bowl") + np.array([0.0, 0.11, 0.019])
    robot.episode.world.place_free("red_cube", beside)
    settle(robot)
    assert not robot.task_status().success


def test_an_object_that_is_still_held_over_the_bowl_is_no_success(robot: SimulatedRobot, grip):
    robot.reset("put_in_bowl", 0, "put the red cube in the left bowl")
    grip(robot, "red_cube", "left")
    tool = robot.episode.world.tool_position("left")
    robot.episode.world.place_fixed("left_bowl", np.array([tool[0], tool[1], 0.0]))
    settle(robot, 0.5)
    assert not robot.task_status().success
    assert robot.task_status().stage == "release"
