"""What one joint may do in one servo tick: position, step, change of step, and change of that."""

from typing import Generic, NamedTuple, TypeVar

import numpy as np

from robotics.embodiment import Embodiment
from robotics.safety.compiled import compiled

# Relative slack: a plan exactly at its limits must not be altered because of rounding.
_SLACK = 1e-6

_Values = TypeVar("_Values", np.ndarray, float)


class MotionLimits(NamedTuple, Generic[_Values]):
    """The limits in units of a servo tick: of a robot, each of shape (action_dim,), or of one joint."""

    lower: _Values
    """Least position."""
    upper: _Values
    """Greatest position."""
    max_step: _Values
    """Greatest move a servo tick."""
    max_change: _Values
    """Greatest change of the move from one servo tick to the next."""
    max_jerk: _Values
    """Greatest change of that change."""
    step_slack: _Values
    """The same three with the slack of rounding."""
    change_slack: _Values
    jerk_slack: _Values
    end_lower: _Values
    """Ends from which a velocity limit that depends on the position is counted."""
    end_upper: _Values
    envelope_offset: _Values
    """Minus infinity leaves a joint its greatest step everywhere."""
    envelope_double: _Values
    """Twice the deceleration of that limit."""


def motion_limits(embodiment: Embodiment, servo_rate_hz: int) -> MotionLimits[np.ndarray]:
    """The limits of `embodiment` at a servo rate."""
    period_s = 1.0 / servo_rate_hz
    max_step = embodiment.velocity_limit * period_s
    max_change = embodiment.acceleration_limit * period_s**2
    max_jerk = embodiment.jerk_limit * period_s**3
    offset, deceleration = embodiment.velocity_offset, embodiment.velocity_deceleration
    depends = np.isfinite(deceleration)
    # Nearer to its limit than this the envelope lets a joint only stand.
    dead_zone = np.where(depends, offset**2 / (2.0 * deceleration), 0.0)
    return MotionLimits(
        lower=embodiment.position_lower + dead_zone,
        upper=embodiment.position_upper - dead_zone,
        max_step=max_step,
        max_change=max_change,
        max_jerk=max_jerk,
        step_slack=max_step * (1.0 + _SLACK),
        change_slack=max_change * (1.0 + _SLACK),
        # Rounding of positions is of another order than rounding of a small jerk limit at a high rate.
        jerk_slack=max_jerk * (1.0 + _SLACK) + 1e-14,
        end_lower=embodiment.position_lower.copy(),
        end_upper=embodiment.position_upper.copy(),
        envelope_offset=np.where(depends, offset * period_s, -np.inf),
        envelope_double=np.where(depends, 2.0 * deceleration * period_s**2, 0.0),
    )


@compiled
def of_joint(limits: MotionLimits[np.ndarray], joint: int) -> MotionLimits[float]:
    """The limits of one joint."""
    return MotionLimits(
        limits.lower[joint],
        limits.upper[joint],
        limits.max_step[joint],
        limits.max_change[joint],
        limits.max_jerk[joint],
        limits.step_slack[joint],
        limits.change_slack[joint],
        limits.jerk_slack[joint],
        limits.end_lower[joint],
        limits.end_upper[joint],
        limits.envelope_offset[joint],
        limits.envelope_double[joint],
    )


@compiled
def inside(limits: MotionLimits[float], position: float) -> float:
    """The position, clamped to its limits."""
    return min(max(position, limits.lower), limits.upper)


@compiled
def greatest_step(limits: MotionLimits[float], position: float) -> float:
    """Upper limit >= 0 of the step that arrives at `position`."""
    return _envelope(limits, limits.end_upper - position)


@compiled
def least_step(limits: MotionLimits[float], position: float) -> float:
    """Lower limit <= 0 of the step that arrives at `position`."""
    return -_envelope(limits, position - limits.end_lower)


@compiled
def _envelope(limits: MotionLimits[float], room: float) -> float:
    allowed = np.sqrt(max(room, 0.0) * limits.envelope_double) - limits.envelope_offset
    return min(max(allowed, 0.0), limits.max_step)


@compiled
def keeps_envelope(limits: MotionLimits[float], target: float, step: float) -> bool:
    """Whether a step is within the velocity limits at the position `target` that it arrives at."""
    slack = 1.0 + _SLACK
    if step > greatest_step(limits, target) * slack + 1e-12:
        return False
    return step >= least_step(limits, target) * slack - 1e-12


@compiled
def is_allowed(limits: MotionLimits[float], target: float, step: float, change: float, jerk: float) -> bool:
    """Whether a move is within every limit but the position's."""
    if abs(step) > limits.step_slack or abs(change) > limits.change_slack or abs(jerk) > limits.jerk_slack:
        return False
    return keeps_envelope(limits, target, step)
