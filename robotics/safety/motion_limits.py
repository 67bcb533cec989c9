"""What one joint may do in one servo tick: position, step, change of step, and change of that."""

import numpy as np

from robotics.embodiment import Embodiment

# Relative slack: a plan exactly at its limits must not be altered because of rounding.
_SLACK = 1e-6
_ALL = slice(None)


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
        # An offset of minus infinity leaves a joint its greatest step everywhere.
        self._offset = np.where(np.isfinite(deceleration), offset * period_s, -np.inf)
        self._double = np.where(np.isfinite(deceleration), 2.0 * deceleration * period_s**2, 0.0)
        self._end_lower, self._end_upper = embodiment.position_lower, embodiment.position_upper
        # Nearer to its limit than this the envelope lets a joint only stand.
        dead_zone = np.where(np.isfinite(deceleration), offset**2 / (2.0 * deceleration), 0.0)
        self.lower = self._end_lower + dead_zone
        """Least position."""
        self.upper = self._end_upper - dead_zone
        """Greatest position."""

    def greatest_step(self, position: np.ndarray, joint: np.ndarray | slice = _ALL) -> np.ndarray:
        """Upper limit >= 0 of the step that arrives at `position`, shape (..., joints)."""
        return self._envelope(self._end_upper[joint] - position, joint)

    def least_step(self, position: np.ndarray, joint: np.ndarray | slice = _ALL) -> np.ndarray:
        """Lower limit <= 0 of the step that arrives at `position`, shape (..., joints)."""
        return -self._envelope(position - self._end_lower[joint], joint)

    def _envelope(self, room: np.ndarray, joint: np.ndarray | slice) -> np.ndarray:
        allowed = np.maximum(room, 0.0)
        allowed *= self._double[joint]
        np.sqrt(allowed, out=allowed)
        allowed -= self._offset[joint]
        np.maximum(allowed, 0.0, out=allowed)
        return np.minimum(allowed, self.max_step[joint], out=allowed)

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

    def keeps_envelope(
        self, targets: np.ndarray, steps: np.ndarray, joint: np.ndarray | slice = _ALL
    ) -> np.ndarray:
        """Whether each step is within the velocity limits at the position that it arrives at.

        Args:
            targets: Shape (..., joints).
            steps: Shape (..., joints).
            joint: Which joints these are, where it is not all of them.
        """
        slack = 1.0 + _SLACK
        fine = steps <= self.greatest_step(targets, joint) * slack + 1e-12
        fine &= steps >= self.least_step(targets, joint) * slack - 1e-12
        return fine


def differences(values: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Each row minus the one before it, the first minus `before`."""
    result = np.empty_like(values)
    np.subtract(values[0], before, out=result[0])
    np.subtract(values[1:], values[:-1], out=result[1:])
    return result
