"""How a joint that cannot follow its plan exactly gets back onto it: the change of step for one servo tick.

Two stops are looked at for each of a handful of possible changes: one relative to the moving target,
which must not end beyond it, and one in the world, which must not end beyond what the plan still asks
for. The greatest change that keeps both is the fastest way back.
"""

from typing import Protocol

import numpy as np

from robotics.safety.braking import Stop, braking_speed
from robotics.safety.motion_limits import MotionLimits
from robotics.safety.status import Intervention

_SHARES = np.linspace(0.0, 1.0, 7)[:, None]
"""Changes that are looked at, from the least possible one to the greatest; between them is interpolated."""
_SOFT = 0.7
"""Share of the jerk limit with which a joint approaches its velocity limit: a stop in whole ticks is that
much slower than the limits, and must still be possible."""


class Motion(Protocol):
    """Where a joint stands in its motion, all of shape (action_dim,)."""

    limits: MotionLimits
    position: np.ndarray
    step: np.ndarray
    change: np.ndarray


def choose_change(
    now: Motion,
    target: np.ndarray,
    motion: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    on_plan: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, set[Intervention]]:
    """The change of step with which to follow `target`.

    Args:
        target: Shape (action_dim,), as all that follow.
        motion: The target's own move in this servo tick.
        lower: Where the joint must be able to stop, at the least.
        upper: And at the most.
        on_plan: Joints on a plan that is known to keep all limits.

    Returns:
        Change (action_dim,); joints that reach the target in this tick, bool (action_dim,); the
        limits that bound.
    """
    limits = now.limits
    least, greatest = _possible(now)
    reach = target - now.position
    wanted = reach - now.step
    count, dim = len(_SHARES) + 1, len(target)
    grid = np.empty((count, dim))
    np.multiply(_SHARES, greatest - least, out=grid[:-1])
    grid[:-1] += least
    grid[-1] = wanted
    both = np.empty((2, count, dim))
    steps = np.add(now.step, grid, out=both[1])
    np.subtract(steps, motion, out=both[0])
    stops = Stop(both, grid, limits.max_change, limits.max_jerk, estimate=True)
    ends = now.position + steps + stops.travel  # (2, count, action_dim): relative to the target, in the world
    excess = np.empty((3, count, dim))
    np.subtract(ends[0], target, out=excess[0])
    np.subtract(ends[1], upper, out=excess[1])
    np.subtract(ends[1], lower, out=excess[2])
    caught, highest, lowest = _roots(grid[:-1], excess[:, :-1])
    chosen = np.minimum(np.maximum(caught, lowest), highest)
    too_fast = np.abs(reach) > limits.step_slack
    if limits.has_envelope:
        too_fast |= ~limits.keeps_envelope(target, reach)
    too_sudden = np.abs(wanted) > limits.change_slack
    too_jerky = np.abs(wanted - now.change) > limits.jerk_slack
    # Reaching the target is of use if its motion can be taken up in the two ticks that follow.
    rest = motion - reach
    settles = np.abs(rest - wanted) <= limits.max_jerk
    settles &= np.abs(rest) <= np.minimum(limits.max_jerk, limits.max_change)
    settles &= (excess[1, -1] <= 1e-12) & (excess[2, -1] >= -1e-12)
    direct = (on_plan | settles) & ~(too_fast | too_sudden | too_jerky)
    np.copyto(chosen, wanted, where=direct)
    return chosen, direct, _what_bound(direct, too_fast, too_sudden, too_jerky)


def _what_bound(
    direct: np.ndarray, too_fast: np.ndarray, too_sudden: np.ndarray, too_jerky: np.ndarray
) -> set[Intervention]:
    """Which limits kept joints from their targets; a joint that is none of the four had to brake."""
    bound = set()
    held = np.count_nonzero(direct) < len(direct)
    if held and np.count_nonzero(too_fast):
        bound.add(Intervention.VELOCITY)
    rest_of_them = ~(direct | too_sudden | too_fast)
    jerky = rest_of_them & too_jerky
    if np.count_nonzero(jerky):
        bound.add(Intervention.JERK)
    if np.count_nonzero(too_sudden) or np.count_nonzero(rest_of_them) > np.count_nonzero(jerky):
        bound.add(Intervention.ACCELERATION)
    return bound


def _possible(now: Motion) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest change of this tick by jerk, acceleration and velocity limits."""
    limits = now.limits
    floor = np.maximum(now.change - limits.max_jerk, -limits.max_change)
    ceiling = np.minimum(now.change + limits.max_jerk, limits.max_change)
    unit = _SOFT * limits.max_jerk
    room = np.array([limits.max_step - now.step, limits.max_step + now.step])
    np.maximum(room, 0.0, out=room)
    room /= unit
    rise, fall = unit * braking_speed(room)
    if limits.has_envelope:
        ahead = now.position + now.step
        rise = np.minimum(rise, limits.greatest_step(ahead) - now.step)
        fall = np.minimum(fall, now.step - limits.least_step(ahead))
    greatest = np.maximum(np.minimum(ceiling, rise), floor)
    least = np.minimum(np.maximum(floor, -fall), ceiling)
    return np.minimum(least, greatest), greatest


def _roots(grid: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Where rising `values` (k, n, action_dim) over `grid` (n, action_dim) pass zero; else an end of it."""
    count = (values <= 0.0).sum(axis=1)  # (k, action_dim)
    right = np.minimum(np.maximum(count, 1), len(grid) - 1)
    left = right - 1
    which, joint = np.arange(len(values))[:, None], np.arange(values.shape[2])
    low, high = values[which, left, joint], values[which, right, joint]
    at_low, at_high = grid[left, joint], grid[right, joint]
    high -= low
    np.copyto(high, 1.0, where=high <= 0.0)
    share = np.minimum(np.maximum(-low / high, 0.0), 1.0)
    return at_low + share * (at_high - at_low)
