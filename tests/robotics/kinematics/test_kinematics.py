"""Tool poses to joints and back, on both built-in robots."""

import numpy as np
import pytest

from robotics.embodiments import load_embodiment
from robotics.errors import UnknownNameError
from robotics.kinematics import Kinematics
from robotics.pose import Pose


@pytest.fixture(scope="module", params=["aloha2", "franka_duo"])
def kinematics(request: pytest.FixtureRequest) -> Kinematics:
    return Kinematics(load_embodiment(request.param))


def some_positions(kinematics: Kinematics, count: int, spread: float, seed: int = 0) -> np.ndarray:
    """Around home, inside the limits, shape (count, action_dim)."""
    embodiment = kinematics.embodiment
    rng = np.random.default_rng(seed)
    offsets = rng.uniform(-spread, spread, size=(count, embodiment.action_dim))
    return np.clip(embodiment.home + offsets, embodiment.position_lower, embodiment.position_upper)


def test_joints_found_for_tool_poses_give_these_tool_poses(kinematics: Kinematics):
    home = kinematics.embodiment.home
    for position in some_positions(kinematics, 15, 0.4):
        targets = kinematics.tool_in_world(position)
        solution = kinematics.solve(targets, home)
        assert solution.converged
        for arm, pose in kinematics.tool_in_world(solution.position).items():
            translation, rotation = pose.distance(targets[arm])
            assert translation < 5e-4
            assert rotation < 5e-3


def test_the_answer_depends_on_the_pose_and_not_on_where_the_robot_is(kinematics: Kinematics):
    positions = some_positions(kinematics, 4, 0.4, seed=1)
    targets = kinematics.tool_in_world(positions[0])
    answers = [kinematics.solve(targets, start).position for start in positions]
    arms = np.ones(len(positions[0]), bool)
    arms[list(kinematics.embodiment.gripper_indices.values())] = False
    for answer in answers[1:]:
        np.testing.assert_allclose(answer[arms], answers[0][arms], atol=1e-6)


def test_arms_without_a_target_and_grippers_stay(kinematics: Kinematics):
    start = some_positions(kinematics, 1, 0.2, seed=2)[0]
    target = kinematics.tool_in_world(some_positions(kinematics, 1, 0.3, seed=3)[0])["left"]
    for position in (
        kinematics.solve({"left": target}, start).position,
        kinematics.step_toward({"left": target}, start, 0.02),
    ):
        moved = np.flatnonzero(position != start)
        joints = kinematics.embodiment.arm_slices["left"]
        assert len(moved)
        assert set(moved) <= set(range(joints.start, joints.stop))


def test_a_pose_out_of_reach_does_not_converge_and_stays_inside_the_limits(kinematics: Kinematics):
    embodiment = kinematics.embodiment
    far = Pose(np.array([3.0, 0.0, 0.5]), np.array([1.0, 0.0, 0.0, 0.0]))
    solution = kinematics.solve({"right": far}, embodiment.home)
    assert not solution.converged
    assert solution.position_error_m > 1.0
    assert np.all(solution.position >= embodiment.position_lower)
    assert np.all(solution.position <= embodiment.position_upper)


def test_steps_reach_the_target_within_the_velocity_limits(kinematics: Kinematics):
    embodiment, dt = kinematics.embodiment, 0.02
    targets = kinematics.tool_in_world(some_positions(kinematics, 1, 0.3, seed=4)[0])
    position = embodiment.home.copy()
    for _ in range(60):
        after = kinematics.step_toward(targets, position, dt)
        assert np.all(np.abs(after - position) <= embodiment.velocity_limit * dt + 1e-9)
        position = after
    for arm, pose in kinematics.tool_in_world(position).items():
        assert pose.distance(targets[arm])[0] < 2e-3


def test_an_arm_that_does_not_exist_is_named(kinematics: Kinematics):
    with pytest.raises(UnknownNameError, match="middle"):
        kinematics.solve({"middle": Pose.identity()}, kinematics.embodiment.home)


def test_distance_shrinks_towards_the_table_and_turns_negative_in_it(kinematics: Kinematics):
    home = kinematics.embodiment.home
    tool = kinematics.tool_in_world(home)["left"]
    heights = []
    for height in (0.20, 0.10, -0.03):
        lowered = Pose(np.array([0.5 * tool.position[0], tool.position[1], height]), tool.quaternion)
        heights.append(kinematics.distance(kinematics.solve({"left": lowered}, home).position))
    assert heights[0] > heights[1] > 0.0 > heights[2]


def test_distance_turns_negative_where_the_hands_meet(kinematics: Kinematics):
    home = kinematics.embodiment.home
    tools = kinematics.tool_in_world(home)
    # Halfway to the other arm, and then both in one place.
    middle = 0.5 * (tools["left"].position + tools["right"].position)
    targets = {arm: Pose(middle, tool.quaternion) for arm, tool in tools.items()}
    together = kinematics.solve(targets, home).position
    assert kinematics.distance(home) > 0.02
    assert kinematics.distance(together) < 0.0
