"""What a robot is; every driver runs this class, and every simulated robot the one below.

A test file says how its robot is made, and inherits the tests:

    class TestMyRobot(RobotContract):
        def make_robot(self) -> Robot: ...
        def let_pass(self, robot: Robot, duration_ns: int) -> None: ...
"""

import numpy as np
import pytest

from robotics.errors import UnknownNameError
from robotics.robot import Robot, SimulatedRobot

_SECOND_NS = 1_000_000_000


class RobotContract:
    """Runs on a robot that is at home, at rest, and has room for a step of 0.1 rad in each joint."""

    reach_tolerance = 0.06
    """So near to its target a joint comes within two seconds [rad or opening]; arms sag a little."""

    def make_robot(self) -> Robot:
        raise NotImplementedError

    def let_pass(self, robot: Robot, duration_ns: int) -> None:
        """Let robot time pass; simulated robots step, others sleep or step their plant."""
        raise NotImplementedError

    @pytest.fixture
    def robot(self):
        robot = self.make_robot()
        yield robot
        robot.close()

    def test_read_gives_finite_position_and_velocity_in_embodiment_order(self, robot: Robot):
        position, velocity = robot.read()
        assert position.shape == velocity.shape == (robot.embodiment.action_dim,)
        assert np.isfinite(position).all()
        assert np.isfinite(velocity).all()

    def test_joints_read_within_their_limits_and_grippers_from_0_to_1(self, robot: Robot):
        position, _ = robot.read()
        assert (position >= robot.embodiment.position_lower - 0.05).all()
        assert (position <= robot.embodiment.position_upper + 0.05).all()

    def test_what_read_returned_does_not_change_later(self, robot: Robot):
        before, _ = robot.read()
        kept = before.copy()
        robot.write(self.step_from(before, robot))
        self.let_pass(robot, _SECOND_NS // 5)
        np.testing.assert_array_equal(before, kept)

    def test_a_target_is_reached_and_stays_in_force_until_the_next(self, robot: Robot):
        start, _ = robot.read()
        target = self.step_from(start, robot)
        robot.write(target)
        self.let_pass(robot, 2 * _SECOND_NS)
        position, velocity = robot.read()
        np.testing.assert_allclose(position, target, atol=self.reach_tolerance)
        np.testing.assert_allclose(velocity, 0.0, atol=0.1)

    def test_changing_the_array_after_write_does_not_move_the_target(self, robot: Robot):
        start, _ = robot.read()
        target = self.step_from(start, robot)
        wanted = target.copy()
        robot.write(target)
        target += 0.3
        self.let_pass(robot, 2 * _SECOND_NS)
        np.testing.assert_allclose(robot.read()[0], wanted, atol=self.reach_tolerance)

    def test_hold_keeps_the_last_target(self, robot: Robot):
        start, _ = robot.read()
        target = self.step_from(start, robot)
        robot.write(target)
        self.let_pass(robot, 2 * _SECOND_NS)
        robot.hold()
        self.let_pass(robot, _SECOND_NS)
        np.testing.assert_allclose(robot.read()[0], target, atol=self.reach_tolerance)

    @staticmethod
    def step_from(position: np.ndarray, robot: Robot) -> np.ndarray:
        """0.1 from `position` in every dimension, away from the nearer limit, shape (action_dim,)."""
        middle = (robot.embodiment.position_lower + robot.embodiment.position_upper) / 2
        return position + 0.1 * np.where(position <= middle, 1.0, -1.0)


class SimulatedRobotContract(RobotContract):
    """A robot whose world can be reset, stepped and judged."""

    @pytest.fixture
    def simulated(self, robot: SimulatedRobot) -> SimulatedRobot:
        return robot

    def make_robot(self) -> SimulatedRobot:
        raise NotImplementedError

    def let_pass(self, robot: Robot, duration_ns: int) -> None:
        robot.step(duration_ns)  # type: ignore[attr-defined]

    def test_every_task_has_a_name_instructions_and_a_time_limit(self, simulated: SimulatedRobot):
        assert simulated.tasks()
        for task in simulated.tasks():
            assert task.name
            assert task.instructions
            assert task.time_limit_s > 0

    def test_the_same_seed_gives_the_same_world_and_another_seed_another(self, simulated: SimulatedRobot):
        for task in simulated.tasks():
            first = simulated.reset(task.name, 3), simulated.world_state()
            other = simulated.reset(task.name, 4), simulated.world_state()
            again = simulated.reset(task.name, 3), simulated.world_state()
            assert first[0] == again[0]
            np.testing.assert_array_equal(first[1], again[1])
            assert not np.array_equal(first[1], other[1])

    def test_without_an_instruction_the_seed_draws_one_that_the_task_knows(self, simulated: SimulatedRobot):
        for task in simulated.tasks():
            setup = simulated.reset(task.name, 5)
            assert (setup.task, setup.seed) == (task.name, 5)
            assert setup.instruction in task.instructions

    def test_a_given_instruction_is_kept(self, simulated: SimulatedRobot):
        for task in simulated.tasks():
            for instruction in task.instructions[:3]:
                assert simulated.reset(task.name, 0, instruction).instruction == instruction

    def test_an_unknown_task_or_instruction_is_named(self, simulated: SimulatedRobot):
        with pytest.raises(UnknownNameError, match="no_such_task"):
            simulated.reset("no_such_task", 0)
        with pytest.raises(UnknownNameError, match="whistle a tune"):
            simulated.reset(simulated.tasks()[0].name, 0, "whistle a tune")

    def test_a_failed_reset_leaves_the_running_episode_alone(self, simulated: SimulatedRobot):
        task = simulated.tasks()[0].name
        simulated.reset(task, 1)
        before = simulated.world_state()
        with pytest.raises(UnknownNameError):
            simulated.reset(task, 2, "whistle a tune")
        np.testing.assert_array_equal(simulated.world_state(), before)

    def test_an_episode_starts_at_home_at_rest_with_the_targets_there(self, simulated: SimulatedRobot):
        for task in simulated.tasks():
            simulated.reset(task.name, 1)
            position, velocity = simulated.read()
            np.testing.assert_allclose(position, simulated.embodiment.home, atol=1e-6)
            np.testing.assert_allclose(velocity, 0.0, atol=1e-9)
            simulated.step(_SECOND_NS // 2)
            np.testing.assert_allclose(
                simulated.read()[0], simulated.embodiment.home, atol=self.reach_tolerance
            )

    def test_no_episode_starts_as_a_success(self, simulated: SimulatedRobot):
        for task in simulated.tasks():
            simulated.reset(task.name, 2)
            simulated.step(_SECOND_NS)
            status = simulated.task_status()
            assert not status.success
            assert 0.0 <= status.progress < 1.0
            assert status.stage

    def test_the_same_targets_give_the_same_motion(self, simulated: SimulatedRobot):
        task = simulated.tasks()[0].name
        states = []
        for _ in range(2):
            simulated.reset(task, 6)
            simulated.write(self.step_from(simulated.read()[0], simulated))
            simulated.step(_SECOND_NS // 2)
            states.append(simulated.world_state())
        np.testing.assert_array_equal(*states)

    def test_one_long_step_equals_many_short_ones(self, simulated: SimulatedRobot):
        task = simulated.tasks()[0].name
        period_ns = simulated.embodiment.control_period_ns
        states = []
        for parts in (1, 10):
            simulated.reset(task, 6)
            simulated.write(self.step_from(simulated.read()[0], simulated))
            for _ in range(parts):
                simulated.step(10 * period_ns // parts)
            states.append(simulated.world_state())
        np.testing.assert_allclose(*states, atol=1e-9)

    def test_the_world_state_is_a_flat_copy(self, simulated: SimulatedRobot):
        state = simulated.world_state()
        kept = state.copy()
        assert state.ndim == 1
        assert state.dtype == np.float64
        simulated.write(self.step_from(simulated.read()[0], simulated))
        simulated.step(_SECOND_NS // 10)
        np.testing.assert_array_equal(state, kept)
