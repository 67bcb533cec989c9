"""What holds for each task on each embodiment."""

import mujoco
import numpy as np
import pytest

from robotics.errors import UnknownNameError
from sim.robot import SimulatedRobot
from sim.tasks import make_task, task_names

TASKS = pytest.mark.parametrize("task", task_names())


def test_an_unknown_task_is_named_with_its_neighbours():
    with pytest.raises(UnknownNameError, match=r"open_drawr.*did you mean 'open_drawer'"):
        make_task("open_drawr")


@TASKS
def test_every_goal_has_at_least_four_phrasings_and_each_parses_back(task: str):
    instructions = make_task(task).instructions
    assert len(instructions.templates) >= 4
    for goal in instructions.goals:
        for template in instructions.templates:
            assert instructions.parse(instructions.say(goal, template)) == goal
    sentences = instructions.sentences()
    assert len(set(sentences)) == len(sentences) == len(instructions.goals) * len(instructions.templates)


@TASKS
def test_seeds_draw_every_goal(task: str):
    instructions = make_task(task).instructions
    rng = np.random.default_rng(0)
    drawn = {tuple(sorted(instructions.parse(instructions.draw(rng)).items())) for _ in range(200)}
    assert drawn == {tuple(sorted(goal.items())) for goal in instructions.goals}


@TASKS
def test_props_start_at_rest_and_touch_nothing_but_the_table(robot: SimulatedRobot, task: str):
    for seed in range(12):
        robot.reset(task, seed)
        model, data = robot.physics.model.ptr, robot.physics.data.ptr
        table = model.geom("sim/table").id
        for contact in data.contact:
            assert table in contact.geom, [model.geom(g).name or model.geom(g).bodyid for g in contact.geom]
            assert contact.dist > -2e-4
        free = [j for j in range(model.njnt) if model.jnt_type[j] == mujoco.mjtJoint.mjJNT_FREE]
        before = {j: data.qpos[model.jnt_qposadr[j] :][:7].copy() for j in free}
        robot.step(1_000_000_000)
        for j, pose in before.items():
            np.testing.assert_allclose(data.qpos[model.jnt_qposadr[j] :][:7], pose, atol=1e-3)


@TASKS
def test_the_start_differs_between_seeds_but_not_between_robots(robot: SimulatedRobot, task: str):
    robot.reset(task, 11)
    first = robot.world_state()
    fresh = SimulatedRobot(robot.embodiment, task, seed=11)
    np.testing.assert_array_equal(fresh.world_state(), first)
    assert fresh.setup == robot.setup
    fresh.reset(task, 12)
    assert not np.array_equal(fresh.world_state(), first)


@TASKS
def test_progress_never_falls_and_names_a_known_stage(robot: SimulatedRobot, task: str):
    robot.reset(task, 0)
    rng = np.random.default_rng(0)
    last = 0.0
    for _ in range(20):
        robot.write(robot.embodiment.home + rng.uniform(-0.3, 0.3, robot.embodiment.action_dim))
        robot.step(100_000_000)
        status = robot.task_status()
        assert status.stage in (*robot.task.stages, "done")
        assert last <= status.progress <= 1.0
        last = status.progress
