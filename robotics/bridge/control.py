"""The control loop: one tick reads the robot, asks the plan, passes the guard and writes servo targets."""

import dataclasses
import time
from collections.abc import Callable
from typing import cast

import numpy as np

from robotics.action import ActionChunk
from robotics.bridge.interpolation import ServoPath
from robotics.bridge.plan_time import PlanTime
from robotics.bridge.schedule import ChunkSchedule, PlannedStep
from robotics.bridge.statistics import StageTimes
from robotics.clock import Clock
from robotics.errors import ChunkRefusedError, RoboticsError, StoppedError, shorten
from robotics.motion_settings import MotionSettings
from robotics.observation import JointState
from robotics.robot import Robot, SimulatedRobot
from robotics.safety.chunk_check import ChunkLimits
from robotics.safety.guard import Guard
from robotics.safety.measurement_watch import MeasurementWatch
from robotics.session import STOPPED_MODES, Event, EventKind, RobotMode, RobotState
from robotics.task import EpisodeSetup, TaskStatus

_MOST_TICKS_AHEAD = 250
"""A slowed plan is laid on so many ticks at a time: enough to brake in time for what it will do."""


_LONGEST_TEXT = 2000
_LONGEST_ABSENCE_NS = 500_000_000
"""After missing more than this, a plan that was made before is no longer what anybody expects."""


class ControlLoop:
    """Executes the plan on a robot, tick by tick. Not thread-safe: call it from the control thread only.

    Tick i starts at `origin + i * control period`, robot time. At its start the joints are read and
    the servo targets of the whole tick are decided and limited; they are then written one by one.
    Commands (submit, hold, stop, release, set_motion, annotate, reset) take effect at the next tick.

    Whoever drives the loop paces it: lockstep steps the physics between servo ticks, a real-time
    process sleeps until the servo tick's deadline.
    """

    def __init__(self, robot: Robot, clock: Clock, limits: ChunkLimits | None = None):
        """Take over `robot`, standing where it is measured."""
        self.robot = robot
        self.clock = clock
        self.embodiment = robot.embodiment
        self.simulation = cast(SimulatedRobot, robot) if hasattr(robot, "task_status") else None
        """The robot, where it is simulated."""
        self.guard = Guard(self.embodiment, clock.clock_id, limits)
        self.servo_ticks = self.guard.servo_ticks
        """Servo ticks in one control tick."""
        self.servo_period_ns = 1_000_000_000 // self.embodiment.servo_rate_hz
        self.next_tick = 0
        """Index of the control tick that has not started yet."""
        self.instruction = ""
        self.mode = RobotMode.HOLDING
        self.motion = MotionSettings()
        """Speed override, shadow mode, chunk strategy."""
        self.missed_deadlines = 0
        self.starvations = 0
        self._period_ns = self.embodiment.control_period_ns
        self._origin_ns = clock.now_ns()
        self._schedule = ChunkSchedule(self.embodiment.action_dim)
        self._plan_time = PlanTime(self.embodiment.control_rate_hz, self.guard.limits.max_age_s)
        self._path: ServoPath | None = None
        self._path_start = self._path_end = 0  # in executed ticks
        self._path_revision = -1
        self._late_ticks = 0
        self._last_step: PlannedStep | None = None
        self._events: list[Event] = []
        self._stages = StageTimes(("read", "judge", "plan", "guard", "write", "tick", "lateness"))
        self._measurements = MeasurementWatch(self.embodiment)
        self._task: TaskStatus | None = None
        self._episode_running = False
        position, _ = robot.read()
        self.guard.motion.reset(position)
        self._rows = np.tile(position, (self.servo_ticks, 1))  # (servo_ticks, action_dim)
        # Its machine code is loaded here, so that the first chunk does not wait for it.
        ServoPath(self._rows[-1:], self.servo_ticks, self.guard.motion)
        self.latest = self._idle_state()
        """The newest control tick; before the first one (and after a reset) the robot at rest."""

    @property
    def next_time_ns(self) -> int:
        """When the next control tick starts, robot time [ns]."""
        return self._origin_ns + self.next_tick * self._period_ns

    @property
    def last_target(self) -> np.ndarray:
        """Last applied target, shape (action_dim,); read-only."""
        return self.guard.motion.position

    def remaining_plan(self, tick: int | None = None) -> np.ndarray:
        """The plan from control tick `tick` (by default the next one) on, shape (steps, action_dim)."""
        wanted = self.next_tick if tick is None else tick
        return self._schedule.remaining(self._plan_time.at(wanted, self.next_tick))

    def observe_joints(self) -> JointState:
        """Lockstep: the joints at this moment, where the next control tick starts."""
        position, velocity = self.robot.read()
        return JointState(
            self.next_tick, self.next_time_ns, np.array(position), np.array(velocity), self.last_target.copy()
        )

    def submit(self, chunk: ActionChunk) -> None:
        """Replace the part of the plan that has not been executed yet, from the next control tick on.

        Raises:
            ChunkRefusedError: Refused whole; `status` is a `ChunkStatus` value.
            StoppedError: The robot is stopped.
        """
        try:
            self.guard.admit(chunk, self.next_time_ns)
            try:
                tick = -(-(chunk.start_time_ns - self._origin_ns) // self._period_ns)
                start = self._plan_time.at(tick, self.next_tick)
                self._schedule.submit(chunk, self._plan_time.now, start, self.last_target, self._period_ns)
            except ChunkRefusedError as error:
                self.guard.count_refusal(error.status)
                raise
        except ChunkRefusedError as error:
            self._emit(EventKind.GUARD, str(error), status=error.status, chunk_id=str(chunk.chunk_id))
            raise

    def prepare(self) -> None:
        """Between ticks: work out the path of a new plan, which the next tick would have to do otherwise."""
        moves = self.mode not in STOPPED_MODES and not self.motion.shadow
        if moves and self._schedule.is_in_force(self._plan_time.now):
            self._current_path(self._schedule.consumed + 1)

    def hold(self) -> None:
        """Drop the plan, decelerate within limits, hold. Chunks that answer an earlier tick are void."""
        self._drop_plan()
        if self.mode not in STOPPED_MODES:
            self.mode = RobotMode.HOLDING if self.guard.motion.at_rest else RobotMode.STOPPING

    def stop(self, reason: str = "") -> None:
        """Emergency stop: decelerate within limits, hold energised, latch until `release`."""
        self._halt(RobotMode.EMERGENCY_STOP, reason or "emergency stop")

    def protective_stop(self, reason: str) -> None:
        """As an emergency stop, by the machine's own judgement; never weakens an emergency stop."""
        if self.mode is not RobotMode.EMERGENCY_STOP:
            self._halt(RobotMode.PROTECTIVE_STOP, reason)

    def release(self) -> None:
        """Release a stop; the robot holds. Chunks that answer an earlier tick are void."""
        if self.mode not in STOPPED_MODES:
            return
        self.guard.release()
        self.mode = RobotMode.HOLDING
        self.hold()
        self._emit(EventKind.STOP, "released", state="released")

    def set_motion(self, settings: MotionSettings) -> None:
        """Speed override, shadow mode and chunk strategy; entering or leaving shadow mode drops the plan."""
        if settings == self.motion:
            return
        if settings.shadow != self.motion.shadow:
            self.hold()
        self.motion = settings
        self._plan_time.wanted_speed = settings.speed
        if self.mode is not RobotMode.EXECUTING:
            self._plan_time.speed = settings.speed
        self._schedule.strategy = settings.strategy
        text = f"speed {settings.speed:g}, {settings.strategy.value}{', shadow' if settings.shadow else ''}"
        self._emit(EventKind.NOTE, f"motion settings: {text}")

    def annotate(self, event: Event) -> None:
        """Put an event into the state stream, stamped now; an INSTRUCTION event sets the instruction."""
        if event.kind is EventKind.INSTRUCTION:
            self.instruction = event.text
        self._events.append(dataclasses.replace(event, time_ns=self.clock.now_ns()))

    def reset(self, task: str, seed: int, instruction: str | None = None) -> EpisodeSetup:
        """Start a seeded episode in simulation, at rest at home; a tick passes, older commands are void.

        Raises:
            StoppedError: The robot is stopped.
            UnknownNameError: No such task or instruction.
            RoboticsError: The robot is not simulated.
        """
        if self.simulation is None:
            raise RoboticsError(f"'{self.embodiment.name}' is a real robot: only a simulation can be reset")
        if self.mode in STOPPED_MODES:
            raise StoppedError(f"the robot is stopped ({self.guard.stop_reason}); release it before a reset")
        setup = self.simulation.reset(task, seed, instruction)
        self._schedule.clear()
        self.guard.motion.reset(self.embodiment.home)
        self.mode = RobotMode.HOLDING
        self.next_tick += 1
        self.align()
        self.guard.void_before(self.next_time_ns)
        self.instruction = setup.instruction
        self._episode_running = True
        self._task = self.simulation.task_status()
        start_ns = self.next_time_ns
        self._events.append(Event(EventKind.EPISODE, setup.task, start_ns, {"seed": str(setup.seed)}))
        self._events.append(Event(EventKind.INSTRUCTION, setup.instruction, start_ns))
        self.latest = self._idle_state()
        return setup

    def _drop_plan(self) -> None:
        self._schedule.clear()
        self.guard.void_before(self.next_time_ns - self._period_ns)

    def _halt(self, mode: RobotMode, reason: str) -> None:
        if self.mode is mode:
            return
        self.guard.stop(reason)
        self._drop_plan()
        self.mode = mode
        self._emit(EventKind.STOP, reason, state=mode.value)

    def _emit(self, kind: EventKind, text: str, **data: str) -> None:
        self._events.append(Event(kind, shorten(text, _LONGEST_TEXT), self.clock.now_ns(), data))

    def tick(self, pace: Callable[[int], None]) -> RobotState:
        """One whole control tick; `pace(j)` lets the servo period pass for which target j was written."""
        state = self.begin_tick()
        pace(0)
        for index in range(1, self.servo_ticks):
            self.write_servo(index)
            pace(index)
        return state

    def begin_tick(self) -> RobotState:
        """Read, decide the targets of the tick, write the first of them."""
        started = time.perf_counter_ns()
        tick, time_ns = self.next_tick, self.next_time_ns
        position, velocity = self.robot.read()
        joints = JointState(tick, time_ns, np.array(position), np.array(velocity), self.last_target.copy())
        now = self._stages.record("read", started)
        if self.simulation is not None and self._episode_running:
            self._judge(self.simulation)
            now = self._stages.record("judge", now)
        doubt = self._measurements.look(joints.position, joints.target)
        if doubt is not None:
            self.protective_stop(doubt)
        self._plan_time.begin(tick)
        step = None
        if self.mode in STOPPED_MODES:
            rows = self.guard.brake()
        elif self._has_plan():
            self.mode = RobotMode.EXECUTING
            step = self._schedule.execute(self._plan_time.now, float(self._plan_time.ahead(1)[0]))
            if self.motion.shadow:
                rows = self.guard.brake()
            else:
                path, offset = self._current_path(self._schedule.consumed)
                now = self._stages.record("plan", now)
                rows = self._follow(
                    path.targets[offset], path.lower[offset], path.upper[offset], path.feasible[offset]
                )
            self._plan_time.advance()
            self._late_ticks = 0
        else:
            step, rows = self._run_out()
        self._last_step = step
        now = self._stages.record("guard", now)
        self._rows = rows
        self.robot.write(rows[0])
        now = self._stages.record("write", now)
        applied = rows[-1].copy()
        requested = applied if step is None else step.requested
        self.next_tick = tick + 1
        events, self._events = tuple(self._events), []
        self._stages.record_duration("tick", now - started)
        self.latest = RobotState(
            joints=joints,
            requested=requested,
            applied=applied,
            intended=applied if step is None else step.intended,
            mode=self.mode,
            plan_steps=self._schedule.steps_left(self._plan_time.now),
            chunk_id=0 if step is None else step.chunk_id,
            instruction=self.instruction,
            missed_deadlines=self.missed_deadlines,
            starvations=self.starvations,
            guard_counts=self.guard.counts,
            events=events,
            statistics=self._stages.report() if tick % self.embodiment.control_rate_hz == 0 else (),
            task=self._task,
            motion=self.motion,
            stop_reason=self.guard.stop_reason or "",
        )
        return self.latest

    def write_servo(self, index: int) -> None:
        """Write servo target `index` (1 .. servo_ticks - 1) of the tick that has begun."""
        started = time.perf_counter_ns()
        self.robot.write(self._rows[index])
        self._stages.record("write", started)

    def align(self) -> None:
        """Move the next tick to the next one that is not past; none counts as missed."""
        elapsed_ns = self.clock.now_ns() - self._origin_ns
        self.next_tick = max(self.next_tick, -(-elapsed_ns // self._period_ns))

    def skip_missed(self) -> int:
        """Real time, when a tick is due: skip and count those a full period late; returns how many."""
        lateness_ns = max(0, self.clock.now_ns() - self.next_time_ns)
        self._stages.record_duration("lateness", lateness_ns)
        missed = lateness_ns // self._period_ns
        if missed:
            self.next_tick += missed
            self.missed_deadlines += missed
            self.guard.motion.reset(self.last_target)  # nothing moved it on, so it has come to a stand
            self._path = None
            absent_ns = missed * self._period_ns
            if absent_ns > _LONGEST_ABSENCE_NS and self.mode is RobotMode.EXECUTING:
                self.hold()
                text = f"control was held up for {absent_ns * 1e-9:.2f} s, by driver or machine: holding"
                self._emit(EventKind.FAULT, text)
        return missed

    def fail(self, reason: str) -> RobotState:
        """The last state, which says why no tick follows; nothing more was applied."""
        self._emit(EventKind.FAULT, reason)
        self.protective_stop(reason)
        last = self.latest
        tick = max(self.next_tick, last.joints.tick + 1)
        self.latest = dataclasses.replace(
            last,
            joints=dataclasses.replace(
                last.joints, tick=tick, time_ns=self._origin_ns + tick * self._period_ns, target=last.applied
            ),
            requested=last.applied,
            intended=last.applied,
            mode=self.mode,
            plan_steps=0,
            chunk_id=0,
            events=tuple(self._events),
            statistics=(),
            stop_reason=self.guard.stop_reason or "",
        )
        return self.latest

    def _follow(
        self,
        targets: np.ndarray,
        lower: np.ndarray,
        upper: np.ndarray,
        feasible: np.ndarray | None = None,
    ) -> np.ndarray:
        """Past the guard; where it foresees a collision it brakes, and the robot stops protectively."""
        rows = self.guard.follow(targets, lower, upper, feasible)
        if self.guard.danger:
            self.protective_stop(self.guard.danger)
        return rows

    def _has_plan(self) -> bool:
        """Whether a step is in force in the tick that begins."""
        now = self._plan_time.now
        return self._schedule.is_in_force(now) or self._schedule.follow_up(
            now, self.last_target, self._period_ns
        )

    def _current_path(self, executed: int) -> tuple[ServoPath, int]:
        """The plan in force at servo rate, and the place in it of the tick that executes it.

        A changed plan is spliced to the last applied target; so is one whose speed changes.

        Args:
            executed: Ticks that have executed a plan, that one included.
        """
        changed = self._path_revision != self._schedule.revision or self._plan_time.is_changing
        if self._path is None or changed or executed >= self._path_end:
            steps = self._steps_ahead()
            self.guard.motion.splice()
            self._path = ServoPath(steps, self.servo_ticks, self.guard.motion)
            self._path_start, self._path_end = executed, executed + len(steps)
            self._path_revision = self._schedule.revision
        return self._path, executed - self._path_start

    def _steps_ahead(self) -> np.ndarray:
        """Where the plan is at the ends of the coming ticks, shape (ticks, action_dim)."""
        plan_time = self._plan_time
        left = self._schedule.steps_left(plan_time.now)
        times = plan_time.ahead(
            left if plan_time.speed == plan_time.wanted_speed == 1.0 else _MOST_TICKS_AHEAD
        )
        times = times[: max(1, self._schedule.ticks_until_end(times))]
        return self._schedule.positions_at(times)

    def _run_out(self) -> tuple[PlannedStep | None, np.ndarray]:
        """No step is in force: decelerate, then hold; a plan that ended by itself is reported once.

        A source of single steps may be late: so long its last step is pursued.
        """
        if self.mode is RobotMode.EXECUTING:
            step, dt_ns = self._last_step, self._period_ns
            if step is not None and (self._late_ticks + 1) * dt_ns <= self._schedule.late_tolerance_ns:
                self._late_ticks += 1
                target = step.requested
                return step, self._follow(np.tile(target, (self.servo_ticks, 1)), target, target)
            self.starvations += 1
            self._emit(EventKind.STARVED, "the plan ran out")
            self.mode = RobotMode.STOPPING
        rows = self.guard.brake()
        if self.mode is RobotMode.STOPPING and self.guard.motion.at_rest:
            self.mode = RobotMode.HOLDING
        return None, rows

    def _judge(self, simulation: SimulatedRobot) -> None:
        before, self._task = self._task, simulation.task_status()
        if self._task.success != (before is not None and before.success):
            text = "success" if self._task.success else "failure"
            self._emit(EventKind.OUTCOME, text, judge="simulation")

    def _idle_state(self) -> RobotState:
        target = self.last_target.copy()
        return RobotState(
            joints=self.observe_joints(),
            requested=target,
            applied=target,
            intended=target,
            mode=self.mode,
            plan_steps=0,
            chunk_id=0,
            instruction=self.instruction,
            missed_deadlines=self.missed_deadlines,
            starvations=self.starvations,
            guard_counts=self.guard.counts,
            task=self._task,
            motion=self.motion,
            stop_reason=self.guard.stop_reason or "",
        )
