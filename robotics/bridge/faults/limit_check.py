"""Whether targets kept the limits of position, velocity, acceleration and jerk, at servo and control rate."""

from collections.abc import Sequence

import numpy as np

from robotics.bridge.faults.breaking_robot import DriverNotes
from robotics.embodiment import Embodiment
from robotics.session import RobotState

_POSITION_TOLERANCE = 1e-6
_TOLERANCE = 1.001
"""The same as the tests of a session's motion have."""


def check_states(embodiment: Embodiment, states: Sequence[RobotState]) -> str:
    """The first limit that the applied targets of a state stream break, in one line; '' where they keep all.

    Jerk is looked at in the driver's notes only: at control rate it is an average. Ticks that were missed
    part the record: nobody commands during them, and the motion after them begins at rest.
    """
    rows = np.array([state.applied for state in states])
    ticks = np.array([state.joints.tick for state in states])
    period_s = embodiment.control_period_ns * 1e-9
    for run in _runs(ticks):
        problem = _check(embodiment, rows[run], period_s, with_jerk=False)
        if problem:
            return f"{problem}, in the state stream at tick {ticks[run][0]} and after"
    return ""


def check_driver(embodiment: Embodiment, notes: DriverNotes, grid_ns: int) -> str:
    """As `check_states`, for every target that reached the driver, with jerk.

    Args:
        grid_ns: The start of any control tick, robot time [ns]: it tells which tick read the joints.
    """
    if not len(notes.targets):
        return ""
    ticks = (notes.read_ns - grid_ns) // embodiment.control_period_ns
    # the servo targets of a tick come one after the other, so only whole ticks can be missing
    starts = np.flatnonzero(np.diff(ticks) > 1) + 1
    for run in np.split(np.arange(len(ticks)), starts):
        problem = _check(embodiment, notes.targets[run], 1.0 / embodiment.servo_rate_hz, with_jerk=True)
        if problem:
            return f"{problem}, at the driver in tick {ticks[run][0]} and after"
    return ""


def _runs(ticks: np.ndarray) -> list[np.ndarray]:
    """Indices of consecutive ticks."""
    return np.split(np.arange(len(ticks)), np.flatnonzero(np.diff(ticks) != 1) + 1)


def _check(embodiment: Embodiment, rows: np.ndarray, period_s: float, with_jerk: bool) -> str:
    below = (embodiment.position_lower - rows).max()
    above = (rows - embodiment.position_upper).max()
    if max(below, above) > _POSITION_TOLERANCE:
        return f"position {max(below, above):.2g} outside its limits"
    velocity = np.diff(rows, axis=0) / period_s
    acceleration = np.diff(velocity, axis=0) / period_s
    jerk = np.diff(acceleration, axis=0) / period_s
    limits = [
        ("velocity", velocity, embodiment.velocity_limit),
        ("acceleration", acceleration, embodiment.acceleration_limit),
    ]
    if with_jerk:
        limits.append(("jerk", jerk, embodiment.jerk_limit))
    for name, values, limit in limits:
        share = np.abs(values) / limit
        if len(values) and share.max() > _TOLERANCE:
            joint = embodiment.action_names[int(share.max(axis=0).argmax())]
            return f"{name} of {joint} at {100 * share.max():.1f} % of its limit"
    return ""
