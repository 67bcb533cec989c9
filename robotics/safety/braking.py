"""The shortest way to a stand for a joint with limits of acceleration and jerk, in discrete time.

Everything is in servo ticks: `step` is the move of the last tick, `change` the difference between
the last two steps, and a jerk limit bounds the difference between two changes. A joint brakes in
three phases: its change is led to a peak against the motion, kept there, and led back to zero, at
which moment its step is zero, too. Phases last whole ticks, so that the peak is a little lower than
the limits allow; a stop is never harder than they do.
"""

import math
from typing import NamedTuple

import numpy as np

from robotics.safety.compiled import compiled

# Slack of whole ticks: a phase of exactly n ticks must not become n + 1 because of rounding.
_SLACK = 1e-9
_MOST_ROUNDS = 8


class Stop(NamedTuple):
    """A braking motion of one joint; but for `travel` and `sign` all is in the direction of `sign`."""

    sign: float
    length: float
    """Ticks until the joint stands."""
    travel: float
    """Signed distance until the joint stands."""
    build: float
    """Ticks of leading the change to its peak; then of keeping it, and of leading it back to zero."""
    keep: float
    fade: float
    step: float
    """Where the motion starts."""
    change: float
    peak: float
    """Size of the greatest change, against the motion."""
    down: float
    """What the change loses in a tick of building up."""
    up: float
    """What it gains in a tick of fading."""
    after_build: float
    """Step at the end of building up."""
    after_keep: float


@compiled
def braking_speed(distance: float) -> float:
    """Greatest move in this tick that can fade to nothing within `distance` >= 0, losing at most 1 a tick.

    A move of y now, then y - 1, y - 2, ... covers k (k + 1) / 2 for a whole k and lies on straight
    lines between those points; this inverts it. The same law leads a speed to its limit, where the
    "move" is an acceleration and the unit is the jerk limit.
    """
    whole = np.floor(0.5 * (math.sqrt(8.0 * distance + 1.0) - 1.0))
    return distance / (whole + 1.0) + 0.5 * whole


@compiled
def plan_stop(step: float, change: float, max_change: float, max_jerk: float) -> tuple[Stop, bool]:
    """The stop from a step and a change, and whether it keeps both limits (per servo tick)."""
    sign = _direction(step, change, max_jerk)
    step, change = step * sign, change * sign
    peak = _first_peak(step, change, max_change, max_jerk)
    build, fade, keep, peak = _phases(step, change, peak, max_change, max_jerk, 1.0)
    build, fade, keep, peak, fits = _fit(step, change, build, fade, keep, peak, max_change, max_jerk)
    return _lay_out(sign, step, change, build, fade, keep, peak), fits


@compiled
def estimate_travel(step: float, change: float, max_change: float, max_jerk: float) -> float:
    """As the `travel` of `plan_stop`, or a little short where whole ticks do not fit the limits."""
    sign = _direction(step, change, max_jerk)
    step, change = step * sign, change * sign
    peak = _first_peak(step, change, max_change, max_jerk)
    build, fade, keep, peak = _phases(step, change, peak, max_change, max_jerk, 1.0)
    return _lay_out(sign, step, change, build, fade, keep, peak).travel


@compiled
def motion_in(stop: Stop, ticks: float) -> tuple[float, float, float]:
    """Travel, step and change `ticks` ticks into the stop."""
    build = min(max(ticks, 0.0), stop.build)
    late = ticks - stop.build
    keep = min(max(late, 0.0), stop.keep)
    late -= stop.keep
    fade = min(max(late, 0.0), stop.fade)
    travel = stop.sign * _travelled(stop, build, keep, fade)
    if ticks >= stop.length:
        return travel, 0.0, 0.0
    change = stop.change - stop.down * build + stop.up * fade
    step = stop.step + build * stop.change
    step -= stop.down * 0.5 * build * (build + 1.0)
    step -= (keep + fade) * stop.peak - stop.up * 0.5 * fade * (fade + 1.0)
    return travel, stop.sign * step, stop.sign * change


@compiled
def reversal(stop: Stop) -> float:
    """Bound on how far the joint first moves against its later direction, signed; 0 where it does not."""
    return stop.sign * min(stop.step, 0.0) * stop.build


@compiled
def fastest(stop: Stop) -> float:
    """Bound on the size of every step on the way."""
    excess = max(stop.change - 0.5 * stop.down, 0.0)
    return abs(stop.step) + 0.5 * excess * excess / max(stop.down, 1e-12)


@compiled
def _direction(step: float, change: float, max_jerk: float) -> float:
    """Sign of where the joint drifts when its change alone is led to zero: the motion to brake against."""
    drift = step + 0.5 * change * (_whole(abs(change) / max_jerk) - 1.0)
    return math.copysign(1.0, drift + 0.0)  # a negative zero becomes a positive one


@compiled
def _first_peak(step: float, change: float, max_change: float, max_jerk: float) -> float:
    """The peak if time were continuous."""
    half = 0.5 * change
    return min(math.sqrt(max(max_jerk * (step - half) + half * change, 0.0)), max_change)


@compiled
def _phases(
    step: float, change: float, peak: float, max_change: float, max_jerk: float, least_build: float
) -> tuple[float, float, float, float]:
    """Ticks of building up, fading and keeping about this peak, and the peak that ends them at a stand."""
    build = max(_whole(abs(change + peak) / max_jerk), least_build)
    fade = _whole(peak / max_jerk)
    need = step + 0.5 * change * (build - 1.0)
    ramps = 0.5 * (build + fade)
    keep = max(np.ceil(need / max_change - ramps - _SLACK), 0.0)
    return build, fade, keep, need / (ramps + keep)


@compiled
def _fit(
    step: float,
    change: float,
    build: float,
    fade: float,
    keep: float,
    peak: float,
    max_change: float,
    max_jerk: float,
) -> tuple[float, float, float, float, bool]:
    """Phases (as `_phases` returns them) that keep the limits, and whether there are such."""
    tolerated = max_jerk * (1.0 + 1e-6)
    bad = abs(change + peak) > build * tolerated or peak > fade * tolerated
    if bad:
        # A joint that brakes already has to fade at once, and a whole tick less may do.
        less = max(fade - 1.0, 1.0)
        higher = step / (0.5 * (1.0 + less) + keep)
        if abs(change + higher) <= tolerated and higher <= less * tolerated and 0.0 <= higher <= max_change:
            build, fade, peak, bad = 1.0, less, higher, False
    for _ in range(_MOST_ROUNDS):
        if not bad:
            break
        # Rounding phases up changes the peak, which may ask for longer ones: soon that settles.
        build, fade, keep, peak = _phases(step, change, peak, max_change, max_jerk, build)
        bad = abs(change + peak) > build * tolerated or peak > fade * tolerated
    bad = bad or peak > max_change * (1.0 + 1e-6) or peak < -1e-9 * max_change
    return build, fade, keep, peak, not bad


@compiled
def _lay_out(
    sign: float, step: float, change: float, build: float, fade: float, keep: float, peak: float
) -> Stop:
    """The stop with these phases."""
    down, up = (change + peak) / build, peak / fade
    after_build = step + build * (change - 0.5 * down * (build + 1.0))
    after_keep = after_build - keep * peak
    length = build + keep + fade
    start = (step, change, peak, down, up, after_build, after_keep)
    unfinished = Stop(sign, length, 0.0, build, keep, fade, *start)
    travel = sign * _travelled(unfinished, build, keep, fade)
    return Stop(sign, length, travel, build, keep, fade, *start)


@compiled
def _travelled(stop: Stop, build: float, keep: float, fade: float) -> float:
    """Distance in the direction of `sign` after that many ticks of each phase."""
    rise = 0.5 * (build + 1.0) * (stop.change - stop.down * (build + 2.0) / 3.0)
    result = build * (stop.step + rise)
    result += keep * (stop.after_build - 0.5 * stop.peak * (keep + 1.0))
    fall = 0.5 * (fade + 1.0) * (stop.peak - stop.up * (fade + 2.0) / 3.0)
    return result + fade * (stop.after_keep - fall)


@compiled
def _whole(ticks: float) -> float:
    """Ticks rounded up, at least one."""
    return max(np.ceil(ticks - _SLACK), 1.0)
