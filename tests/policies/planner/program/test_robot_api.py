"""Robot programs move the robot: a whole task, and what wrong calls meet."""

import dataclasses
from functools import partial

import pytest
from contracts.planner_bench import PlannerBench

from policies.planner.program.code_check import ProgramError
from policies.planner.program.robot_api import CALLS, describe
from policies.planner.program.running import run_program

UNSEEN = 1_000_000
PUT_IN_BOWL = """
cube = detect_objects("red cube")[0]
bowl = detect_objects(["leftmost bowl"])[0]
grasp = get_grasp_pose("left", cube)
x, y, z = grasp["position"]
move_gripper_to([x, y, z + 0.1], grasp["orientation"], "left")
move_gripper_to([x, y, z], grasp["orientation"], "left")
if close_gripper("left") < 0.004:
    raise RuntimeError("the hand is empty")
move_gripper_to([x, y, z + 0.12], gripper="left")
bx, by, bz = bowl["position"]
move_gripper_to([bx, by, bz + 0.13], gripper="left")
move_gripper_to([bx, by, bz + 0.04], gripper="left")
open_gripper("left")
move_gripper_to([bx, by, bz + 0.13], gripper="left")
move_to_safe_position()
"""


def begin(bench: PlannerBench, code: str):
    """A planner in an episode whose script is the program."""
    bench.session.reset("put_in_bowl", UNSEEN)
    planner = bench.planner(orders=partial(run_program, code=code))
    planner.reset()
    return planner


def run(bench: PlannerBench, code: str, ticks: int = 400):
    """Until the program has ended; returns the planner."""
    planner = begin(bench, code)
    for _ in range(ticks):
        bench.session.send(planner.act(bench.session.observe(planner.cameras)))
        if planner.is_done:
            break
        bench.session.advance(planner.replan_steps)
    return planner


def test_a_program_puts_the_cube_into_the_bowl(bench: PlannerBench):
    planner = bench.planner(orders=partial(run_program, code=PUT_IN_BOWL))
    result = bench.run(planner, "put_in_bowl", UNSEEN)
    assert result.error == ""
    assert result.success


def test_a_forbidden_program_moves_nothing(bench: PlannerBench):
    planner = begin(bench, "import os")
    observation = bench.session.observe(planner.cameras)
    for _ in range(2):  # and goes on saying so
        with pytest.raises(ProgramError, match="line 1: 'import' is not allowed"):
            planner.act(observation)


@pytest.mark.parametrize(
    "call, why",
    [
        ("move_gripper_to([0, 0])", "position wants 3 finite numbers"),
        ("move_gripper_to([0, 0, 1e999])", "position wants 3 finite numbers"),
        ("move_gripper_to([9, 9, 9])", "does not get to"),
        ("move_gripper_to([0.1, 0, -0.2])", "does not get to"),
        ("move_gripper_to([0.1, 0, 0.2], [0, 0, 0, 0])", "unit quaternion"),
        ("move_gripper_to(1, 2, 3, 4, 5)", "too many positional arguments"),
        ("open_gripper('middle')", "no gripper 'middle'"),
        ("get_grasp_pose('left', 'blue cube')", "blue cube"),
        ("get_grasp_pose('left', 3)", "object wants a name"),
        ("get_grasp_pose('left', {'position': [0, 0, 0]})", "object lacks size, orientation"),
        ("detect_objects(7)", "names wants a name"),
        ("detect_objects('zorbulator')", "zorbulator"),
        ("get_image('periscope')", "no camera of the planner 'periscope'"),
    ],
)
def test_wrong_calls_are_told_to_the_program_in_one_line(bench: PlannerBench, call: str, why: str):
    planner = run(bench, f"try:\n    {call}\nexcept RobotError as error:\n    print('refused:', error)")
    assert planner.is_done
    assert len(planner.story) == 1
    assert why in planner.story[0]


def test_images_and_detections_come_as_plain_values(bench: PlannerBench):
    code = "image = get_image()\nprint(image['camera'], len(image['rgb']), len(image['rgb'][0]))\n"
    code += "print(sorted(detect_objects('bowl')[0].keys()), len(detect_objects(['bowl', 'plate'])))"
    assert run(bench, code).story == (
        "program: overhead 24 32",
        "program: ['name', 'orientation', 'position', 'size'] 2",
    )


def test_both_arms_can_be_sent_home_with_open_grippers(bench: PlannerBench):
    planner = run(bench, "close_gripper('left')\nmove_gripper_to([-0.1, 0, 0.3], gripper='left')\nreset()")
    bench.session.advance(30)
    away = bench.session.observe().joints.position - bench.embodiment.home
    assert planner.is_done
    assert abs(away).max() < 0.06


def test_the_description_names_every_call():
    text = describe()
    assert all(f"{name}(" in text for name in CALLS)


def test_a_new_instruction_ends_a_program_that_runs(bench: PlannerBench):
    planner = begin(bench, "for i in range(100):\n    close_gripper('left')\n    open_gripper('left')")
    observation = bench.session.observe(planner.cameras)
    planner.act(observation)
    script = planner._script
    planner.act(dataclasses.replace(observation, instruction="another one"))
    assert planner._script is not script
    assert script is not None
    assert script.gi_frame is None  # closed, and with it the program's process
    planner.close()
