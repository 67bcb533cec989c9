"""Follow joint targets as fast as velocity, acceleration and jerk limits allow, always able to stop."""

import numpy as np

from robotics.embodiment import Embodiment
from robotics.safety import following
from robotics.safety.catching_up import interventions
from robotics.safety.following import Course, Motion
from robotics.safety.motion_limits import motion_limits
from robotics.safety.status import Intervention


class MotionLimiter:
    """Keeps the last applied target, its step and change, and a stop; each joint on its own.

    A target that respects the limits passes unchanged, bit for bit. One that does not is caught up
    with as fast as the limits allow, relative to the motion of the target, without overshooting.

    Invariant, whatever is asked: a stop is known that starts from the last applied target and keeps
    every limit until the joint stands. A target is only applied if such a stop exists from there;
    otherwise the joint goes on along the stop that it has.
    """

    def __init__(self, embodiment: Embodiment, servo_rate_hz: int):
        """Limits of `embodiment`, applied at `servo_rate_hz`."""
        self._limits = motion_limits(embodiment, servo_rate_hz)
        self.reset(embodiment.home)
        # Compiled, or loaded, here, so that no tick has to wait for it.
        self.follow(self.brake(1), self.limits.lower, self.limits.upper)
        self.foresee(self.stop_path(np.zeros(1))[None])

    def reset(self, position: np.ndarray) -> None:
        """Stand still at `position` (action_dim,); outside the limits it may stay, not move further out."""
        position = np.array(position, float)
        lower, upper = np.minimum(self._limits.lower, position), np.maximum(self._limits.upper, position)
        self.limits = self._limits._replace(lower=lower, upper=upper)
        """The limits in force."""
        self._motion = following.stand_still(position, self.limits)

    @property
    def position(self) -> np.ndarray:
        """Last applied target, shape (action_dim,); read-only."""
        return self._motion.position

    @property
    def step(self) -> np.ndarray:
        """Move of the last servo tick, shape (action_dim,); read-only."""
        return self._motion.step

    @property
    def at_rest(self) -> bool:
        return not (self._motion.step.any() or self._motion.change.any())

    def snapshot(self) -> Motion:
        """Everything that `follow` changes, for `restore`."""
        return self._motion

    def restore(self, snapshot: Motion) -> None:
        """As it was at `snapshot`."""
        self._motion = snapshot

    def splice(self) -> None:
        """A new plan takes over: it starts from the last applied target, whatever the old one asked for."""
        self._motion = self._motion._replace(requested=self._motion.position)

    def follow(
        self,
        targets: np.ndarray,
        lower: np.ndarray,
        upper: np.ndarray,
        feasible: np.ndarray | None = None,
    ) -> tuple[np.ndarray, tuple[Intervention, ...]]:
        """The targets to apply in the next servo ticks.

        Args:
            targets: Asked for, one row a servo tick, shape (servo_ticks, action_dim).
            lower: Least position that the plan asks for from now on, shape (action_dim,).
            upper: Greatest one. Braking starts in time for both.
            feasible: Joints whose plan is known to keep every limit to its end, bool (action_dim,):
                on it nothing has to be braked for. None: not known of any.

        Returns:
            Applied targets, shape (servo_ticks, action_dim), and which limits bound. Having to brake
            in time counts as acceleration.
        """
        known = np.zeros(targets.shape[1], bool) if feasible is None else np.array(feasible, bool)
        # Copies: arrays of another layout or read-only ones would have to be compiled for.
        course = Course(
            np.array(targets, float, order="C"),
            np.array(lower, float),
            np.array(upper, float),
            known,
        )
        applied, self._motion, bits = following.follow_course(self._motion, self.limits, course)
        return applied, interventions(bits)

    def brake(self, servo_ticks: int) -> np.ndarray:
        """Stop as fast as the limits allow, then stand; shape (servo_ticks, action_dim)."""
        applied, self._motion = following.brake(self._motion, self.limits, servo_ticks)
        return applied

    def stop_path(self, ticks: np.ndarray) -> np.ndarray:
        """Positions after `ticks` (n,) servo ticks of braking from now on, shape (n, action_dim)."""
        return following.stop_positions(self._motion, self.limits, np.array(ticks, float))

    @property
    def stop_end(self) -> np.ndarray:
        """Where all joints stand, when braking from now on, shape (action_dim,)."""
        return self.stop_path(np.array([self.stop_ticks]))[0]

    @property
    def stop_ticks(self) -> float:
        """Servo ticks until all joints stand, when braking from now on."""
        return float((self._motion.stop[:, 1] - self._motion.stop_age).clip(0.0).max())

    def foresee(self, path: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where a path that starts now keeps all limits to its end, and where it comes to rest after it.

        Args:
            path: Targets, shape (n, servo_ticks, action_dim).

        Returns:
            Bool (n, action_dim), for each control tick; and the position (action_dim,) after a stop
            from its end.
        """
        path = np.array(path, float, order="C")
        return following.foresee(self._motion, self.limits, path)
