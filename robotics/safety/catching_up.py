"""How a joint that cannot follow its plan exactly gets back onto it: the change of step for one servo tick.

Two stops are looked at for each of a handful of possible changes: one relative to the moving target,
which must not end beyond it, and one in the world, which must not end beyond what the plan still asks
for. The greatest change that keeps both is the fastest way back.
"""

from typing import NamedTuple

import numpy as np

from robotics.safety.braking import braking_speed, estimate_travel
from robotics.safety.compiled import compiled
from robotics.safety.motion_limits import MotionLimits, greatest_step, keeps_envelope, least_step
from robotics.safety.status import Intervention

_SHARES = np.linspace(0.0, 1.0, 7)
"""Changes that are looked at, from the least possible one to the greatest; between them is interpolated."""
_SOFT = 0.7
"""Share of the jerk limit with which a joint approaches its velocity limit: a stop in whole ticks is that
much slower than the limits, and must still be possible."""
VELOCITY, ACCELERATION, JERK = 1, 2, 4
"""Bits for the limits that bound."""


class Moment(NamedTuple):
    """Where one joint stands in its motion."""

    position: float
    step: float
    change: float


def interventions(bits: int) -> tuple[Intervention, ...]:
    """What the bits stand for, in the order of their names."""
    named = ((ACCELERATION, Intervention.ACCELERATION), (JERK, Intervention.JERK))
    return tuple(kind for bit, kind in (*named, (VELOCITY, Intervention.VELOCITY)) if bits & bit)


@compiled
def choose_change(
    now: Moment,
    limits: MotionLimits,
    joint: int,
    target: float,
    motion: float,
    lower: float,
    upper: float,
    on_plan: bool,
) -> tuple[float, bool, int]:
    """The change of step with which a joint follows `target`.

    Args:
        joint: Index of the joint.
        motion: The target's own move in this servo tick.
        lower: Where the joint must be able to stop, at the least.
        upper: And at the most.
        on_plan: It is on a plan that is known to keep all limits.

    Returns:
        Change; whether it reaches the target in this tick; bits of the limits that bound.
    """
    reach = target - now.position
    wanted = reach - now.step
    too_fast = abs(reach) > limits.step_slack[joint] or not keeps_envelope(limits, joint, target, reach)
    too_sudden = abs(wanted) > limits.change_slack[joint]
    too_jerky = abs(wanted - now.change) > limits.jerk_slack[joint]
    if not (too_fast or too_sudden or too_jerky):
        settles = on_plan or _settles(now, wanted, reach, motion, limits, joint, lower, upper)
        if settles:
            return wanted, True, 0
    bits = VELOCITY * too_fast + ACCELERATION * too_sudden
    if bits == 0:
        bits = JERK if too_jerky else ACCELERATION
    return _fastest_change(now, limits, joint, target, motion, lower, upper), False, bits


@compiled
def _settles(
    now: Moment,
    wanted: float,
    reach: float,
    motion: float,
    limits: MotionLimits,
    joint: int,
    lower: float,
    upper: float,
) -> bool:
    """Whether reaching the target is of use: its motion can be taken up in the two ticks that follow."""
    max_change, max_jerk = limits.max_change[joint], limits.max_jerk[joint]
    rest = motion - reach
    if abs(rest - wanted) > max_jerk or abs(rest) > min(max_jerk, max_change):
        return False
    arrived = now.step + wanted
    end = now.position + arrived + estimate_travel(arrived, wanted, max_change, max_jerk)
    return lower - 1e-12 <= end <= upper + 1e-12


@compiled
def _fastest_change(
    now: Moment,
    limits: MotionLimits,
    joint: int,
    target: float,
    motion: float,
    lower: float,
    upper: float,
) -> float:
    """The greatest change that neither overshoots the target nor leads out of what the plan asks for."""
    least, greatest = _possible(now, limits, joint)
    max_change, max_jerk = limits.max_change[joint], limits.max_jerk[joint]
    grid = np.empty(len(_SHARES))
    excess = np.empty((3, len(_SHARES)))
    for i in range(len(_SHARES)):
        grid[i] = _SHARES[i] * (greatest - least) + least
        moved = now.step + grid[i]
        ahead = now.position + moved
        end = ahead + estimate_travel(moved, grid[i], max_change, max_jerk)
        excess[0, i] = ahead + estimate_travel(moved - motion, grid[i], max_change, max_jerk) - target
        excess[1, i] = end - upper
        excess[2, i] = end - lower
    caught, highest, lowest = _root(grid, excess[0]), _root(grid, excess[1]), _root(grid, excess[2])
    return min(max(caught, lowest), highest)


@compiled
def _possible(now: Moment, limits: MotionLimits, joint: int) -> tuple[float, float]:
    """Least and greatest change of this tick by jerk, acceleration and velocity limits."""
    max_step, max_change, max_jerk = limits.max_step[joint], limits.max_change[joint], limits.max_jerk[joint]
    floor = max(now.change - max_jerk, -max_change)
    ceiling = min(now.change + max_jerk, max_change)
    unit = _SOFT * max_jerk
    ahead = now.position + now.step
    rise = unit * braking_speed(max(max_step - now.step, 0.0) / unit)
    rise = min(rise, greatest_step(limits, joint, ahead) - now.step)
    fall = unit * braking_speed(max(max_step + now.step, 0.0) / unit)
    fall = min(fall, now.step - least_step(limits, joint, ahead))
    greatest = max(min(ceiling, rise), floor)
    least = min(max(floor, -fall), ceiling)
    return min(least, greatest), greatest


@compiled
def _root(grid: np.ndarray, values: np.ndarray) -> float:
    """Where rising `values` (n,) over `grid` (n,) pass zero; else an end of it."""
    count = 0
    for value in values:
        count += value <= 0.0
    right = min(max(count, 1), len(grid) - 1)
    low, high = values[right - 1], values[right] - values[right - 1]
    share = min(max(-low / (high if high > 0.0 else 1.0), 0.0), 1.0)
    return grid[right - 1] + share * (grid[right] - grid[right - 1])
