"""Experts solve their tasks, keep to the limits, correct what goes wrong and then hold still."""

from collections.abc import Callable

import numpy as np
import pytest

from sim.experts import make_expert
from sim.robot import SimulatedRobot
from sim.tasks import task_names


@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("task", task_names())
def test_aloha_solves_every_task_within_its_limits(
    aloha: SimulatedRobot, run: Callable, task: str, seed: int
):
    aloha.reset(task, seed)
    result = run(aloha, make_expert(aloha))
    assert result.success_s is not None
    assert result.success_s < 6.0
    speed, acceleration = result.speeds(aloha)
    assert speed.max() < 1.0
    assert acceleration.max() < 1.0


@pytest.mark.parametrize("task", task_names())
def test_franka_solves_every_task(franka: SimulatedRobot, run: Callable, task: str):
    franka.reset(task, 11)
    result = run(franka, make_expert(franka))
    assert result.success_s is not None
    speed, acceleration = result.speeds(franka)
    assert max(speed.max(), acceleration.max()) < 1.0


def test_the_instruction_decides_object_and_bowl(aloha: SimulatedRobot, run: Callable):
    for instruction in ("put the yellow block in the left bowl", "put the red cube in the right bowl"):
        aloha.reset("put_in_bowl", 5, instruction)
        assert run(aloha, make_expert(aloha)).success_s is not None


def test_a_block_that_is_moved_while_the_hand_comes_down_is_still_picked(
    aloha: SimulatedRobot, run: Callable
):
    aloha.reset("put_in_bowl", 21, "put the red cube in the right bowl")

    def move(step: int, robot: SimulatedRobot) -> None:
        if step == 50:
            world = robot.episode.world
            x, y, z = world.position("red_cube")
            world.place_free("red_cube", np.array([x + 0.03, y - 0.05, z + 0.002]), 0.3)

    assert run(aloha, make_expert(aloha), disturb=move).success_s is not None


def test_a_block_that_is_taken_out_of_the_hand_is_picked_again(aloha: SimulatedRobot, run: Callable):
    aloha.reset("stack_blocks", 21, "stack the red block on the green block")
    start = aloha.episode.world.position("red_block").copy()
    taken = []

    def take(step: int, robot: SimulatedRobot) -> None:
        world = robot.episode.world
        if not taken and world.position("red_block")[2] > 0.06:
            taken.append(step)
            world.place_free("red_block", start)

    assert run(aloha, make_expert(aloha), disturb=take).success_s is not None
    assert taken


def test_an_arm_that_is_pushed_away_comes_back(aloha: SimulatedRobot, run: Callable):
    aloha.reset("hand_over_cube", 21)
    model, data = aloha.physics.model.ptr, aloha.physics.data.ptr
    hand = int(model.site_bodyid[model.site(aloha.embodiment.get_arm("right").tool_site).id])

    def push(step: int, robot: SimulatedRobot) -> None:
        data.xfrc_applied[hand] = [20.0, 25.0, 0.0, 0.0, 0.0, 0.0] if 30 <= step < 55 else 0.0

    assert run(aloha, make_expert(aloha), disturb=push).success_s is not None


def test_after_success_the_robot_holds_still(aloha: SimulatedRobot, run: Callable):
    aloha.reset("put_in_bowl", 11)
    result = run(aloha, make_expert(aloha), steps_after_success=100)
    last = np.array(result.targets[-20:])
    assert np.abs(np.diff(last, axis=0)).max() < 1e-3
    assert aloha.task_status().success


def test_a_whole_chunk_foretells_what_is_done_step_by_step(aloha: SimulatedRobot, run: Callable):
    aloha.reset("put_in_bowl", 11)
    result = run(aloha, make_expert(aloha, replan_steps=2))
    done = np.array(result.targets[1:])
    joints = np.ones(done.shape[1], bool)
    joints[list(aloha.embodiment.gripper_indices.values())] = False
    errors = []
    for index, chunk in enumerate(result.chunks):
        happened = done[2 * index : 2 * index + 25]  # half a second
        if len(happened) == 25:
            errors.append(np.abs(chunk.positions[:25] - happened)[:, joints].max())
    assert np.median(errors) < 0.1


def test_one_second_at_a_time_is_enough(aloha: SimulatedRobot, run: Callable):
    aloha.reset("put_in_bowl", 11)
    expert = make_expert(aloha, replan_steps=25)
    assert run(aloha, expert).success_s is not None


def test_the_same_episode_is_solved_by_the_same_motion(aloha: SimulatedRobot, run: Callable):
    motions = []
    for _ in range(2):
        aloha.reset("open_drawer", 12)
        motions.append(np.array(run(aloha, make_expert(aloha)).targets))
    np.testing.assert_array_equal(*motions)
