"""One control tick of targets past the limits of motion, each joint on its own, always able to stop."""

from typing import NamedTuple

import numpy as np

from robotics.safety.braking import Stop, motion_in, plan_stop
from robotics.safety.catching_up import ACCELERATION, Moment, choose_change
from robotics.safety.compiled import compiled
from robotics.safety.motion_limits import MotionLimits, is_allowed
from robotics.safety.stop_check import can_stop

_BLENDS = (0.5, 0.2)
"""What is tried, between stopping and what was wanted, where the latter could not be stopped any more."""


class Motion(NamedTuple):
    """Where the joints stand in their motion, and how each of them stops; never changed, but for a new one."""

    position: np.ndarray
    """Last applied target, shape (action_dim,), as all but `stop`."""
    step: np.ndarray
    """Move of the last servo tick."""
    change: np.ndarray
    """Difference of the last two steps."""
    requested: np.ndarray
    """What was asked for in the last servo tick; equal to `position` for a joint that is on its plan."""
    stop: np.ndarray
    """The fields of each joint's `Stop`, shape (action_dim, 13)."""
    stop_base: np.ndarray
    """Where that stop starts."""
    stop_age: np.ndarray
    """Servo ticks since it started."""


class Course(NamedTuple):
    """What is asked for in one control tick."""

    targets: np.ndarray
    """Shape (servo_ticks, action_dim)."""
    lower: np.ndarray
    """Least position that the plan asks for from now on, shape (action_dim,), as all that follow."""
    upper: np.ndarray
    """Greatest one."""
    known: np.ndarray
    """Bool: joints whose plan is known to keep every limit to its end."""
    least: np.ndarray
    """Position limits in force."""
    greatest: np.ndarray


@compiled
def stand_still(position: np.ndarray, limits: MotionLimits) -> Motion:
    """At rest at `position` (action_dim,)."""
    motion = _empty(position)
    for joint in range(len(position)):
        stop, _ = plan_stop(0.0, 0.0, limits.max_change[joint], limits.max_jerk[joint])
        _write(motion, joint, Moment(position[joint], 0.0, 0.0), position[joint], stop, position[joint], 0.0)
    return motion


@compiled
def follow_course(motion: Motion, limits: MotionLimits, course: Course) -> tuple[np.ndarray, Motion, int]:
    """Applied targets (servo_ticks, action_dim), the motion after them, bits of the limits that bound."""
    applied, after, bits = np.empty_like(course.targets), _empty(motion.position), 0
    for joint in range(len(motion.position)):
        now = Moment(motion.position[joint], motion.step[joint], motion.change[joint])
        asked, rows = course.targets[:, joint], applied[:, joint]
        if now.step == 0.0 and now.change == 0.0 and np.all(asked == now.position):
            rows[:] = asked
            stop = _stop_of(motion, joint)
            _write(after, joint, now, now.position, stop, motion.stop_base[joint], motion.stop_age[joint])
        elif motion.requested[joint] == now.position and _pass(now, limits, course, joint, after):
            rows[:] = asked
        else:
            bound, is_fine = _catch_up(motion, now, limits, course, joint, rows, after)
            if not is_fine:
                bound = ACCELERATION | _catch_up_carefully(motion, now, limits, course, joint, rows, after)
            bits |= bound
    return applied, after, bits


@compiled
def brake(motion: Motion, least: np.ndarray, greatest: np.ndarray, ticks: int) -> tuple[np.ndarray, Motion]:
    """Targets (ticks, action_dim) along the stop of each joint, and the motion after them."""
    applied, after = np.empty((ticks, len(motion.position))), _empty(motion.position)
    for joint in range(len(motion.position)):
        now, stop = Moment(motion.position[joint], motion.step[joint], motion.change[joint]), _stop_of(motion, joint)
        base, age = motion.stop_base[joint], motion.stop_age[joint]
        for row in range(ticks):
            if now.step != 0.0 or now.change != 0.0:
                age += 1.0
                travel, step, change = motion_in(stop, age)
                now = Moment(_inside(base + travel, least[joint], greatest[joint]), step, change)
            applied[row, joint] = now.position
        _write(after, joint, now, now.position, stop, base, age)
    return applied, after


@compiled
def stop_positions(motion: Motion, least: np.ndarray, greatest: np.ndarray, ticks: np.ndarray) -> np.ndarray:
    """Where the joints are after `ticks` (n,) servo ticks of braking from now on, shape (n, action_dim)."""
    positions = np.empty((len(ticks), len(motion.position)))
    for joint in range(len(motion.position)):
        stop = _stop_of(motion, joint)
        for row in range(len(ticks)):
            travel, _, _ = motion_in(stop, motion.stop_age[joint] + ticks[row])
            position = motion.stop_base[joint] + travel
            positions[row, joint] = _inside(position, least[joint], greatest[joint])
    return positions


@compiled
def foresee(
    motion: Motion, limits: MotionLimits, path: np.ndarray, least: np.ndarray, greatest: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """As `MotionLimiter.foresee`."""
    count, rows, dim = path.shape
    fine, final = np.empty((count, dim), np.bool_), np.empty(dim)
    for joint in range(dim):
        now = Moment(motion.position[joint], motion.step[joint], motion.change[joint])
        for tick in range(count):
            fine[tick, joint] = True
            for row in range(rows):
                before, now = now, _move(now, path[tick, row, joint])
                if not is_allowed(limits, joint, now.position, now.step, now.change, now.change - before.change):
                    fine[tick, joint] = False
        stop, keeps = plan_stop(now.step, now.change, limits.max_change[joint], limits.max_jerk[joint])
        fits = keeps and can_stop(stop, now.position, limits, joint, least[joint], greatest[joint])
        fine[-1, joint] &= fits
        for tick in range(count - 1, 0, -1):
            fine[tick - 1, joint] &= fine[tick, joint]
        final[joint] = now.position + stop.travel
    return fine, final


@compiled
def _pass(now: Moment, limits: MotionLimits, course: Course, joint: int, after: Motion) -> bool:
    """Whether all targets of a joint may be applied as they are; if so, `after` them."""
    for row in range(len(course.targets)):
        before, now = now, _move(now, course.targets[row, joint])
        if not is_allowed(limits, joint, now.position, now.step, now.change, now.change - before.change):
            return False
    stop, keeps = plan_stop(now.step, now.change, limits.max_change[joint], limits.max_jerk[joint])
    end = now.position + stop.travel
    if not course.known[joint] and not course.lower[joint] - 1e-12 <= end <= course.upper[joint] + 1e-12:
        return False
    if not keeps or not can_stop(stop, now.position, limits, joint, course.least[joint], course.greatest[joint]):
        return False
    _write(after, joint, now, now.position, stop, now.position, 0.0)
    return True


@compiled
def _catch_up(
    motion: Motion,
    now: Moment,
    limits: MotionLimits,
    course: Course,
    joint: int,
    applied: np.ndarray,
    after: Motion,
) -> tuple[int, bool]:
    """Follow row by row; commands take effect between control ticks, so a stop has to be known only there.

    Returns:
        Bits of the limits that bound; whether there is a stop from the end, and all limits are kept.
    """
    requested, bits, is_fine = motion.requested[joint], 0, True
    real = now  # as rounded positions have it
    for row in range(len(applied)):
        target = course.targets[row, joint]
        now, bound = _choose(now, limits, course, joint, target, requested)
        bits |= bound
        before, real = real, _move(real, now.position)
        jerk = real.change - before.change
        is_fine = is_fine and is_allowed(limits, joint, real.position, real.step, real.change, jerk)
        applied[row] = now.position
        requested = target
    stop, keeps = plan_stop(now.step, now.change, limits.max_change[joint], limits.max_jerk[joint])
    is_fine = is_fine and keeps
    is_fine = is_fine and can_stop(stop, now.position, limits, joint, course.least[joint], course.greatest[joint])
    _write(after, joint, now, requested, stop, now.position, 0.0)
    return bits, is_fine


@compiled
def _catch_up_carefully(
    motion: Motion,
    now: Moment,
    limits: MotionLimits,
    course: Course,
    joint: int,
    applied: np.ndarray,
    after: Motion,
) -> int:
    """As `_catch_up`, but every single row can be stopped from; bits of the limits that bound."""
    requested, bits = motion.requested[joint], 0
    stop, base, age = _stop_of(motion, joint), motion.stop_base[joint], motion.stop_age[joint]
    for row in range(len(applied)):
        target = course.targets[row, joint]
        wanted, bound = _choose(now, limits, course, joint, target, requested)
        bits |= bound
        now, stop, base, age = _go_on(now, wanted, stop, base, age, limits, course, joint)
        applied[row] = now.position
        requested = target
    _write(after, joint, now, requested, stop, base, age)
    return bits


@compiled
def _choose(
    now: Moment, limits: MotionLimits, course: Course, joint: int, target: float, requested: float
) -> tuple[Moment, int]:
    """Where to be in the next servo tick, whether or not there is a stop from there; bits of what bound."""
    on_plan = course.known[joint] and requested == now.position
    lower = max(course.lower[joint], course.least[joint])
    upper = min(course.upper[joint], course.greatest[joint])
    change, is_direct, bits = choose_change(
        now, limits, joint, target, target - requested, lower, upper, on_plan
    )
    step = now.step + change
    # A stop may end a rounding error beyond a limit, a target never.
    position = _inside(now.position + step, course.least[joint], course.greatest[joint])
    return Moment(target if is_direct else position, step, change), bits


@compiled
def _go_on(
    now: Moment,
    wanted: Moment,
    stop: Stop,
    base: float,
    age: float,
    limits: MotionLimits,
    course: Course,
    joint: int,
) -> tuple[Moment, Stop, float, float]:
    """As wanted if a stop is possible from there, else between it and the stop that is known.

    Returns:
        Where the joint is then; its stop, where that starts, and its age.
    """
    least, greatest = course.least[joint], course.greatest[joint]
    max_change, max_jerk = limits.max_change[joint], limits.max_jerk[joint]
    travel, old_step, old_change = motion_in(stop, age + 1.0)
    new, keeps = plan_stop(wanted.step, wanted.change, max_change, max_jerk)
    if keeps and can_stop(new, wanted.position, limits, joint, least, greatest):
        return wanted, new, wanted.position, 0.0
    for blend in _BLENDS:
        change = blend * (wanted.change - old_change) + old_change
        step = now.step + change
        position = _inside(now.position + step, least, greatest)
        new, keeps = plan_stop(step, change, max_change, max_jerk)
        if keeps and can_stop(new, position, limits, joint, least, greatest):
            return Moment(position, step, change), new, position, 0.0
    # On its old stop a joint keeps the stop's own step, so that it ends at rest exactly.
    return Moment(_inside(base + travel, least, greatest), old_step, old_change), stop, base, age + 1.0


@compiled
def _move(now: Moment, position: float) -> Moment:
    """After a move to `position` in one servo tick."""
    step = position - now.position
    return Moment(position, step, step - now.step)


@compiled
def _inside(position: float, least: float, greatest: float) -> float:
    return min(max(position, least), greatest)


@compiled
def _empty(like: np.ndarray) -> Motion:
    """Room for a motion."""
    n = len(like)
    return Motion(
        np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty((n, 13)), np.empty(n), np.empty(n)
    )


@compiled
def _write(
    motion: Motion, joint: int, now: Moment, requested: float, stop: Stop, base: float, age: float
) -> None:
    """Fill in what belongs to one joint."""
    motion.position[joint], motion.step[joint], motion.change[joint] = now.position, now.step, now.change
    motion.requested[joint] = requested
    for index in range(len(stop)):
        motion.stop[joint, index] = stop[index]
    motion.stop_base[joint], motion.stop_age[joint] = base, age


@compiled
def _stop_of(motion: Motion, joint: int) -> Stop:
    row = motion.stop[joint]
    return Stop(
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[10], row[11], row[12]
    )
