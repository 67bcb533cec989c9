"""The control loop at its seams: start, servo writes, stops, misses and faults of its callers."""

import subprocess
import sys

import numpy as np
import pytest
from contracts.fake_embodiment import FAKE_EMBODIMENT_FILE
from contracts.fake_robot import FakeRobot
from contracts.session_motion import ramp
from hypothesis import given, settings
from hypothesis import strategies as st

from robotics.action import ActionChunk
from robotics.bridge.control import ControlLoop
from robotics.clock import SteppedClock
from robotics.embodiment import load_embodiment_file
from robotics.errors import ChunkRefusedError, RoboticsError
from robotics.motion_settings import MotionSettings
from robotics.session import EventKind, RobotMode, RobotState


class RealRobot:
    """A robot without simulation, where it was left: a little off home."""

    def __init__(self):
        self._robot = FakeRobot()
        self.embodiment = self._robot.embodiment
        self.position = self.embodiment.home + 0.1
        self.written: list[np.ndarray] = []

    def read(self):
        return self.position, np.zeros_like(self.position)

    def write(self, target):
        self.written.append(np.array(target))

    def hold(self):
        pass

    def close(self):
        pass


class Lockstep:
    """Drives a loop on a fake robot, as the session in process does."""

    def __init__(self, robot: FakeRobot | RealRobot):
        self.robot, self.clock = robot, SteppedClock()
        self.loop = ControlLoop(robot, self.clock)

    def run(self, ticks: int) -> list[RobotState]:
        return [self.loop.tick(self._pace) for _ in range(ticks)]

    def _pace(self, _index: int) -> None:
        if isinstance(self.robot, FakeRobot):
            self.robot.step(self.loop.servo_period_ns)
        self.clock.advance(self.loop.servo_period_ns)

    def send(self, positions: np.ndarray, start_time_ns: int | None = None) -> None:
        self.loop.submit(
            ActionChunk(
                positions,
                self.loop.next_time_ns if start_time_ns is None else start_time_ns,
                self.loop.embodiment.control_period_ns,
                self.clock.clock_id,
                self.loop.embodiment.interface_fingerprint,
            )
        )


@pytest.fixture
def lockstep() -> Lockstep:
    return Lockstep(FakeRobot())


def test_a_real_robot_stays_where_it_is_found():
    robot = RealRobot()
    lockstep, start = Lockstep(robot), robot.position
    state = lockstep.run(3)[-1]
    np.testing.assert_array_equal(state.applied, start)
    np.testing.assert_array_equal(robot.written, [start] * 6)
    assert state.mode is RobotMode.HOLDING and state.task is None


def test_the_first_command_splices_from_the_last_applied_target_not_from_the_measured_position():
    robot = RealRobot()
    lockstep, target = Lockstep(robot), robot.position
    robot.position = target - 0.05
    lockstep.send(np.tile(target, (5, 1)))
    np.testing.assert_array_equal(lockstep.run(1)[0].applied, target)


def test_a_real_robot_cannot_be_reset():
    with pytest.raises(RoboticsError, match="real robot"):
        Lockstep(RealRobot()).loop.reset("turn_left_arm", 0)


@pytest.mark.parametrize("servo_rate_hz", [50, 100, 500])
def test_the_driver_gets_one_target_a_servo_tick_and_ends_at_the_step(tmp_path, servo_rate_hz: int):
    text = FAKE_EMBODIMENT_FILE.read_text().replace("servo_rate_hz = 100", f"servo_rate_hz = {servo_rate_hz}")
    (tmp_path / "fake.toml").write_text(text)
    lockstep = Lockstep(FakeRobot(load_embodiment_file(tmp_path / "fake.toml")))
    positions = ramp(lockstep.loop.embodiment, lockstep.loop.embodiment.home, 40)
    lockstep.send(positions)
    states = lockstep.run(40)
    servo_ticks = servo_rate_hz // 50
    assert len(lockstep.robot.written) == 40 * servo_ticks
    np.testing.assert_array_equal(lockstep.robot.written[servo_ticks - 1 :: servo_ticks], positions)
    np.testing.assert_array_equal([state.applied for state in states], positions)
    assert not states[-1].guard_counts


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_whatever_is_sent_and_stopped_limits_hold_at_servo_rate(data: st.DataObject):
    lockstep = Lockstep(FakeRobot())
    loop, embodiment = lockstep.loop, lockstep.loop.embodiment
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    for _ in range(data.draw(st.integers(1, 8))):
        action = data.draw(st.sampled_from(["send", "send", "send", "hold", "stop", "wait"]))
        if action == "send":
            shape = (data.draw(st.integers(1, 20)), embodiment.action_dim)
            scale = data.draw(st.sampled_from([0.002, 0.1, 2.0]))
            positions = loop.last_target + scale * rng.normal(size=shape)
            positions = np.clip(positions, embodiment.position_lower, embodiment.position_upper)
            offset = data.draw(st.integers(-3, 3)) * embodiment.control_period_ns
            try:
                lockstep.send(positions, loop.next_time_ns + offset)
            except ChunkRefusedError as error:
                assert error.status in ("stale", "voided")
        elif action == "hold":
            loop.hold()
        elif action == "stop":
            loop.stop()
            lockstep.run(data.draw(st.integers(0, 20)))
            loop.release()
        lockstep.run(data.draw(st.integers(0, 12)))
    written = np.array([*[embodiment.home] * 3, *lockstep.robot.written])
    velocity = np.diff(written, axis=0) * embodiment.servo_rate_hz
    acceleration = np.diff(velocity, axis=0) * embodiment.servo_rate_hz
    assert (written >= embodiment.position_lower).all() and (written <= embodiment.position_upper).all()
    assert (np.abs(velocity) <= embodiment.velocity_limit * 1.0001).all()
    assert (np.abs(acceleration) <= embodiment.acceleration_limit * 1.001).all()
    jerk = np.diff(acceleration, axis=0) * embodiment.servo_rate_hz
    assert (np.abs(jerk) <= embodiment.jerk_limit * 1.001).all()


def test_a_joint_leaves_a_limit_at_which_its_target_was_cut_within_its_jerk_limit(lockstep: Lockstep):
    loop, embodiment = lockstep.loop, lockstep.loop.embodiment
    rng = np.random.default_rng(412)  # in which a gripper did not
    for steps, scale, offset, ticks in ((14, 0.1, 0, 0), (0, 0.0, 0, 3), (7, 0.002, 0, 3), (8, 0.1, -1, 7)):
        if steps:
            positions = loop.last_target + scale * rng.normal(size=(steps, embodiment.action_dim))
            positions = np.clip(positions, embodiment.position_lower, embodiment.position_upper)
            lockstep.send(positions, loop.next_time_ns + offset * embodiment.control_period_ns)
        lockstep.run(ticks)
    written = np.array([*[embodiment.home] * 3, *lockstep.robot.written])
    jerk = np.diff(written, n=3, axis=0) * embodiment.servo_rate_hz**3
    assert (np.abs(jerk) <= embodiment.jerk_limit * 1.001).all()


def test_an_emergency_stop_at_speed_covers_the_braking_distance_and_no_more(lockstep: Lockstep):
    embodiment = lockstep.loop.embodiment
    lockstep.send(ramp(embodiment, embodiment.home, 30, reach=0.5))
    lockstep.run(15)
    written = np.array(lockstep.robot.written)[:, 0]
    speed = (written[-1] - written[-2]) * embodiment.servo_rate_hz
    lockstep.loop.stop()
    lockstep.run(30)
    distance = lockstep.robot.written[-1][0] - written[-1]
    acceleration, jerk = embodiment.acceleration_limit[0], embodiment.jerk_limit[0]
    assert 0 < distance <= speed**2 / (2 * acceleration) + speed * acceleration / (2 * jerk)


def test_an_emergency_stop_outranks_a_protective_stop(lockstep: Lockstep):
    lockstep.loop.protective_stop("too close")
    assert lockstep.run(1)[0].mode is RobotMode.PROTECTIVE_STOP
    lockstep.loop.stop("button")
    lockstep.loop.protective_stop("too close")
    (state,) = lockstep.run(1)
    assert state.mode is RobotMode.EMERGENCY_STOP
    lockstep.loop.release()
    assert lockstep.run(1)[0].mode is RobotMode.HOLDING


def test_a_stop_pressed_twice_is_told_once(lockstep: Lockstep):
    lockstep.loop.stop("button")
    lockstep.loop.stop("button")
    (state,) = lockstep.run(1)
    assert [event.kind for event in state.events] == [EventKind.STOP]


def test_a_command_decided_before_a_hold_does_not_move_the_robot_after_it(lockstep: Lockstep):
    lockstep.run(2)
    decided_at_ns = lockstep.loop.next_time_ns
    lockstep.run(3)
    lockstep.loop.hold()
    positions = ramp(lockstep.loop.embodiment, lockstep.loop.last_target, 30)
    with pytest.raises(ChunkRefusedError) as refused:
        lockstep.send(positions, decided_at_ns)
    assert refused.value.status == "voided"
    lockstep.send(positions)


def test_a_position_a_little_outside_is_clamped_and_kept_as_requested(lockstep: Lockstep):
    embodiment = lockstep.loop.embodiment
    positions = np.tile(embodiment.home, (5, 1))
    positions[:, 6] = -0.01
    lockstep.send(positions)
    state = lockstep.run(1)[0]
    assert state.requested[6] == -0.01 and state.applied[6] == 0.0
    assert state.guard_counts == {"position": 1}


def test_states_do_not_change_after_they_are_given_out(lockstep: Lockstep):
    embodiment = lockstep.loop.embodiment
    lockstep.send(ramp(embodiment, embodiment.home, 20))
    first = lockstep.run(1)[0]
    kept = first.joints.position.copy(), first.applied.copy(), first.joints.target.copy()
    lockstep.run(10)
    np.testing.assert_array_equal(kept, (first.joints.position, first.applied, first.joints.target))


def test_a_one_step_source_is_followed_without_starving(lockstep: Lockstep):
    embodiment = lockstep.loop.embodiment
    positions = ramp(embodiment, embodiment.home, 40)
    applied = []
    for position in positions:
        lockstep.send(position[None])
        applied.append(lockstep.run(1)[0].applied)
    assert lockstep.run(1)[0].starvations == 1
    np.testing.assert_allclose(applied, positions, atol=2e-3)


def test_the_control_process_loads_no_wire_no_pictures_and_no_physics():
    code = "import robotics.bridge.realtime, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"grpc", "google", "torch", "mujoco", "cv2", "av", "zarr"}


@pytest.mark.parametrize("speed", [1.0, 0.4])
def test_a_tick_that_was_prepared_is_the_tick_that_was_not(speed: float):
    runs = []
    for prepares in (False, True):
        lockstep = Lockstep(FakeRobot())
        lockstep.loop.set_motion(MotionSettings(speed=speed))
        applied = []
        for tick in range(60):
            if tick in (3, 17, 31):
                here = lockstep.loop.last_target
                lockstep.send(ramp(lockstep.loop.embodiment, here, 40 if tick < 31 else 9))
            if tick == 45:
                lockstep.loop.hold()
            if prepares:
                lockstep.loop.prepare()
            applied += [state.applied for state in lockstep.run(1)]
        runs.append(np.array(applied))
    np.testing.assert_array_equal(*runs)
