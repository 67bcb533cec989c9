"""The shortest way to a stand for joints with limits of acceleration and jerk, in discrete time.

Everything is in servo ticks: `step` is the move of the last tick, `change` the difference between
the last two steps, and a jerk limit bounds the difference between two changes. A joint brakes in
three phases: its change is led to a peak against the motion, kept there, and led back to zero, at
which moment its step is zero, too. Phases last whole ticks, so that the peak is a little lower than
the limits allow; a stop is never harder than they do.
"""

import numpy as np

# Slack of whole ticks: a phase of exactly n ticks must not become n + 1 because of rounding.
_SLACK = 1e-9
_MOST_ROUNDS = 8


def braking_speed(distance: np.ndarray) -> np.ndarray:
    """Greatest move in this tick that can fade to nothing within `distance`, losing at most 1 a tick.

    A move of y now, then y - 1, y - 2, ... covers k (k + 1) / 2 for a whole k and lies on straight
    lines between those points; this inverts it. The same law leads a speed to its limit, where the
    "move" is an acceleration and the unit is the jerk limit.

    Args:
        distance: >= 0, any shape.
    """
    whole = np.floor(0.5 * (np.sqrt(8.0 * distance + 1.0) - 1.0))
    return distance / (whole + 1.0) + 0.5 * whole


class Stop:
    """A braking motion from a given step and change, each joint on its own; any shape, broadcast.

    These few lines run several times in a servo tick on a handful of numbers, so that what they cost is
    the number of array operations: `count_nonzero` and `copyto` stand where `any` and `where` are slower.
    """

    def __init__(
        self,
        step: np.ndarray,
        change: np.ndarray,
        max_change: np.ndarray,
        max_jerk: np.ndarray,
        estimate: bool = False,
    ):
        """Plan it; limits are per servo tick, and broadcast against `step` and `change`.

        Args:
            estimate: Only `travel` is wanted; where whole ticks do not fit the limits it is a little short.
        """
        # Where the joint drifts when its change alone is led to zero: the motion to brake against.
        drift = step + 0.5 * change * (_whole(np.abs(change) / max_jerk) - 1.0)
        drift += 0.0  # a negative zero becomes a positive one
        sign = np.copysign(1.0, drift)
        step, change = step * sign, change * sign
        half = 0.5 * change
        square = max_jerk * (step - half)
        square += half * change
        peak = np.minimum(np.sqrt(np.maximum(square, 0.0)), max_change)
        phases = _phases(step, half, change, peak, max_change, max_jerk)
        if not estimate:
            phases, self.within_limits = _fit(step, half, change, phases, max_change, max_jerk)
        build, fade, keep, peak = phases
        down, up = (change + peak) / build, peak / fade
        after_build = step + build * (change - 0.5 * down * (build + 1.0))
        after_keep = after_build - keep * peak
        self.length = build + keep + fade
        """Ticks until the joint stands."""
        self._phases = build, keep, fade
        self._motion = step, change, peak, down, up, after_build, after_keep
        self._sign = sign
        self.travel = sign * self._travelled(build, keep, fade)
        """Signed distance until the joint stands."""

    def _travelled(self, build: np.ndarray, keep: np.ndarray, fade: np.ndarray) -> np.ndarray:
        """Distance against `sign` after that many ticks of each phase."""
        step, change, peak, down, up, after_build, after_keep = self._motion
        rise = 0.5 * (build + 1.0) * (change - down * (build + 2.0) / 3.0)
        result = build * (step + rise)
        result += keep * (after_build - 0.5 * peak * (keep + 1.0))
        fall = 0.5 * (fade + 1.0) * (peak - up * (fade + 2.0) / 3.0)
        result += fade * (after_keep - fall)
        return result

    @property
    def reversal(self) -> np.ndarray:
        """Bound >= 0 on how far the joint first moves against `travel`, and that direction's sign."""
        return self._sign * np.minimum(self._motion[0], 0.0) * self._phases[0]

    @property
    def fastest(self) -> np.ndarray:
        """Bound on the size of every step on the way."""
        step, change, _, down, *_ = self._motion
        excess = np.maximum(change - 0.5 * down, 0.0)
        return np.abs(step) + 0.5 * excess * excess / np.maximum(down, 1e-12)

    def after(self, ticks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Travel, step and change `ticks` ticks into the stop; `ticks` broadcasts with the joints."""
        in_build, in_keep, in_fade = self._phases
        first_step, first_change, peak, down, up, *_ = self._motion
        build = np.minimum(np.maximum(ticks, 0.0), in_build)
        late = ticks - in_build
        keep = np.minimum(np.maximum(late, 0.0), in_keep)
        late -= in_keep
        fade = np.minimum(np.maximum(late, 0.0), in_fade)
        signed = self._sign * (ticks < self.length)  # 0 where the joint stands
        change = first_change - down * build
        change += up * fade
        step = first_step + build * first_change
        step -= down * 0.5 * build * (build + 1.0)
        step -= (keep + fade) * peak - up * 0.5 * fade * (fade + 1.0)
        step *= signed
        change *= signed
        return self._sign * self._travelled(build, keep, fade), step, change

    def pick(self, where: np.ndarray, row: np.ndarray, old: "Stop") -> "Stop":
        """Of several stops that were planned together (first axis), one for each joint, or the `old` one.

        Args:
            where: Joints that get a new stop, bool (action_dim,).
            row: Which of the stops it is, int (action_dim,).
        """
        joint = np.arange(len(row))
        return Stop._of(np.where(where, self._table()[:, row, joint], old._table()))

    def part(self, row: int) -> "Stop":
        """One of several stops that were planned together (first axis)."""
        return Stop._of(self._table()[:, row])

    def only(self, where: np.ndarray) -> "Stop":
        """Some of the joints' stops, in a row: those `where` this bool array of their shape is true."""
        return Stop._of(self._table()[:, where])

    def _table(self) -> np.ndarray:
        return np.array([self._sign, self.length, self.travel, *self._phases, *self._motion])

    @classmethod
    def _of(cls, table: np.ndarray) -> "Stop":
        stop = object.__new__(cls)
        stop._sign, stop.length, stop.travel = table[:3]
        stop._phases, stop._motion = tuple(table[3:6]), tuple(table[6:])
        return stop


def _fit(
    step: np.ndarray,
    half: np.ndarray,
    change: np.ndarray,
    phases: tuple[np.ndarray, ...],
    max_change: np.ndarray,
    max_jerk: np.ndarray,
) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """Phases (as `_phases` returns them) that keep the limits, and whether there are such, bool."""
    build, fade, keep, peak = phases
    tolerated = max_jerk * (1.0 + 1e-6)
    bad = (np.abs(change + peak) > build * tolerated) | (peak > fade * tolerated)
    if np.count_nonzero(bad):
        # A joint that brakes already has to fade at once, and a whole tick less may do.
        less = np.maximum(fade - 1.0, 1.0)
        higher = step / (0.5 * (1.0 + less) + keep)
        fits = bad & (np.abs(change + higher) <= tolerated) & (higher <= less * tolerated)
        fits &= (higher >= 0.0) & (higher <= max_change)
        np.copyto(build, 1.0, where=fits)
        np.copyto(fade, less, where=fits)
        np.copyto(peak, higher, where=fits)
        bad &= ~fits
        for _ in range(_MOST_ROUNDS):
            if not np.count_nonzero(bad):
                break
            # Rounding phases up changes the peak, which may ask for longer ones: soon that settles.
            again = _phases(step, half, change, peak, max_change, max_jerk, build)
            for new, old in zip(again, (build, fade, keep, peak), strict=True):
                np.copyto(old, new, where=bad)
            bad = (np.abs(change + peak) > build * tolerated) | (peak > fade * tolerated)
    bad |= (peak > max_change * (1.0 + 1e-6)) | (peak < -1e-9 * max_change)
    return phases, ~bad


def _phases(
    step: np.ndarray,
    half: np.ndarray,
    change: np.ndarray,
    peak: np.ndarray,
    max_change: np.ndarray,
    max_jerk: np.ndarray,
    at_least: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Ticks of the three phases, and the peak with which they end at a stand.

    Args:
        half: Half of `change`.
        peak: About the peak.
        at_least: Least ticks of building up.

    Returns:
        Building up, fading, keeping, peak.
    """
    build = _whole(np.abs(change + peak) / max_jerk)
    if at_least is not None:
        build = np.maximum(build, at_least)
    fade = _whole(peak / max_jerk)
    need = step + half * (build - 1.0)
    ramps = 0.5 * (build + fade)
    keep = np.maximum(np.ceil(need / max_change - ramps - _SLACK), 0.0)
    return build, fade, keep, need / (ramps + keep)


def _whole(ticks: np.ndarray) -> np.ndarray:
    """Ticks rounded up, at least one; `ticks` is changed."""
    ticks -= _SLACK
    np.ceil(ticks, out=ticks)
    return np.maximum(ticks, 1.0, out=ticks)
