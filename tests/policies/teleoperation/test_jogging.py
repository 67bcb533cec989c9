"""A person's device moves the tools: as far and as fast as asked, without jumps, clear of obstacles."""

import numpy as np
import pytest

from policies.teleoperation.jog import STILL, ArmJog, Jog
from policies.teleoperation.jogging import ANGULAR_SPEED, LINEAR_SPEED, OPENING_SPEED, JoggingTeleoperator
from robotics.embodiment import Embodiment
from robotics.embodiments import load_embodiment
from robotics.kinematics import Kinematics
from robotics.observation import JointState, Observation
from robotics.safety.collision import CollisionWatch
from robotics.teleoperator import TeleoperatorEvent


class FakeDevice:
    """Asks for what the test says."""

    name = "fake"

    def __init__(self):
        self.asked = Jog()
        self.closed = False

    def jog(self) -> Jog:
        return self.asked

    def poll_events(self) -> tuple[TeleoperatorEvent, ...]:
        return (TeleoperatorEvent.SUCCESS,)

    def close(self) -> None:
        self.closed = True


class Arms:
    """A robot that does at once what it is told; one `tick` is one observation and its answer."""

    def __init__(self, embodiment: Embodiment):
        self.embodiment = embodiment
        self.device = FakeDevice()
        self.teleoperator = JoggingTeleoperator(embodiment, self.device)
        self.target = embodiment.home.copy()
        self.velocity = np.zeros(embodiment.action_dim)
        self.plan = np.empty((0, embodiment.action_dim))
        self.time_ns = 0
        self.teleoperator.reset()

    def tick(self, jog: Jog | None = None, count: int = 1, ticks: int = 1) -> np.ndarray:
        """`count` chunks, each followed for so many control ticks; returns the last target."""
        self.device.asked = jog or Jog()
        for _ in range(count):
            joints = JointState(0, self.time_ns, self.target, self.velocity, self.target)
            self.chunk = self.teleoperator.act(Observation("clock", joints, self.plan))
            rows = self.chunk.positions
            self.target = rows[min(ticks, len(rows)) - 1]
            self.plan = rows[ticks:]
            self.time_ns += ticks * self.embodiment.control_period_ns
        return self.target


@pytest.fixture(scope="module")
def kinematics() -> Kinematics:
    return Kinematics(load_embodiment("aloha2"))


@pytest.fixture
def arms() -> Arms:
    arms = Arms(load_embodiment("aloha2"))
    arms.tick()
    return arms


def move_left(
    *direction: float, opening: float = 0.0, speed: float = 1.0, in_tool_frame: bool = False
) -> Jog:
    x, y, z = direction
    return Jog((ArmJog(linear=(x, y, z), opening=opening), STILL), in_tool_frame, speed)


def test_arms_that_nobody_asks_to_move_keep_their_target_to_the_bit(arms: Arms):
    np.testing.assert_array_equal(arms.tick(count=20), arms.embodiment.home)


def test_a_chunk_is_short_and_ends_at_a_stand(arms: Arms):
    arms.tick(move_left(1, 0, 0, speed=2.0), count=20)
    rows = arms.chunk.positions
    assert arms.chunk.fingerprint == arms.embodiment.interface_fingerprint
    assert len(rows) * 0.02 <= 0.6
    assert np.abs(rows[3] - rows[2]).max() > 1e-3
    np.testing.assert_array_equal(rows[-1], rows[-2])


@pytest.mark.parametrize("ticks", [1, 2, 5])
def test_speed_and_path_do_not_depend_on_how_often_it_is_asked(
    arms: Arms, kinematics: Kinematics, ticks: int
):
    before = kinematics.tool_in_world(arms.target)["left"]
    arms.tick(move_left(1, 0, 0), count=60 // ticks, ticks=ticks)
    after = kinematics.tool_in_world(arms.target)["left"]
    np.testing.assert_allclose(after.position - before.position, [0.12 * 1.2, 0, 0], atol=9e-3)
    assert before.distance(after)[1] < 0.02


def test_speeds_change_within_acceleration_limits(arms: Arms):
    path = [arms.target]
    for jog in (move_left(1, 0, 0), Jog(), move_left(-1, 0, 1), Jog()):
        path += [arms.tick(jog) for _ in range(25)]
    acceleration = np.diff(np.array(path), n=2, axis=0) / 0.02**2
    assert np.all(np.abs(acceleration) <= 0.51 * arms.embodiment.acceleration_limit)


@pytest.mark.parametrize("speed", [0.5, 1.0])
def test_a_tool_moves_along_the_world_as_fast_as_asked(arms: Arms, kinematics: Kinematics, speed: float):
    before = kinematics.tool_in_world(arms.target)
    arms.tick(move_left(1, 0, 0, speed=speed), count=50)  # a second
    after = kinematics.tool_in_world(arms.target)
    moved = after["left"].position - before["left"].position
    np.testing.assert_allclose(moved, [LINEAR_SPEED * speed, 0, 0], atol=8e-3)  # it starts from a stand
    assert before["left"].distance(after["left"])[1] < 0.02  # it keeps its orientation
    np.testing.assert_array_equal(arms.target[7:], arms.embodiment.home[7:])


def test_forward_in_the_tool_frame_is_along_its_approach(arms: Arms, kinematics: Kinematics):
    before = kinematics.tool_in_world(arms.target)["left"]
    arms.tick(move_left(0, 1, 0, in_tool_frame=True), count=20)
    moved = kinematics.tool_in_world(arms.target)["left"].position - before.position
    approach = before.rotation[:, 2]
    assert moved @ approach / np.linalg.norm(moved) > 0.99


def test_turning_turns_the_tool_where_it_is(arms: Arms, kinematics: Kinematics):
    before = kinematics.tool_in_world(arms.target)["left"]
    arms.tick(Jog((ArmJog(angular=(1, 0, 0)), STILL)), count=20)
    distance_m, angle = before.distance(kinematics.tool_in_world(arms.target)["left"])
    assert distance_m < 4e-3
    assert angle == pytest.approx(ANGULAR_SPEED * 0.4, abs=0.08)


def test_both_arms_move_at_once(arms: Arms, kinematics: Kinematics):
    before = kinematics.tool_in_world(arms.target)
    arms.tick(Jog((ArmJog(linear=(0, 0, -1)), ArmJog(linear=(0, 1, 0)))), count=25)
    after = kinematics.tool_in_world(arms.target)
    np.testing.assert_allclose(after["left"].position - before["left"].position, [0, 0, -0.06], atol=9e-3)
    # sideways the wrist has to turn far, and so needs longer to get up to speed
    np.testing.assert_allclose(after["right"].position - before["right"].position, [0, 0.05, 0], atol=1e-2)


def test_grippers_close_and_open_within_their_range(arms: Arms):
    index = arms.embodiment.gripper_indices["left"]
    arms.tick(move_left(0, 0, 0, opening=-1), count=10)
    assert arms.target[index] == pytest.approx(1.0 - OPENING_SPEED * 0.2, abs=0.12)
    arms.tick(move_left(0, 0, 0, opening=-1), count=100)
    assert arms.target[index] == 0.0
    arms.tick(move_left(0, 0, 0, opening=1), count=100)
    assert arms.target[index] == 1.0


def test_after_a_pause_nothing_is_caught_up(arms: Arms, kinematics: Kinematics):
    before = kinematics.tool_in_world(arms.target)["left"].position
    arms.tick(ticks=250)
    arms.tick(move_left(1, 0, 0), count=2)
    moved = kinematics.tool_in_world(arms.target)["left"].position - before
    assert np.linalg.norm(moved) < 0.1 * LINEAR_SPEED * 1.1


@pytest.mark.parametrize("from_plan", [True, False])
def test_a_robot_in_motion_is_taken_over_without_a_jump_and_comes_to_rest(arms: Arms, from_plan: bool):
    joint, velocity = 1, 1.5  # rad/s downwards, as a policy had it
    way = np.zeros((40, arms.embodiment.action_dim))
    way[:, joint] = velocity * 0.02 * np.arange(1, 41)
    arms.plan = arms.target + way if from_plan else way[:0]
    arms.velocity[joint] = velocity
    arms.teleoperator.reset()
    start = arms.target.copy()
    path = np.array([start] + [arms.tick().copy() for _ in range(30)])
    steps = np.diff(path[:, joint])[1:]
    limit = arms.embodiment.acceleration_limit[joint]
    assert 0 < steps[0] <= velocity * 0.02 + 1e-9  # it goes on as it moved, slower and slower
    assert np.all(np.diff(steps) <= 1e-12)
    assert np.abs(np.diff(steps)).max() <= 0.51 * limit * 0.02**2
    assert steps[-1] == 0.0
    assert path[-1, joint] - start[joint] <= velocity**2 / limit + 2 * velocity * 0.02


def test_a_plan_that_the_arms_could_not_follow_starts_again_from_where_they_are(arms: Arms):
    arms.tick(move_left(1, 0, 0), count=10)
    arms.target = arms.embodiment.home.copy()
    arms.target[0] += 0.6
    held = arms.target.copy()
    np.testing.assert_array_equal(arms.tick(), held)


def test_driven_into_table_and_other_arm_it_stays_clear(arms: Arms, kinematics: Kinematics):
    watch = CollisionWatch(arms.embodiment)
    down = Jog((ArmJog(linear=(0.5, 0, -1)), ArmJog(linear=(-0.5, 0, -1))), speed=2.0)
    for _ in range(150):
        before = arms.target.copy()
        arms.tick(down)
        assert watch.find([arms.target], before) is None
    for pose in kinematics.tool_in_world(arms.target).values():
        assert pose.position[2] > 5e-3
    assert np.all(arms.target >= arms.embodiment.position_lower - 1e-12)
    assert np.all(arms.target <= arms.embodiment.position_upper + 1e-12)


def test_near_a_singular_posture_joints_stay_slow(arms: Arms):
    for _ in range(200):  # far beyond reach
        before = arms.target.copy()
        arms.tick(move_left(-1, 1, 1, speed=2.0))
        speed = np.abs(arms.target - before)[:6] / 0.02
        assert np.all(speed <= 0.81 * arms.embodiment.velocity_limit[:6])


def test_what_the_person_says_comes_from_the_device(arms: Arms):
    assert arms.teleoperator.poll_events() == (TeleoperatorEvent.SUCCESS,)
    arms.teleoperator.close()
    assert arms.device.closed
    assert arms.teleoperator.name == "teleop:fake"
