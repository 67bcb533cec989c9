"""Does the motion look like this robot's: limits, jumps, roughness, joints at rest against a stop."""

from collections.abc import Iterator

import numpy as np

from demonstrations.quality.catalogue import found
from demonstrations.quality.findings import Finding
from demonstrations.quality.signals import EpisodeSignals

OUTSIDE_JOINT = 0.02
"""[rad] The guard refuses plans beyond the limits by more than this; a calibrated encoder is better."""

OUTSIDE_GRIPPER = 0.25
"""[opening] A gripper may overshoot; simulated ones were seen at 0.14 beyond open."""

JUMP_VELOCITIES = 2.0
"""Times the joint's velocity limit, from one tick to the next."""

JUMP_WITHOUT_LIMITS = 10.0
"""[rad/s] Where the limits are unknown: faster than any arm of this size (an FR3's wrist reaches 5.3)."""

JERK_LIMITS = 4.0
"""Times the joint's jerk limit, in the third difference of applied targets. Expert demonstrations reach 3.0,
because plans without a jerk limit were let through when they were recorded."""

AT_LIMIT = 0.02
"""[rad] from the limit."""

RESTING_FRACTION = 0.05
"""Of the ticks, for at_limit, gripper_clipped and held_back."""

RESTING_S = 0.5
"""At least so long, for at_limit."""

CLIPPED = 0.01
"""[opening] beyond open or closed."""

HELD_BACK = 0.1
"""[rad or opening] between what was asked for and what the guard let through."""


def check_motion(signals: EpisodeSignals) -> Iterator[Finding]:
    """outside_limits, jump, jerk (against the limits), at_limit, gripper_clipped, held_back."""
    yield from _check_limits(signals)
    yield from _check_jumps(signals)
    yield from _check_command_jerk(signals)
    yield from _check_resting(signals)
    yield from _check_requests(signals)


def jump_rows(signals: EpisodeSignals, values: np.ndarray) -> np.ndarray:
    """bool (length - 1, action_dim): where a value changes faster than the joint can move."""
    ticks = np.maximum(np.diff(signals.episode.tick), 1)[:, None]
    speed = np.abs(np.diff(values, axis=0)) / (ticks * signals.period_s)
    limit = JUMP_WITHOUT_LIMITS if signals.limits is None else JUMP_VELOCITIES * signals.limits.velocity
    return speed > limit


def jerk_of(signals: EpisodeSignals, values: np.ndarray) -> np.ndarray:
    """|third difference| [1/s^3], (length - 3, action_dim); 0 at jumps and missing ticks."""
    if len(values) < 4:
        return np.zeros((0, values.shape[1]))
    jerk = np.abs(np.diff(values, 3, axis=0)) / signals.period_s**3
    broken = jump_rows(signals, values) | (np.diff(signals.episode.tick) != 1)[:, None]
    for shift in range(3):
        jerk[broken[shift : shift + len(jerk)]] = 0.0
    return jerk


def _check_limits(signals: EpisodeSignals) -> Iterator[Finding]:
    if signals.limits is None:
        return
    allowed = np.where(signals.is_gripper, OUTSIDE_GRIPPER, OUTSIDE_JOINT)
    for kind, values in (("measured", signals.episode.position), ("applied", signals.episode.applied)):
        beyond = np.maximum(values - signals.limits.upper, signals.limits.lower - values)
        for d in np.flatnonzero((beyond > allowed).any(axis=0)):
            count, most = int((beyond[:, d] > allowed[d]).sum()), float(beyond[:, d].max())
            text = f"{kind} up to {most:.3f} beyond its limit, in {count} ticks"
            yield found("outside_limits", text, signals.names[d], most, float(allowed[d]))


def _check_jumps(signals: EpisodeSignals) -> Iterator[Finding]:
    for kind, values in (("measured", signals.episode.position), ("applied", signals.episode.applied)):
        jumps = jump_rows(signals, values)
        for d in np.flatnonzero(jumps.any(axis=0)):
            row = int(np.argmax(jumps[:, d])) + 1
            step = float(np.abs(np.diff(values[:, d])).max())
            text = f"{kind} jumps by up to {step:.3f} within a tick, first at row {row}"
            yield found("jump", text, signals.names[d], step)


def _check_command_jerk(signals: EpisodeSignals) -> Iterator[Finding]:
    if signals.limits is None:
        return
    jerk = jerk_of(signals, signals.episode.applied)
    if not len(jerk):
        return
    most = jerk.max(axis=0) / signals.limits.jerk
    for d in np.flatnonzero(most > JERK_LIMITS):
        count = int((jerk[:, d] > JERK_LIMITS * signals.limits.jerk[d]).sum())
        text = f"commanded jerk up to {most[d]:.1f} times its limit, {count} ticks over {JERK_LIMITS:g}"
        yield found("jerk", text, signals.names[d], most[d], JERK_LIMITS)


def _check_resting(signals: EpisodeSignals) -> Iterator[Finding]:
    if signals.limits is None:
        return
    position = signals.episode.position
    room = np.minimum(position - signals.limits.lower, signals.limits.upper - position)
    resting = room < AT_LIMIT
    told = (room < -OUTSIDE_JOINT).any(axis=0)  # as outside_limits
    for d in np.flatnonzero(~signals.is_gripper & ~told & (np.ptp(position, axis=0) > AT_LIMIT)):
        count = int(resting[:, d].sum())
        if count > RESTING_FRACTION * len(position) and count * signals.period_s >= RESTING_S:
            text = f"within {AT_LIMIT:g} rad of its limit for {count * signals.period_s:.1f} s"
            yield found("at_limit", text, signals.names[d], count / len(position), RESTING_FRACTION)


def _check_requests(signals: EpisodeSignals) -> Iterator[Finding]:
    requested, applied = signals.episode.requested, signals.episode.applied
    beyond = np.maximum(requested - 1, -requested) > CLIPPED
    clipped = np.where(signals.is_gripper, beyond.mean(axis=0), 0.0)
    for d in np.flatnonzero(clipped > RESTING_FRACTION):
        text = (
            f"asked for {requested[:, d].min():.2f} .. {requested[:, d].max():.2f}, beyond 0 .. 1 "
            f"in {clipped[d]:.0%} of the ticks"
        )
        yield found("gripper_clipped", text, signals.names[d], clipped[d], RESTING_FRACTION)
    held = (np.abs(requested - applied) > HELD_BACK).mean(axis=0)
    for d in np.flatnonzero((held > RESTING_FRACTION) & (clipped <= RESTING_FRACTION)):
        most = float(np.abs(requested - applied)[:, d].max())
        text = f"up to {most:.2f} less than asked for; over {HELD_BACK:g} in {held[d]:.0%} of the ticks"
        yield found("held_back", text, signals.names[d], held[d], RESTING_FRACTION)
