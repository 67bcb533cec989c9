"""Whether a stop that was planned keeps the limits of position and velocity on its way."""

import numpy as np

from robotics.safety.braking import Stop
from robotics.safety.motion_limits import MotionLimits


def can_stop(
    stop: Stop, position: np.ndarray, limits: MotionLimits, lower: np.ndarray, upper: np.ndarray
) -> np.ndarray:
    """Whether `stop`, which starts at `position` (..., action_dim), keeps every limit; bool, of its shape.

    Args:
        lower: Position limits in force, shape (action_dim,).
        upper: Shape (action_dim,).
    """
    fastest = stop.fastest
    end, back = position + stop.travel, position + stop.reversal
    fine = stop.within_limits & (fastest <= limits.step_slack)
    highest, lowest = np.maximum(end, back), np.minimum(end, back)
    fine &= (highest <= upper + 1e-12) & (lowest >= lower - 1e-12)
    if limits.has_envelope:
        tightest = np.minimum(limits.greatest_step(highest), -limits.least_step(lowest))
        near = (fastest > tightest) & fine
        if np.count_nonzero(near):
            # Only these joints have to be followed on their way.
            some = stop.only(near)
            ticks = np.arange(0.0, float(some.length.max()) + 1.0)[:, None]
            travel, steps, _ = some.after(ticks)
            kept = limits.keeps_envelope(position[near] + travel, steps, np.nonzero(near)[-1])
            fine[near] = np.logical_and.reduce(kept, axis=0)
    return fine
