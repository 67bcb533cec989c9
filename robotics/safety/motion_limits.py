"""What one joint may do in one servo tick: position, step, change of step, and change of that."""

from typing import NamedTuple

import numpy as np

from robotics.embodiment import Embodiment
from robotics.safety.compiled import compiled

# Relative slack: a plan exactly at its limits must not be altered because of rounding.
_SLACK = 1e-6


class MotionLimits(NamedTuple):
    """The limits of an embodiment in units of a servo tick, each shape (action_dim,)."""

    max_step: np.ndarray
    """Greatest move a servo tick."""
    max_change: np.ndarray
    """Greatest change of the move from one servo tick to the next."""
    max_jerk: np.ndarray
    """Greatest change of that change."""
    step_slack: np.ndarray
    """The same three with the slack of rounding."""
    change_slack: np.ndarray
    jerk_slack: np.ndarray
    lower: np.ndarray
    """Least position."""
    upper: np.ndarray
    """Greatest position."""
    end_lower: np.ndarray
    """Ends from which a velocity limit that depends on the position is counted."""
    end_upper: np.ndarray
    envelope_offset: np.ndarray
    """Minus infinity leaves a joint its greatest step everywhere."""
    envelope_double: np.ndarray
    """Twice the deceleration of that limit."""


def motion_limits(embodiment: Embodiment, servo_rate_hz: int) -> MotionLimits:
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
        max_step=max_step,
        max_change=max_change,
        max_jerk=max_jerk,
        step_slack=max_step * (1.0 + _SLACK),
        change_slack=max_change * (1.0 + _SLACK),
        # Rounding of positions is of another order than rounding of a small jerk limit at a high rate.
        jerk_slack=max_jerk * (1.0 + _SLACK) + 1e-14,
        lower=embodiment.position_lower + dead_zone,
        upper=embodiment.position_upper - dead_zone,
        end_lower=embodiment.position_lower.copy(),
        end_upper=embodiment.position_upper.copy(),
        envelope_offset=np.where(depends, offset * period_s, -np.inf),
        envelope_double=np.where(depends, 2.0 * deceleration * period_s**2, 0.0),
    )


@compiled
def greatest_step(limits: MotionLimits, joint: int, position: float) -> float:
    """Upper limit >= 0 of the step that arrives at `position`."""
    return _envelope(limits, joint, limits.end_upper[joint] - position)


@compiled
def least_step(limits: MotionLimits, joint: int, position: float) -> float:
    """Lower limit <= 0 of the step that arrives at `position`."""
    return -_envelope(limits, joint, position - limits.end_lower[joint])


@compiled
def _envelope(limits: MotionLimits, joint: int, room: float) -> float:
    allowed = np.sqrt(max(room, 0.0) * limits.envelope_double[joint]) - limits.envelope_offset[joint]
    return min(max(allowed, 0.0), limits.max_step[joint])


@compiled
def keeps_envelope(limits: MotionLimits, joint: int, target: float, step: float) -> bool:
    """Whether a step is within the velocity limits at the position `target` that it arrives at."""
    slack = 1.0 + _SLACK
    return (
        least_step(limits, joint, target) * slack - 1e-12
        <= step
        <= greatest_step(limits, joint, target) * slack + 1e-12
    )


@compiled
def is_allowed(
    limits: MotionLimits, joint: int, target: float, step: float, change: float, jerk: float
) -> bool:
    """Whether a move is within every limit but the position's."""
    return (
        abs(step) <= limits.step_slack[joint]
        and abs(change) <= limits.change_slack[joint]
        and abs(jerk) <= limits.jerk_slack[joint]
        and keeps_envelope(limits, joint, target, step)
    )
