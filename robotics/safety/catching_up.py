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
    """Move of the last servo tick."""
    change: float
    """Difference of the last two steps."""


class Asked(NamedTuple):
    """What is asked of one joint in one servo tick."""

    target: float
    motion: float
    """The target's own move in this servo tick."""
    lower: float
    """Where the joint must be able to stop, at the least."""
    upper: float
    """And at the most."""
    on_plan: bool
    """It is on a plan that is known to keep all limits."""


def interventions(bits: int) -> tuple[Intervention, ...]:
    """What the bits stand for, in the order of their names."""
    kinds = (
        (ACCELERATION, Intervention.ACCELERATION),
        (JERK, Intervention.JERK),
        (VELOCITY, Intervention.VELOCITY),
    )
    return tuple(kind for bit, kind in kinds if bits & bit)


@compiled
def choose_change(now: Moment, limits: MotionLimits[float], asked: Asked) -> tuple[float, bool, int]:
    """The change of step with which a joint follows its target.

    Returns:
        Change; whether it reaches the target in this tick; bits of the limits that bound.
    """
    reach = asked.target - now.position
    wanted = reach - now.step
    too_fast = abs(reach) > limits.step_slack or not keeps_envelope(limits, asked.target, reach)
    too_sudden = abs(wanted) > limits.change_slack
    too_jerky = abs(wanted - now.change) > limits.jerk_slack
    if too_fast or too_sudden:
        bits = VELOCITY * too_fast + ACCELERATION * too_sudden
    elif too_jerky:
        bits = JERK
    elif asked.on_plan or _settles(now, limits, asked):
        return wanted, True, 0
    else:
        bits = ACCELERATION  # it has to brake
    return _fastest_change(now, limits, asked), False, bits


@compiled
def _settles(now: Moment, limits: MotionLimits[float], asked: Asked) -> bool:
    """Whether reaching the target is of use: its motion can be taken up in the two ticks that follow."""
    reach = asked.target - now.position
    wanted, rest = reach - now.step, asked.motion - reach
    if abs(rest - wanted) > limits.max_jerk or abs(rest) > min(limits.max_jerk, limits.max_change):
        return False
    step = now.step + wanted
    end = now.position + step + estimate_travel(step, wanted, limits.max_change, limits.max_jerk)
    return asked.lower - 1e-12 <= end <= asked.upper + 1e-12


@compiled
def _fastest_change(now: Moment, limits: MotionLimits[float], asked: Asked) -> float:
    """The greatest change that neither overshoots the target nor leads out of what the plan asks for."""
    least, greatest = _possible(now, limits)
    grid = np.empty(len(_SHARES))
    excess = np.empty((3, len(_SHARES)))
    for i in range(len(_SHARES)):
        change = _SHARES[i] * (greatest - least) + least
        step = now.step + change
        position = now.position + step
        closing = estimate_travel(step - asked.motion, change, limits.max_change, limits.max_jerk)
        end = position + estimate_travel(step, change, limits.max_change, limits.max_jerk)
        grid[i] = change
        excess[0, i] = position + closing - asked.target
        excess[1, i] = end - asked.upper
        excess[2, i] = end - asked.lower
    caught, highest, lowest = _root(grid, excess[0]), _root(grid, excess[1]), _root(grid, excess[2])
    return min(max(caught, lowest), highest)


@compiled
def _possible(now: Moment, limits: MotionLimits[float]) -> tuple[float, float]:
    """Least and greatest change of this tick by jerk, acceleration and velocity limits."""
    floor = max(now.change - limits.max_jerk, -limits.max_change)
    ceiling = min(now.change + limits.max_jerk, limits.max_change)
    unit = _SOFT * limits.max_jerk
    ahead = now.position + now.step
    rise = unit * braking_speed(max(limits.max_step - now.step, 0.0) / unit)
    rise = min(rise, greatest_step(limits, ahead) - now.step)
    fall = unit * braking_speed(max(limits.max_step + now.step, 0.0) / unit)
    fall = min(fall, now.step - least_step(limits, ahead))
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
