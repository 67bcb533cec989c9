"""Follow joint targets as fast as velocity and acceleration limits allow, and never too fast to brake."""

import numpy as np

from robotics.embodiment import Embodiment
from robotics.safety.braking import braking_speed, stopping_distance

# Relative slack: a plan exactly at its limits must not be altered because of rounding.
_SLACK = 1e-6


class MotionLimiter:
    """Keeps the last applied target and its speed; each joint on its own.

    A target that respects the limits passes unchanged, bit for bit. One that does not is caught up
    with in the shortest time that the limits allow, relative to the motion of the target, without
    overshooting. Invariant, whatever is asked: the joint can still stop before its position limits.
    """

    def __init__(self, embodiment: Embodiment, servo_rate_hz: int):
        """Limits of `embodiment`, applied at `servo_rate_hz`."""
        period_s = 1.0 / servo_rate_hz
        self._limit_lower = embodiment.position_lower
        self._limit_upper = embodiment.position_upper
        self.max_step = embodiment.velocity_limit * period_s
        """Greatest move a servo tick, shape (action_dim,)."""
        self.max_change = embodiment.acceleration_limit * period_s**2
        """Greatest change of the move from one servo tick to the next, shape (action_dim,)."""
        self._least_step = -self.max_step
        self._step_slack = self.max_step * (1.0 + _SLACK)
        self._change_slack = self.max_change * (1.0 + _SLACK)
        self._slack = self.max_change * _SLACK
        self._per_change = 1.0 / self.max_change
        dim = embodiment.action_dim
        self._distance, self._speed, self._scratch = (np.empty((3, dim)) for _ in range(3))
        self._units = np.empty((3, dim))
        self._rest = np.zeros(dim)
        self.reset(embodiment.home)

    def reset(self, position: np.ndarray) -> None:
        """Stand still at `position` (action_dim,); outside the limits it may stay, not move further out."""
        self.position = np.array(position, float)
        """Last applied target, shape (action_dim,)."""
        self.step = self._rest
        """Move of the last servo tick, shape (action_dim,)."""
        self._requested = self.position
        self.lower = np.minimum(self._limit_lower, self.position)
        """Position limits in force, shape (action_dim,)."""
        self.upper = np.maximum(self._limit_upper, self.position)

    @property
    def at_rest(self) -> bool:
        return not self.step.any()

    def splice(self) -> None:
        """A new plan takes over: it starts from the last applied target, whatever the old one asked for."""
        self._requested = self.position

    def follow(
        self, targets: np.ndarray, lower: np.ndarray, upper: np.ndarray
    ) -> tuple[np.ndarray, bool, bool]:
        """The targets to apply in the next servo ticks.

        Args:
            targets: Asked for, one row a servo tick, shape (servo_ticks, action_dim).
            lower: Least position that the plan asks for from now on, shape (action_dim,).
            upper: Greatest one. Braking starts in time for both.

        Returns:
            Applied targets, shape (servo_ticks, action_dim); whether a velocity limit bound; whether
            an acceleration limit bound, be it to brake in time.
        """
        lower, upper = np.maximum(lower, self.lower), np.minimum(upper, self.upper)
        if self._requested is self.position and self._respects_limits(targets, lower, upper):
            self.step = targets[-1] - (targets[-2] if len(targets) > 1 else self.position)
            self.position = self._requested = targets[-1]
            return targets, False, False
        applied = np.empty_like(targets)
        too_fast = too_sudden = False
        for row, target in enumerate(targets):
            fast, sudden = self._follow_one(target, lower, upper, applied[row])
            too_fast |= fast
            too_sudden |= sudden
        return applied, too_fast, too_sudden

    def brake(self, servo_ticks: int) -> np.ndarray:
        """Decelerate as hard as the limits allow, then stand; shape (servo_ticks, action_dim)."""
        applied = np.empty((servo_ticks, len(self.position)))
        for row in range(servo_ticks):
            if self.step.any():
                step = self.step - np.clip(self.step, -self.max_change, self.max_change)
                self.position = np.clip(self.position + step, self.lower, self.upper)
                self.step = step
            applied[row] = self.position
        self._requested = self.position
        return applied

    def _respects_limits(self, targets: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> bool:
        """Whether every move, change of move and stopping distance is within limits."""
        before = np.empty_like(targets)
        before[0] = self.position
        before[1:] = targets[:-1]
        steps = targets - before
        sizes = np.abs(steps)
        if (sizes > self._step_slack).any():
            return False
        changes = np.empty_like(steps)
        np.subtract(steps[0], self.step, out=changes[0])
        np.subtract(steps[1:], steps[:-1], out=changes[1:])
        np.abs(changes, out=changes)
        if (changes > self._change_slack).any():
            return False
        room = np.where(steps > 0.0, upper - before, before - lower)
        needed = stopping_distance(sizes * self._per_change)
        needed *= self.max_change
        room += self._slack
        return not (needed > room).any()

    def _follow_one(
        self, target: np.ndarray, lower: np.ndarray, upper: np.ndarray, applied: np.ndarray
    ) -> tuple[bool, bool]:
        """One servo tick into `applied`; returns whether velocity and acceleration limits bound."""
        distance, position = self._distance, self.position
        np.subtract(upper, position, out=distance[0])
        np.subtract(lower, position, out=distance[1])
        np.subtract(self._requested, position, out=distance[2])
        np.multiply(distance, self._per_change, out=self._units)
        np.abs(self._units, out=self._units)
        braking_speed(self._units, self._speed, self._scratch)
        self._speed *= self.max_change
        np.copysign(self._speed, distance, out=self._speed)
        highest, lowest, catch_up = self._speed
        # The target's own motion, and on top of it what closes the gap without overshooting.
        wanted = target - self._requested
        wanted += catch_up
        possible = np.maximum(wanted, self._least_step)
        np.minimum(possible, self.max_step, out=possible)
        step = np.maximum(possible, lowest)
        np.minimum(step, highest, out=step)
        # Outside the plan's hull the braking speeds point back into it, faster than allowed perhaps.
        np.maximum(step, self._least_step, out=step)
        np.minimum(step, self.max_step, out=step)
        np.maximum(step, self.step - self.max_change, out=step)
        np.minimum(step, self.step + self.max_change, out=step)
        np.add(position, step, out=applied)
        np.maximum(applied, self.lower, out=applied)
        np.minimum(applied, self.upper, out=applied)
        arrived = np.abs(applied - target) <= self._slack
        np.copyto(applied, target, where=arrived)
        self.step = applied - position
        self.position = applied
        self._requested = applied if arrived.all() else target
        too_fast = bool((np.abs(wanted) > self._step_slack).any())
        too_sudden = bool((np.abs(possible - step) > self._slack).any())
        return too_fast, too_sudden
