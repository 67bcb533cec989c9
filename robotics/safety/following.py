"""One control tick of targets past the limits of motion, each joint on its own, always able to stop."""

from typing import NamedTuple

import numpy as np

from robotics.safety.braking import Stop, motion_in, plan_stop
from robotics.safety.catching_up import ACCELERATION, Asked, Moment, choose_change
from robotics.safety.compiled import compiled
from robotics.safety.motion_limits import MotionLimits, inside, is_allowed, of_joint
from robotics.safety.stop_check import can_stop

_ROUNDING = 1e-9
"""Steps [rad or opening a servo tick] that differ by less are the same."""
_BLENDS = (0.5, 0.2)
"""What is tried, between stopping and what was wanted, where the latter could not be stopped any more."""


class Motion(NamedTuple):
    """Where the joints stand in their motion, and how each of them stops; arrays that nobody changes."""

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


class _Joint(NamedTuple):
    """One joint's part of `Motion`."""

    now: Moment
    requested: float
    stop: Stop
    stop_base: float
    stop_age: float


class _Plan(NamedTuple):
    """One joint's part of `Course`, but for the targets; bounds within the position limits."""

    lower: float
    upper: float
    known: bool


@compiled
def stand_still(position: np.ndarray, limits: MotionLimits[np.ndarray]) -> Motion:
    """At rest at `position` (action_dim,)."""
    motion = _empty(len(position))
    for joint in range(len(position)):
        stop, _ = plan_stop(0.0, 0.0, limits.max_change[joint], limits.max_jerk[joint])
        now = Moment(position[joint], 0.0, 0.0)
        _write(motion, joint, _Joint(now, now.position, stop, now.position, 0.0))
    return motion


@compiled
def follow_course(
    motion: Motion, limits: MotionLimits[np.ndarray], course: Course
) -> tuple[np.ndarray, Motion, int]:
    """Applied targets (servo_ticks, action_dim), the motion after them, bits of the limits that bound."""
    applied, after, bits = np.empty_like(course.targets), _empty(len(motion.position)), 0
    for index in range(len(motion.position)):
        joint, own = _read(motion, index), of_joint(limits, index)
        lower, upper = max(course.lower[index], own.lower), min(course.upper[index], own.upper)
        plan = _Plan(lower, upper, course.known[index])
        rows = applied[:, index]
        rows[:] = course.targets[:, index]
        new, is_fine = _pass(joint, own, plan, rows)
        if not is_fine:
            new, bound, is_fine = _catch_up(joint, own, plan, course.targets[:, index], rows)
            if not is_fine:
                new, bound = _catch_up_carefully(joint, own, plan, course.targets[:, index], rows)
                bound |= ACCELERATION
            bits |= bound
        _write(after, index, new)
    return applied, after, bits


@compiled
def brake(motion: Motion, limits: MotionLimits[np.ndarray], ticks: int) -> tuple[np.ndarray, Motion]:
    """Targets (ticks, action_dim) along the stop of each joint, and the motion after them."""
    applied, after = np.empty((ticks, len(motion.position))), _empty(len(motion.position))
    for index in range(len(motion.position)):
        joint, own = _read(motion, index), of_joint(limits, index)
        now, age = joint.now, joint.stop_age
        is_moving = now.step != 0.0 or now.change != 0.0
        for row in range(ticks):
            if is_moving:
                age += 1.0
                travel, step, change = motion_in(joint.stop, age)
                now = Moment(inside(own, joint.stop_base + travel), step, change)
            applied[row, index] = now.position
        _write(after, index, _Joint(now, now.position, joint.stop, joint.stop_base, age))
    return applied, after


@compiled
def stop_positions(motion: Motion, limits: MotionLimits[np.ndarray], ticks: np.ndarray) -> np.ndarray:
    """Where the joints are after `ticks` (n,) servo ticks of braking from now on, shape (n, action_dim)."""
    positions = np.empty((len(ticks), len(motion.position)))
    for index in range(len(motion.position)):
        joint, own = _read(motion, index), of_joint(limits, index)
        for row in range(len(ticks)):
            travel, _, _ = motion_in(joint.stop, joint.stop_age + ticks[row])
            positions[row, index] = inside(own, joint.stop_base + travel)
    return positions


@compiled
def foresee(
    motion: Motion, limits: MotionLimits[np.ndarray], path: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """As `MotionLimiter.foresee`."""
    count, dim = len(path), path.shape[2]
    fine, final = np.empty((count, dim), np.bool_), np.empty(dim)
    for index in range(dim):
        now, own = _read(motion, index).now, of_joint(limits, index)
        for tick in range(count):
            now, fine[tick, index] = _keep_limits(now, own, path[tick, :, index])
        stop, is_fine = _plan_stop(now, own)
        fine[-1, index] &= is_fine
        for tick in range(count - 1, 0, -1):
            fine[tick - 1, index] &= fine[tick, index]
        final[index] = now.position + stop.travel
    return fine, final


@compiled
def _pass(
    joint: _Joint, limits: MotionLimits[float], plan: _Plan, targets: np.ndarray
) -> tuple[_Joint, bool]:
    """Where a joint is after all its targets (servo_ticks,), and whether they may be applied as they are."""
    now = joint.now
    if now.step == 0.0 and now.change == 0.0 and np.all(targets == now.position):
        return _Joint(now, now.position, joint.stop, joint.stop_base, joint.stop_age), True
    if joint.requested != now.position:
        return joint, False
    now, is_fine = _keep_limits(now, limits, targets)
    if not is_fine:
        return joint, False
    stop, is_fine = _plan_stop(now, limits)
    end = now.position + stop.travel
    is_fine = is_fine and (plan.known or plan.lower - 1e-12 <= end <= plan.upper + 1e-12)
    return _Joint(now, now.position, stop, now.position, 0.0), is_fine


@compiled
def _catch_up(
    joint: _Joint, limits: MotionLimits[float], plan: _Plan, targets: np.ndarray, applied: np.ndarray
) -> tuple[_Joint, int, bool]:
    """Follow row by row; commands take effect between control ticks, so a stop has to be known only there.

    Args:
        targets: Shape (servo_ticks,).
        applied: Is filled, same shape.

    Returns:
        The joint after that; bits of the limits that bound; whether there is a stop from the end,
        and all limits are kept.
    """
    now, requested, bits = joint.now, joint.requested, 0
    for row in range(len(targets)):
        now, bound = _choose(now, limits, plan, targets[row], requested)
        bits |= bound
        applied[row], requested = now.position, targets[row]
    written, keeps = _keep_limits(joint.now, limits, applied)  # as rounded positions have it
    if abs(written.step - now.step) > _ROUNDING or abs(written.change - now.change) > _ROUNDING:
        now = written  # a target was cut at a position limit: the next tick starts from what it became
    stop, is_fine = _plan_stop(now, limits)
    return _Joint(now, requested, stop, now.position, 0.0), bits, is_fine and keeps


@compiled
def _catch_up_carefully(
    joint: _Joint, limits: MotionLimits[float], plan: _Plan, targets: np.ndarray, applied: np.ndarray
) -> tuple[_Joint, int]:
    """As `_catch_up`, but every single row can be stopped from."""
    bits = 0
    for row in range(len(targets)):
        wanted, bound = _choose(joint.now, limits, plan, targets[row], joint.requested)
        bits |= bound
        joint = _go_on(joint, wanted, limits, targets[row])
        applied[row] = joint.now.position
    return joint, bits


@compiled
def _choose(
    now: Moment, limits: MotionLimits[float], plan: _Plan, target: float, requested: float
) -> tuple[Moment, int]:
    """Where to be in the next servo tick, whether or not there is a stop from there; bits of what bound."""
    on_plan = plan.known and requested == now.position
    asked = Asked(target, target - requested, plan.lower, plan.upper, on_plan)
    change, reaches, bits = choose_change(now, limits, asked)
    step = now.step + change
    # A stop may end a rounding error beyond a limit, a target never.
    return Moment(target if reaches else inside(limits, now.position + step), step, change), bits


@compiled
def _go_on(joint: _Joint, wanted: Moment, limits: MotionLimits[float], target: float) -> _Joint:
    """As wanted if a stop is possible from there, else between it and the stop that is known."""
    stop, is_fine = _plan_stop(wanted, limits)
    if is_fine and not _is_cut(joint.now, wanted):
        return _Joint(wanted, target, stop, wanted.position, 0.0)
    age = joint.stop_age + 1.0
    travel, old_step, old_change = motion_in(joint.stop, age)
    for blend in _BLENDS:
        change = blend * (wanted.change - old_change) + old_change
        step = joint.now.step + change
        now = Moment(inside(limits, joint.now.position + step), step, change)
        stop, is_fine = _plan_stop(now, limits)
        if is_fine and not _is_cut(joint.now, now):
            return _Joint(now, target, stop, now.position, 0.0)
    # On its old stop a joint keeps the stop's own step, so that it ends at rest exactly.
    now = Moment(inside(limits, joint.stop_base + travel), old_step, old_change)
    return _Joint(now, target, joint.stop, joint.stop_base, age)


@compiled
def _is_cut(before: Moment, now: Moment) -> bool:
    """Whether the position was cut at its limit, so that the step made is not the step meant."""
    return abs(now.position - before.position - now.step) > _ROUNDING


@compiled
def _plan_stop(now: Moment, limits: MotionLimits[float]) -> tuple[Stop, bool]:
    """The stop from here, and whether it keeps every limit."""
    stop, is_fine = plan_stop(now.step, now.change, limits.max_change, limits.max_jerk)
    return stop, is_fine and can_stop(stop, now.position, limits)


@compiled
def _keep_limits(now: Moment, limits: MotionLimits[float], positions: np.ndarray) -> tuple[Moment, bool]:
    """Where a joint is after `positions` (servo_ticks,), and whether each move keeps its limits."""
    is_fine = True
    for position in positions:
        step = position - now.position
        change = step - now.step
        is_fine = is_fine and is_allowed(limits, position, step, change, change - now.change)
        now = Moment(position, step, change)
    return now, is_fine


@compiled
def _empty(dim: int) -> Motion:
    """Room for the motion of so many joints."""
    table = np.empty((6, dim))
    stop = np.empty((dim, 13))
    return Motion(table[0], table[1], table[2], table[3], stop, table[4], table[5])


@compiled
def _read(motion: Motion, index: int) -> _Joint:
    now = Moment(motion.position[index], motion.step[index], motion.change[index])
    s = motion.stop[index]
    stop = Stop(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10], s[11], s[12])
    return _Joint(now, motion.requested[index], stop, motion.stop_base[index], motion.stop_age[index])


@compiled
def _write(motion: Motion, index: int, joint: _Joint) -> None:
    motion.position[index], motion.step[index] = joint.now.position, joint.now.step
    motion.change[index], motion.requested[index] = joint.now.change, joint.requested
    for field in range(len(joint.stop)):
        motion.stop[index, field] = joint.stop[field]
    motion.stop_base[index], motion.stop_age[index] = joint.stop_base, joint.stop_age
