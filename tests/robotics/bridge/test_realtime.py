"""The real-time runner keeps absolute deadlines; the tests run it on a clock that only sleeping moves."""

import gc

import numpy as np
import pytest
from contracts.fake_robot import FakeRobot
from contracts.session_motion import ramp

from robotics.action import ActionChunk
from robotics.bridge import realtime
from robotics.bridge.control import ControlLoop
from robotics.bridge.realtime import enter_realtime, run_realtime
from robotics.session import RobotMode, RobotState

PERIOD_NS = 20_000_000


class SleptClock:
    """Moves by sleeping (50 us too long, as real ones do), by `spend` and, once it runs, by 1 us a look."""

    clock_id = "slept"

    def __init__(self):
        self.time_ns = 7_000_000
        self._runs = False

    def now_ns(self) -> int:
        self.time_ns += 1_000 if self._runs else 0
        return self.time_ns

    def spend(self, duration_ns: int) -> None:
        self.time_ns += duration_ns

    def sleep(self, duration_s: float) -> None:
        self._runs = True
        self.time_ns += round(duration_s * 1e9) + 50_000


class TimedRobot(FakeRobot):
    """Notes when it was written to."""

    def __init__(self, clock: SleptClock):
        super().__init__()
        self._clock = clock
        self.write_times_ns: list[int] = []

    def write(self, target: np.ndarray) -> None:
        super().write(target)
        self.write_times_ns.append(self._clock.now_ns())


@pytest.fixture
def clock(monkeypatch) -> SleptClock:
    clock = SleptClock()
    monkeypatch.setattr(realtime.time, "sleep", clock.sleep)
    return clock


class Runner:
    """Runs a loop for a number of ticks and keeps their states."""

    def __init__(self, clock: SleptClock):
        self.robot = TimedRobot(clock)
        self.loop = ControlLoop(self.robot, clock)
        self.states: list[RobotState] = []

    def run(self, ticks: int, on_tick=lambda state: None, before_tick=lambda: None) -> None:
        def keep(state: RobotState) -> None:
            self.states.append(state)
            on_tick(state)

        run_realtime(self.loop, lambda: len(self.states) >= ticks, keep, before_tick)

    def send_ramp(self, steps: int = 50) -> None:
        embodiment = self.loop.embodiment
        self.loop.submit(
            ActionChunk(
                ramp(embodiment, self.loop.last_target, steps),
                self.loop.next_time_ns,
                PERIOD_NS,
                self.loop.clock.clock_id,
                embodiment.interface_fingerprint,
            )
        )


@pytest.fixture
def runner(clock: SleptClock) -> Runner:
    return Runner(clock)


def test_lateness_does_not_add_up(runner: Runner):
    runner.run(50)
    writes = np.array(runner.robot.write_times_ns)[1:]  # the first tick is due at once
    late = (writes - writes[0]) % (PERIOD_NS // 2)
    assert np.minimum(late, PERIOD_NS // 2 - late).max() <= 5_000  # less than a sleep is too long
    assert [state.joints.tick for state in runner.states] == list(range(50))
    assert runner.states[-1].missed_deadlines == 0


def test_ticks_a_full_period_late_are_skipped_and_counted(runner: Runner, clock: SleptClock):
    runner.run(10, on_tick=lambda state: clock.spend(75_000_000) if state.joints.tick == 4 else None)
    ticks = [state.joints.tick for state in runner.states]
    assert ticks == [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]
    assert runner.states[-1].missed_deadlines == 2
    times = np.array([state.joints.time_ns for state in runner.states])
    np.testing.assert_array_equal(np.diff(times) // PERIOD_NS, np.diff(ticks))


def test_a_simulated_world_goes_on_during_missed_ticks(runner: Runner, clock: SleptClock):
    runner.run(10, on_tick=lambda state: clock.spend(75_000_000) if state.joints.tick == 4 else None)
    assert runner.robot.stepped_ns == 12 * PERIOD_NS


def test_being_late_by_less_than_a_period_misses_nothing(runner: Runner, clock: SleptClock):
    runner.run(10, on_tick=lambda state: clock.spend(35_000_000) if state.joints.tick == 4 else None)
    assert [state.joints.tick for state in runner.states] == list(range(10))
    assert runner.states[-1].missed_deadlines == 0


def test_after_missed_ticks_the_plan_goes_on_where_it_was_from_a_stand(runner: Runner, clock: SleptClock):
    runner.send_ramp()
    plan = runner.loop.remaining_plan()
    runner.run(40, on_tick=lambda state: clock.spend(75_000_000) if state.joints.tick == 20 else None)
    for state, step in zip(runner.states[:40], plan, strict=False):
        np.testing.assert_array_equal(state.requested, step)
    before, after = runner.states[20:22]
    assert after.joints.tick > before.joints.tick + 1
    # the arm has stood meanwhile, so that it starts again as from rest
    possible = runner.loop.embodiment.acceleration_limit * 0.02**2
    assert (np.abs(after.applied - before.applied) <= possible).all()
    since = runner.robot.written[2 * 21 - 1 :]  # from the target at which it came to stand
    velocity = np.diff([since[0], *since], axis=0) * 100
    acceleration = np.diff(velocity, axis=0) * 100
    assert (np.abs(acceleration) <= runner.loop.embodiment.acceleration_limit * 1.001).all()


def test_commands_are_taken_when_a_tick_is_due(runner: Runner):
    def send_once() -> None:
        if runner.loop.next_tick == 3:
            runner.send_ramp()

    runner.run(6, before_tick=send_once)
    modes = [state.mode for state in runner.states[:6]]
    assert modes == [RobotMode.HOLDING] * 3 + [RobotMode.EXECUTING] * 3


def test_a_slow_reset_misses_no_deadline(runner: Runner, clock: SleptClock):
    def reset_once() -> None:
        if runner.loop.next_tick == 3:
            clock.spend(300_000_000)
            runner.loop.reset("turn_left_arm", 0)

    runner.run(6, before_tick=reset_once)
    assert runner.states[-1].missed_deadlines == 0
    assert [state.joints.tick for state in runner.states] == [0, 1, 2, 19, 20, 21]


def test_it_ends_by_decelerating_and_holding(runner: Runner):
    runner.send_ramp(30)
    runner.run(15)
    assert len(runner.states) > 15
    assert runner.loop.guard.motion.at_rest and runner.robot.holds == 1


def test_a_fault_of_the_driver_leaves_the_robot_told_to_hold(runner: Runner, monkeypatch):
    runner.run(2)
    holds = runner.robot.holds

    def fail(_target: np.ndarray) -> None:
        raise OSError("bus gone")

    monkeypatch.setattr(runner.robot, "write", fail)
    with pytest.raises(OSError, match="bus gone"):
        runner.run(10)
    assert runner.robot.holds == holds + 1


def test_entering_realtime_says_what_was_granted_and_what_is_missing(monkeypatch):
    def refuse(*_arguments) -> None:
        raise PermissionError

    monkeypatch.setattr(realtime.os, "sched_setscheduler", refuse)
    monkeypatch.setattr(realtime.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(realtime.resource, "getrlimit", lambda _kind: (8192, 8192))
    line = enter_realtime()
    gc.unfreeze()
    assert "no SCHED_FIFO (needs CAP_SYS_NICE" in line and "memory not locked" in line
    assert "\n" not in line


class TwiceFailingRobot(TimedRobot):
    """Neither writes nor holds."""

    def write(self, target: np.ndarray) -> None:
        raise OSError("bus gone")

    def hold(self) -> None:
        super().hold()
        raise OSError("nothing to hold with")


def test_what_failed_first_is_told_where_holding_fails_too(clock: SleptClock):
    runner = Runner(clock)
    runner.robot = runner.loop.robot = TwiceFailingRobot(clock)
    with pytest.raises(OSError, match="bus gone"):
        runner.run(3)
    assert runner.robot.holds == 1


@pytest.mark.parametrize(("missed_ms", "mode"), [(400, RobotMode.EXECUTING), (600, RobotMode.HOLDING)])
def test_a_plan_from_before_a_long_absence_is_void(clock: SleptClock, missed_ms: int, mode: RobotMode):
    runner = Runner(clock)
    runner.send_ramp(200)
    runner.run(10, on_tick=lambda state: clock.spend(missed_ms * 1_000_000 if len(runner.states) == 5 else 0))
    assert runner.states[4].mode is RobotMode.EXECUTING
    assert runner.states[5].mode is mode
    texts = [event.text for event in runner.states[5].events]
    assert texts == (
        []
        if mode is RobotMode.EXECUTING
        else ["control was held up for 0.58 s, by driver or machine: holding"]
    )
