"""Follow joint targets as fast as velocity, acceleration and jerk limits allow, always able to stop."""

from typing import NamedTuple

import numpy as np

from robotics.embodiment import Embodiment
from robotics.safety.braking import Stop
from robotics.safety.catching_up import choose_change
from robotics.safety.motion_limits import MotionLimits, differences
from robotics.safety.status import Intervention
from robotics.safety.stop_check import can_stop

_BLENDS = np.array([0.5, 0.2])[:, None]
"""What is tried, between stopping and what was wanted, where the latter could not be stopped any more."""


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
        self.limits = MotionLimits(embodiment, servo_rate_hz)
        self._rest = np.zeros(embodiment.action_dim)
        self.reset(embodiment.home)

    def reset(self, position: np.ndarray) -> None:
        """Stand still at `position` (action_dim,); outside the limits it may stay, not move further out."""
        self.position = np.array(position, float)
        """Last applied target, shape (action_dim,)."""
        self.step = self._rest
        """Move of the last servo tick, shape (action_dim,)."""
        self.change = self._rest
        """Difference of the last two steps, shape (action_dim,)."""
        self._requested = self.position
        self.lower = np.minimum(self.limits.lower, self.position)
        """Position limits in force, shape (action_dim,)."""
        self.upper = np.maximum(self.limits.upper, self.position)
        self._stop_from(self._plan_stop(self._rest, self._rest))

    @property
    def at_rest(self) -> bool:
        return not (self.step.any() or self.change.any())

    def snapshot(self) -> tuple:
        """Everything that `follow` changes, for `restore`."""
        motion = (self.position, self.step, self.change, self._requested)
        return (*motion, self._stop, self._stop_base, self._stop_age)

    def restore(self, snapshot: tuple) -> None:
        """As it was at `snapshot`."""
        self.position, self.step, self.change, self._requested = snapshot[:4]
        self._stop, self._stop_base, self._stop_age = snapshot[4:]

    def splice(self) -> None:
        """A new plan takes over: it starts from the last applied target, whatever the old one asked for."""
        self._requested = self.position

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
        if self.at_rest and _all(targets == self.position):
            self._requested = self.position
            return targets, ()
        lower, upper = np.maximum(lower, self.lower), np.minimum(upper, self.upper)
        known = np.zeros(len(lower), bool) if feasible is None else feasible
        if self._requested is self.position and self._pass(targets, lower, upper, known):
            return targets, ()
        before = self.snapshot()
        moments = self._catch_up(targets, lower, upper, known)
        applied = np.array([moment.position for moment in moments])
        stops = self._plan_stop(
            np.array([moment.step for moment in moments]), np.array([moment.change for moment in moments])
        )
        fine = self._can_stop(applied, stops)
        # Commands take effect between control ticks: a stop has to be known there, and only there.
        if _all(fine[-1]) and _all(self._allow_from(before, applied)):
            self._stop_from(stops.part(-1))
            bound = set().union(*(moment.binding for moment in moments))
        else:
            self.restore(before)
            safe = [stops.part(row) if _all(fine[row]) else None for row in range(len(fine))]
            applied, bound = self._catch_up_carefully(targets, lower, upper, known, moments, safe)
            bound.add(Intervention.ACCELERATION)
        return applied, tuple(sorted(bound, key=lambda kind: kind.value))

    def _allow_from(self, before: tuple, applied: np.ndarray) -> np.ndarray:
        """Whether targets (n, action_dim) that start at the snapshot `before` keep all limits; bool."""
        position, step, change = before[:3]
        steps = differences(applied, position)
        changes = differences(steps, step)
        jerks = differences(changes, change)
        return np.logical_and.reduce(self.limits.allow(applied, steps, changes, jerks), axis=0)

    def _catch_up(
        self, targets: np.ndarray, lower: np.ndarray, upper: np.ndarray, known: np.ndarray
    ) -> list["_Moment"]:
        """Follow row by row, whether or not there is a stop from there."""
        moments = []
        for target in targets:
            moment = self._choose(target, lower, upper, known)
            self.position, self.step, self.change = moment.position, moment.step, moment.change
            self._reach(target)
            moments.append(moment)
        return moments

    def _catch_up_carefully(
        self,
        targets: np.ndarray,
        lower: np.ndarray,
        upper: np.ndarray,
        known: np.ndarray,
        moments: list["_Moment"],
        stops: list[Stop | None],
    ) -> tuple[np.ndarray, set[Intervention]]:
        """As `_catch_up`, but every single row can be stopped from.

        Args:
            moments: What `_catch_up` chose from here; it holds until something else has to be done.
            stops: From each of them, where all joints have one.

        Returns:
            Applied targets, shape (servo_ticks, action_dim), and which limits bound.
        """
        applied = np.empty_like(targets)
        bound: set[Intervention] = set()
        as_chosen = True
        for row, target in enumerate(targets):
            moment = moments[row] if as_chosen else self._choose(target, lower, upper, known)
            stop = stops[row] if as_chosen else None
            if stop is not None:
                self.position, self.step, self.change = moment.position, moment.step, moment.change
                self._stop_from(stop)
            else:
                as_chosen = False
                self._go_on(moment)
            self._reach(target)
            bound |= moment.binding
            applied[row] = self.position
        return applied, bound

    def _choose(
        self, target: np.ndarray, lower: np.ndarray, upper: np.ndarray, known: np.ndarray
    ) -> "_Moment":
        on_plan = known & (self._requested == self.position)
        motion = target - self._requested
        change, direct, binding = choose_change(self, target, motion, lower, upper, on_plan)
        step = self.step + change
        # A stop may end a rounding error beyond a limit, a target never.
        position = self._inside(self.position + step)
        np.copyto(position, target, where=direct)
        return _Moment(position, step, change, binding)

    def _reach(self, target: np.ndarray) -> None:
        """The target has been followed, and the next one starts there; `_requested is position`: exactly."""
        self._requested = self.position if _all(self.position == target) else target

    def _inside(self, position: np.ndarray) -> np.ndarray:
        """Within the position limits in force; `position` is changed."""
        np.maximum(position, self.lower, out=position)
        return np.minimum(position, self.upper, out=position)

    def brake(self, servo_ticks: int) -> np.ndarray:
        """Stop as fast as the limits allow, then stand; shape (servo_ticks, action_dim)."""
        self._requested = self.position
        if self.at_rest:
            return np.tile(self.position, (servo_ticks, 1))
        applied = self.stop_path(np.arange(1.0, servo_ticks + 1.0))
        ticks = self._stop_age + servo_ticks
        _, self.step, self.change = self._stop.after(ticks)
        self._stop_age = ticks
        self.position = self._requested = applied[-1].copy()
        return applied

    def stop_path(self, ticks: np.ndarray) -> np.ndarray:
        """Positions after `ticks` (n,) servo ticks of braking from now on, shape (n, action_dim)."""
        travel, _, _ = self._stop.after(self._stop_age + ticks[:, None])
        return self._inside(self._stop_base + travel)

    @property
    def stop_end(self) -> np.ndarray:
        """Where all joints stand, when braking from now on, shape (action_dim,)."""
        return self._inside(self._stop_base + self._stop.travel)

    @property
    def stop_ticks(self) -> float:
        """Servo ticks until all joints stand, when braking from now on."""
        return float(np.maximum(self._stop.length - self._stop_age, 0.0).max())

    def foresee(self, path: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where a path that starts now keeps all limits to its end, and where it comes to rest after it.

        Args:
            path: Targets, shape (n, servo_ticks, action_dim).

        Returns:
            Bool (n, action_dim), for each control tick; and the position (action_dim,) after a stop
            from its end.
        """
        targets = path.reshape(-1, path.shape[-1])
        steps = differences(targets, self.position)
        changes = differences(steps, self.step)
        fine = self.limits.allow(targets, steps, changes, differences(changes, self.change))
        stop = self._plan_stop(steps[-1], changes[-1])
        fine[-1] &= self._can_stop(targets[-1], stop)
        by_tick = np.logical_and.reduce(fine.reshape(path.shape), axis=1)
        return np.logical_and.accumulate(by_tick[::-1], axis=0)[::-1], targets[-1] + stop.travel

    def _plan_stop(self, step: np.ndarray, change: np.ndarray) -> Stop:
        return Stop(step, change, self.limits.max_change, self.limits.max_jerk)

    def _stop_from(self, stop: Stop) -> None:
        self._stop, self._stop_base, self._stop_age = stop, self.position.copy(), self._rest

    def _can_stop(self, position: np.ndarray, stop: Stop) -> np.ndarray:
        return can_stop(stop, position, self.limits, self.lower, self.upper)

    def _pass(self, targets: np.ndarray, lower: np.ndarray, upper: np.ndarray, known: np.ndarray) -> bool:
        """Whether all targets of the control tick may be applied as they are; if so, they are."""
        steps = differences(targets, self.position)
        changes = differences(steps, self.step)
        if not _all(self.limits.allow(targets, steps, changes, differences(changes, self.change))):
            return False
        stop = self._plan_stop(steps[-1], changes[-1])
        end = targets[-1] + stop.travel
        fine = known | ((end >= lower - 1e-12) & (end <= upper + 1e-12))
        fine &= self._can_stop(targets[-1], stop)
        if not _all(fine):
            return False
        self.position = self._requested = targets[-1]
        self.step, self.change = steps[-1], changes[-1]
        self._stop_from(stop)
        return True

    def _go_on(self, moment: "_Moment") -> None:
        """As chosen where a stop is possible from there, elsewhere between it and the stop that is known."""
        age = self._stop_age + 1.0
        travel, old_step, old_change = self._stop.after(age)
        # Row 0 is what was chosen, the others lie ever closer to the known stop.
        changes = np.empty((1 + len(_BLENDS), len(age)))
        changes[0] = moment.change
        np.multiply(_BLENDS, moment.change - old_change, out=changes[1:])
        changes[1:] += old_change
        steps = self.step + changes
        positions = self._inside(self.position + steps)
        positions[0] = moment.position
        stops = self._plan_stop(steps, changes)
        good = self._can_stop(positions, stops)
        renewed = np.logical_or.reduce(good, axis=0)
        row = good.argmax(axis=0)  # the first that is good
        joint = np.arange(len(row))
        # A joint on its old stop keeps the stop's own step, so that it ends at rest exactly.
        position = self._inside(self._stop_base + travel)
        np.copyto(position, positions[row, joint], where=renewed)
        self._stop = stops.pick(renewed, row, self._stop)
        self._stop_base = np.where(renewed, position, self._stop_base)
        self._stop_age = np.where(renewed, 0.0, age)
        self.position = position
        self.step = np.where(renewed, steps[row, joint], old_step)
        self.change = np.where(renewed, changes[row, joint], old_change)


class _Moment(NamedTuple):
    """What was chosen for one servo tick, arrays of shape (action_dim,)."""

    position: np.ndarray
    step: np.ndarray
    change: np.ndarray
    binding: set[Intervention]


def _all(values: np.ndarray) -> bool:
    """As `values.all()`, of which there are many in a servo tick, in half the time."""
    return np.count_nonzero(values) == values.size
