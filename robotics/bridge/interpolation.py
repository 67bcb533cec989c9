"""From chunk steps at control rate to targets at servo rate: a smooth path through every step.

Cubic Hermite segments: a plan of constant acceleration keeps it at servo rate, where straight lines
would concentrate the change of speed in one servo tick. Where a plan jumps, the path turns monotone
(Fritsch and Carlson 1980), so that smoothing never carries it past the step that it jumps to. Step k
is reached exactly at the last servo tick of its control period.
"""

from functools import cache

import numpy as np

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
        lower, upper = limiter.lower, limiter.upper
        knots = np.empty((len(steps) + 1, steps.shape[1]))
        knots[0] = limiter.position
        np.clip(steps, lower, upper, out=knots[1:])
        slopes = _slopes(knots, limiter.step * servo_ticks, limiter.limits.max_change * servo_ticks**2)
        start, end, start_slope, end_slope = _basis(servo_ticks)  # each (servo_ticks, 1)
        samples = start * knots[:-1, None]
        samples += end * knots[1:, None]
        samples += start_slope * slopes[:-1, None]
        samples += end_slope * slopes[1:, None]
        np.clip(samples, lower, upper, out=samples)
        self.targets = samples
        """Shape (n, servo_ticks, action_dim)."""
        self.feasible, final = limiter.foresee(samples)
        """Joints that keep every limit from each control tick to the end, bool (n, action_dim)."""
        # Beyond its last step a plan goes on until it has braked; nobody has to slow down before.
        highest, lowest = samples.max(axis=1), samples.min(axis=1)  # (n, action_dim)
        np.maximum(highest[-1], final, out=highest[-1])
        np.minimum(lowest[-1], final, out=lowest[-1])
        self.upper = np.maximum.accumulate(highest[::-1], axis=0)[::-1]
        """Greatest position from each control tick on, shape (n, action_dim)."""
        self.lower = np.minimum.accumulate(lowest[::-1], axis=0)[::-1]
        """Least position from each control tick on, shape (n, action_dim)."""


def _slopes(knots: np.ndarray, first: np.ndarray, max_bend: np.ndarray) -> np.ndarray:
    """Slope at each knot, per control period.

    Args:
        knots: Shape (n + 1, action_dim).
        first: Slope at the first knot, shape (action_dim,).
        max_bend: Change of slope in one control period at the acceleration limit, shape (action_dim,).
    """
    rises = knots[1:] - knots[:-1]  # (n, action_dim)
    slopes = np.empty_like(knots)
    slopes[0] = first
    slopes[-1] = rises[-1]
    before, after, central = rises[:-1], rises[1:], slopes[1:-1]
    np.add(before, after, out=central)
    central *= 0.5
    jumps = np.abs(after - before) > max_bend * (1.0 + 1e-6)
    if jumps.any():
        steepest = 3.0 * np.minimum(np.abs(before), np.abs(after))
        steepest[before * after <= 0.0] = 0.0
        np.copyto(central, np.clip(central, -steepest, steepest), where=jumps)
    return slopes


@cache
def _basis(servo_ticks: int) -> tuple[np.ndarray, ...]:
    """Hermite basis at the servo ticks of one control period, the last of them at its end."""
    t = (np.arange(1, servo_ticks + 1) / servo_ticks)[:, None]
    return (1 + 2 * t) * (1 - t) ** 2, t * t * (3 - 2 * t), t * (1 - t) ** 2, t * t * (t - 1)
