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
    """A braking motion from a given step and change, each joint on its own; any shape, broadcast."""

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
        ramp = _whole(np.abs(change) / max_jerk)
        sign = self._sign = np.where(step + 0.5 * change * (ramp - 1.0) < 0.0, -1.0, 1.0)
        step, change = step * sign, change * sign
        half = 0.5 * change
        square = max_jerk * (step - half) + half * change
        peak = np.minimum(np.sqrt(np.maximum(square, 0.0)), max_change)
        build, fade, keep, peak = _phases(step, half, change, peak, max_change, max_jerk, 1.0)
        if not estimate:
            tolerated = max_jerk * (1.0 + 1e-6)
            bad = (np.abs(change + peak) > build * tolerated) | (peak > fade * tolerated)
            if bad.any():
                # A joint that brakes already has to fade at once, and a whole tick less may do.
                less = np.maximum(fade - 1.0, 1.0)
                higher = step / (0.5 * (1.0 + less) + keep)
                fits = bad & (np.abs(change + higher) <= tolerated) & (higher <= less * tolerated)
                fits &= (higher >= 0.0) & (higher <= max_change)
                build, fade = np.where(fits, 1.0, build), np.where(fits, less, fade)
                peak = np.where(fits, higher, peak)
                bad &= ~fits
            for _ in range(_MOST_ROUNDS):
                if not bad.any():
                    break
                # Rounding phases up changes the peak, which may ask for longer ones: soon that settles.
                again = _phases(step, half, change, peak, max_change, max_jerk, build)
                build, fade, keep, peak = (
                    np.where(bad, new, old) for new, old in zip(again, (build, fade, keep, peak), strict=True)
                )
                bad = (np.abs(change + peak) > build * tolerated) | (peak > fade * tolerated)
            self.within_limits = ~(bad | (peak > max_change * (1.0 + 1e-6)) | (peak < -1e-9 * max_change))
            """Whether whole ticks left the limits intact; where not, this stop must not be used."""
        self._step, self._change, self._peak = step, change, peak
        self._build, self._keep, self._fade = build, keep, fade
        self._down, self._up = (change + peak) / build, peak / fade
        self._step_after_build = step + build * (change - 0.5 * self._down * (build + 1.0))
        self._step_after_keep = self._step_after_build - keep * peak
        self.length = build + keep + fade
        """Ticks until the joint stands."""
        self.travel = sign * self._travelled(build, keep, fade)
        """Signed distance until the joint stands."""

    def _travelled(self, build: np.ndarray, keep: np.ndarray, fade: np.ndarray) -> np.ndarray:
        """Distance against `sign` after that many ticks of each phase."""
        rise = 0.5 * (build + 1.0) * (self._change - self._down * (build + 2.0) / 3.0)
        result = build * (self._step + rise)
        result += keep * (self._step_after_build - 0.5 * self._peak * (keep + 1.0))
        fall = 0.5 * (fade + 1.0) * (self._peak - self._up * (fade + 2.0) / 3.0)
        result += fade * (self._step_after_keep - fall)
        return result

    @property
    def reversal(self) -> np.ndarray:
        """Bound >= 0 on how far the joint first moves against `travel`, and that direction's sign."""
        return self._sign * np.minimum(self._step, 0.0) * self._build

    @property
    def fastest(self) -> np.ndarray:
        """Bound on the size of every step on the way."""
        excess = np.maximum(self._change - 0.5 * self._down, 0.0)
        return np.abs(self._step) + 0.5 * excess * excess / np.maximum(self._down, 1e-12)

    def after(self, ticks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Travel, step and change `ticks` ticks into the stop; `ticks` broadcasts with the joints."""
        build = np.clip(ticks, 0.0, self._build)
        keep = np.clip(ticks - self._build, 0.0, self._keep)
        fade = np.clip(ticks - self._build - self._keep, 0.0, self._fade)
        moving = ticks < self.length
        change = self._change - self._down * build + self._up * fade
        step = self._step + build * self._change - self._down * 0.5 * build * (build + 1.0)
        step -= (keep + fade) * self._peak - self._up * 0.5 * fade * (fade + 1.0)
        travel = self._sign * self._travelled(build, keep, fade)
        return travel, self._sign * step * moving, self._sign * change * moving

    def copy(self) -> "Stop":
        """The same stop, to be changed by `replace`."""
        other = object.__new__(Stop)
        vars(other).update({name: np.array(value) for name, value in vars(self).items()})
        return other

    def row(self, index: int) -> "Stop":
        """One of several stops that were planned together, by its first axis."""
        other = object.__new__(Stop)
        shape = self.length.shape
        rows = {name: np.broadcast_to(value, shape)[index] for name, value in vars(self).items()}
        vars(other).update(rows)
        return other

    def replace(self, where: np.ndarray, other: "Stop") -> None:
        """Take over the joints `where` (bool) from another stop of the same shape."""
        for name, value in vars(self).items():
            np.copyto(value, vars(other)[name], where=where)


def _phases(
    step: np.ndarray,
    half: np.ndarray,
    change: np.ndarray,
    peak: np.ndarray,
    max_change: np.ndarray,
    max_jerk: np.ndarray,
    build: np.ndarray | float,
    fade: np.ndarray | float = 1.0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Ticks of the three phases (at least `build` and `fade`), and the peak with which they end at a stand.

    Args:
        half: Half of `change`.
        peak: About the peak.

    Returns:
        Building up, fading, keeping, peak.
    """
    build = np.maximum(_whole(np.abs(change + peak) / max_jerk), build)
    fade = np.maximum(_whole(peak / max_jerk), fade)
    need = step + half * (build - 1.0)
    ramps = 0.5 * (build + fade)
    keep = np.maximum(np.ceil(need / max_change - ramps - _SLACK), 0.0)
    return build, fade, keep, need / (ramps + keep)


def _whole(ticks: np.ndarray) -> np.ndarray:
    return np.maximum(np.ceil(ticks - _SLACK), 1.0)
