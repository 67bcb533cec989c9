"""The planner does every task without privileged state, given a reasoner; here one that knows the truth."""

import dataclasses

import numpy as np
import pytest
from contracts.planner_bench import PlannerBench
from contracts.policy_contract import PolicyContract, make_observation
from contracts.truthful_reasoner import Flaws

from policies.planner.errors import NotFoundError, NotUnderstoodError
from policies.planner.planner import Planner, PlannerConfig
from robotics.embodiments import load_embodiment
from robotics.errors import UnknownNameError

UNSEEN = 1_000_000


class TestContract(PolicyContract):
    @pytest.fixture
    def embodiment(self, bench):
        return bench.embodiment

    @pytest.fixture
    def policy(self, bench):
        bench.session.reset("put_in_bowl", UNSEEN)
        return bench.planner()


@pytest.mark.parametrize("task", ["hand_over_cube", "put_in_bowl", "open_drawer", "stack_blocks"])
def test_it_does_the_task(bench: PlannerBench, task: str):
    results = [bench.run(bench.planner(), task, UNSEEN + seed) for seed in range(2)]
    assert [r.error for r in results] == ["", ""]
    assert all(r.success for r in results)
    assert all(r.starvations == 0 for r in results)


def test_it_does_so_although_what_it_is_told_is_some_millimetres_off(bench: PlannerBench):
    flaws = Flaws(position_m=0.004, size_m=0.003, yaw_rad=0.1, seed=1)
    results = [bench.run(bench.planner(flaws), "put_in_bowl", UNSEEN + seed) for seed in range(3)]
    assert sum(r.success for r in results) >= 2


def test_the_same_seed_gives_the_same_motion(bench: PlannerBench):
    first, second = (bench.run(bench.planner(), "open_drawer", UNSEEN) for _ in range(2))
    assert first.duration_s == second.duration_s
    assert first.guard_counts == second.guard_counts


def test_a_failed_grasp_is_tried_again(bench: PlannerBench):
    planner = bench.planner()
    reasoner = planner._sight.reasoner
    honest = reasoner.boxes3d
    asked = 0

    def wrong_at_first(view, query, limit=50):
        nonlocal asked
        found = honest(view, query, limit)
        asked += query == "red cube"
        if query != "red cube" or asked > 2:
            return found
        box = found.items[0]
        x, y, z = box.center
        return dataclasses.replace(found, items=(dataclasses.replace(box, center=(x, y + 0.07, z)),))

    reasoner.boxes3d = wrong_at_first
    result = bench.run(planner, "hand_over_cube", UNSEEN + 1, time_limit_s=20.0)
    assert "closed on nothing" in " ".join(planner.story)
    assert result.success


def test_a_thing_that_is_lost_on_the_way_is_taken_again(bench: PlannerBench):
    planner = bench.planner()
    world = bench.robot
    bench.session.reset("put_in_bowl", UNSEEN)
    planner.reset()
    stolen = done = False
    for _ in range(400):
        observation = bench.session.observe(planner.cameras)
        bench.session.send(planner.act(observation))
        states = bench.session.advance(planner.replan_steps)
        if not stolen and world.episode.world.position("red_cube")[2] > 0.07:
            world.episode.world.place_free("red_cube", np.array([0.0, 0.0, 0.02]))
            stolen = True
        done = done or (states[-1].task is not None and states[-1].task.success)
        if done:
            break
    assert stolen
    assert "has lost" in " ".join(planner.story) or "slipped" in " ".join(planner.story)
    assert done


def test_what_one_arm_cannot_bring_there_is_handed_over(bench: PlannerBench):
    bench.session.reset("put_in_bowl", UNSEEN, "put the red cube in the left bowl")
    planner = bench.planner()
    planner.reset()
    world = bench.robot.episode.world
    world.place_fixed("left_bowl", np.array([-0.34, 0.0, 0.0]))
    world.place_fixed("right_bowl", np.array([0.05, 0.25, 0.0]))
    world.place_free("red_cube", np.array([0.28, -0.05, 0.019]))
    bench.robot.physics.forward()
    done = False
    for _ in range(500):
        bench.session.send(planner.act(bench.session.observe(planner.cameras)))
        states = bench.session.advance(planner.replan_steps)
        done = done or (states[-1].task is not None and states[-1].task.success)
        if done:
            break
    assert "the right hand gives 'red cube' to the left hand" in planner.story
    assert done


def refused(bench: PlannerBench, instruction: str) -> Exception:
    """The error that an instruction meets; nothing may have moved."""
    bench.session.reset("put_in_bowl", UNSEEN)
    planner = bench.planner()
    observation = dataclasses.replace(bench.session.observe(planner.cameras), instruction=instruction)
    with pytest.raises(Exception) as caught:
        planner.act(observation)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "instruction", ["?!", "put the frobnicator in the left bowl", "sing a song", "hello", "put it there"]
)
def test_what_is_not_understood_moves_nothing(bench: PlannerBench, instruction: str):
    assert isinstance(refused(bench, instruction), NotUnderstoodError)


def test_without_an_instruction_it_holds_still(bench: PlannerBench):
    bench.session.reset("put_in_bowl", UNSEEN)
    planner = bench.planner()
    observation = dataclasses.replace(bench.session.observe(planner.cameras), instruction=" ")
    for _ in range(2):
        positions = planner.act(observation).positions
        np.testing.assert_allclose(
            positions, np.tile(observation.joints.target, (len(positions), 1)), atol=1e-9
        )


@pytest.mark.parametrize(
    "instruction", ["put the blue cube in the left bowl", "put the red cube on the plate", "open the drawer"]
)
def test_what_is_absent_moves_nothing_and_is_named(bench: PlannerBench, instruction: str):
    error = refused(bench, instruction)
    assert isinstance(error, NotFoundError)
    assert any(word in str(error) for word in ("blue cube", "plate", "cabinet"))


def test_what_it_cannot_do_is_refused_before_anything_moves(bench: PlannerBench):
    error = refused(bench, "push the red cube to the left")
    assert isinstance(error, NotUnderstoodError)
    assert "cannot do 'push'" in str(error)


def test_a_camera_that_is_not_there_is_refused_at_once(bench: PlannerBench):
    with pytest.raises(UnknownNameError, match="periscope"):
        Planner(bench.embodiment, bench.planner()._sight.reasoner, PlannerConfig(("periscope",)))


@pytest.mark.xfail(reason="the drawer stays shut at half speed; not understood yet")
def test_the_pieces_of_a_motion_follow_the_robot_when_it_is_slowed_down(bench: PlannerBench):
    """A speed override executes fewer rows a tick; the planner goes by what has been executed."""
    from robotics.motion_settings import MotionSettings

    result = bench.run(
        bench.planner(), "open_drawer", UNSEEN, motion=MotionSettings(speed=0.5), time_limit_s=20.0
    )
    assert result.success
    assert result.duration_s > 5.0


def test_it_runs_on_the_other_robot():
    other = PlannerBench(load_embodiment("franka_duo"))
    try:
        assert other.run(other.planner(), "stack_blocks", UNSEEN).success
    finally:
        other.session.close()


def test_noise_pictures_of_an_unknown_place_do_no_harm(bench: PlannerBench):
    bench.session.reset("put_in_bowl", UNSEEN)
    planner = bench.planner()
    observation = make_observation(bench.embodiment, planner.cameras)
    chunk = planner.act(observation)
    assert np.ptp(chunk.positions, axis=0).max() < 0.05  # it has looked: it holds
