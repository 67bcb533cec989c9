"""From chunk steps at control rate to targets at servo rate: a smooth path through every step.

Cubic Hermite segments: a plan of constant acceleration keeps it at servo rate, where straight lines
would concentrate the change of speed in one servo tick. Where a plan jumps, the path turns monotone
(Fritsch and Carlson 1980), so that smoothing never carries it past the step that it jumps to. Step k
is reached exactly at the last servo tick of its control period.
"""

from functools import cache

import numpy as np

from robotics.safety.compiled import compiled
from robotics.safety.motion import MotionLimiter


class ServoPath:
    """The plan from one control tick on, sampled at servo rate, with the hull of what is still to come."""

    def __init__(self, steps: np.ndarray, servo_ticks: int, limiter: MotionLimiter):
        """Interpolate.

        Args:
            steps: Positions at control rate, shape (n, action_dim), n >= 1.
            servo_ticks: Servo ticks in one control period.
            limiter: Gives the start (last applied target and its speed) and the limits.
        """
        lower, upper = limiter.limits.lower, limiter.limits.upper
        knots = np.empty((len(steps) + 1, steps.shape[1]))
        knots[0] = limiter.position
        np.clip(steps, lower, upper, out=knots[1:])
        max_bend = limiter.limits.max_change * servo_ticks**2
        first_slope = limiter.step * servo_ticks
        self.targets = _sample(knots, first_slope, max_bend, lower, upper, _basis(servo_ticks))
        """Shape (n, servo_ticks, action_dim)."""
        self.feasible, final = limiter.foresee(self.targets)
        """Joints that keep every limit from each control tick to the end, bool (n, action_dim)."""
        # Beyond its last step a plan goes on until it has braked; nobody has to slow down before.
        self.lower, self.upper = _hull(self.targets, final)
        """Least and greatest position from each control tick on, each of shape (n, action_dim)."""


@compiled
def _sample(
    knots: np.ndarray,
    first_slope: np.ndarray,
    max_bend: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    basis: np.ndarray,
) -> np.ndarray:
    """Positions between knots (n + 1, action_dim) and at the last n of them, (n, servo_ticks, action_dim).

    Args:
        first_slope: Slope at the first knot, per control period, shape (action_dim,).
        max_bend: Change of slope in one control period at the acceleration limit, shape (action_dim,).
        lower: Position limits, shape (action_dim,); `upper` likewise.
        basis: As `_basis` gives it.
    """
    count, dim = len(knots) - 1, knots.shape[1]
    samples = np.empty((count, len(basis), dim))
    for joint in range(dim):
        slope = first_slope[joint]
        for k in range(count):
            start, end = knots[k, joint], knots[k + 1, joint]
            next_slope = end - start
            if k + 1 < count:
                next_slope = _slope(end - start, knots[k + 2, joint] - end, max_bend[joint])
            for row in range(len(basis)):
                sample = basis[row, 0] * start + basis[row, 1] * end
                sample = sample + basis[row, 2] * slope + basis[row, 3] * next_slope
                samples[k, row, joint] = min(max(sample, lower[joint]), upper[joint])
            slope = next_slope
    return samples


@compiled
def _slope(before: float, after: float, max_bend: float) -> float:
    """Slope at the knot between two rises, all per control period."""
    slope = 0.5 * (before + after)
    if abs(after - before) <= max_bend * (1.0 + 1e-6):
        return slope
    if before * after <= 0.0:
        return 0.0
    steepest = 3.0 * min(abs(before), abs(after))
    return min(max(slope, -steepest), steepest)


@compiled
def _hull(targets: np.ndarray, final: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest position from each control tick to the end, and `final` (action_dim,) after it."""
    count, rows, dim = targets.shape
    lower, upper = np.empty((count, dim)), np.empty((count, dim))
    for joint in range(dim):
        least = greatest = final[joint]
        for k in range(count - 1, -1, -1):
            for row in range(rows):
                least = min(least, targets[k, row, joint])
                greatest = max(greatest, targets[k, row, joint])
            lower[k, joint], upper[k, joint] = least, greatest
    return lower, upper


@cache
def _basis(servo_ticks: int) -> np.ndarray:
    """Hermite basis at the servo ticks of one control period, the last of them at its end.

    Returns:
        Weights of start, end, slope at the start and slope at the end, shape (servo_ticks, 4).
    """
    t = np.arange(1, servo_ticks + 1) / servo_ticks
    return np.stack(
        ((1 + 2 * t) * (1 - t) ** 2, t * t * (3 - 2 * t), t * (1 - t) ** 2, t * t * (t - 1)), axis=1
    )
