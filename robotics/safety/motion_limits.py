"""What one joint may do in one servo tick: position, step, change of step, and change of that."""

import numpy as np

from robotics.embodiment import Embodiment

# Relative slack: a plan exactly at its limits must not be altered because of rounding.
_SLACK = 1e-6


class MotionLimits:
    """The limits of an embodiment in units of a servo tick, each shape (action_dim,)."""

    def __init__(self, embodiment: Embodiment, servo_rate_hz: int):
        period_s = 1.0 / servo_rate_hz
        self.max_step = embodiment.velocity_limit * period_s
        """Greatest move a servo tick."""
        self.max_change = embodiment.acceleration_limit * period_s**2
        """Greatest change of the move from one servo tick to the next."""
        self.max_jerk = embodiment.jerk_limit * period_s**3
        """Greatest change of that change."""
        self.step_slack = self.max_step * (1.0 + _SLACK)
        self.change_slack = self.max_change * (1.0 + _SLACK)
        self.jerk_slack = self.max_jerk * (1.0 + _SLACK)
        # Rounding of positions is of another order than rounding of a small jerk limit at a high rate.
        self.jerk_slack += 1e-14
        offset, deceleration = embodiment.velocity_offset, embodiment.velocity_deceleration
        self.has_envelope = bool(np.isfinite(deceleration).any())
        """Whether some velocity limit depends on the position."""
        self._offset = offset * period_s
        self._double = np.where(np.isfinite(deceleration), 2.0 * deceleration * period_s**2, 0.0)
        self._free = ~np.isfinite(deceleration)
        self._end_lower, self._end_upper = embodiment.position_lower, embodiment.position_upper
        # Nearer to its limit than this the envelope lets a joint only stand.
        dead_zone = np.where(self._free, 0.0, offset**2 / (2.0 * deceleration))
        self.lower = self._end_lower + dead_zone
        """Least position."""
        self.upper = self._end_upper - dead_zone
        """Greatest position."""

    def greatest_step(self, position: np.ndarray) -> np.ndarray:
        """Upper limit >= 0 of the step that arrives at `position`, shape (..., action_dim)."""
        return self._envelope(self._end_upper - position)

    def least_step(self, position: np.ndarray) -> np.ndarray:
        """Lower limit <= 0 of the step that arrives at `position`, shape (..., action_dim)."""
        return -self._envelope(position - self._end_lower)

    def _envelope(self, room: np.ndarray) -> np.ndarray:
        allowed = np.sqrt(self._double * np.maximum(room, 0.0)) - self._offset
        allowed = np.clip(allowed, 0.0, self.max_step)
        return np.where(self._free, self.max_step, allowed)

    def allow(
        self, targets: np.ndarray, steps: np.ndarray, changes: np.ndarray, jerks: np.ndarray
    ) -> np.ndarray:
        """Whether each move is within every limit but the position's: bool, the shape of `targets`."""
        fine = np.abs(steps) <= self.step_slack
        fine &= np.abs(changes) <= self.change_slack
        fine &= np.abs(jerks) <= self.jerk_slack
        if self.has_envelope:
            fine &= self.keeps_envelope(targets, steps)
        return fine

    def keeps_envelope(self, targets: np.ndarray, steps: np.ndarray) -> np.ndarray:
        """Whether each step is within the velocity limits at the position that it arrives at."""
        slack = 1.0 + _SLACK
        fine = steps <= self.greatest_step(targets) * slack + 1e-12
        fine &= steps >= self.least_step(targets) * slack - 1e-12
        return fine
