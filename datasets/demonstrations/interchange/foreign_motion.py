"""Rows of a foreign episode as control ticks of ours."""

import numpy as np

from demonstrations.journal import MODES
from robotics.embodiment import Embodiment
from robotics.errors import DatasetError
from robotics.session import RobotMode

_BEYOND = 0.5
"""[rad or opening]; a gripper's measured position may be 0.2 past open."""


def motion_rows(
    position: np.ndarray,
    action: np.ndarray,
    velocity: np.ndarray | None,
    rate_hz: float,
    embodiment: Embodiment,
    where: str,
) -> dict[str, np.ndarray]:
    """State arrays of an episode that starts at tick 0 and robot time 0.

    At another rate than the control rate, values are interpolated linearly at the control ticks; at the
    control rate they stay as they are. Where there is no velocity, it is the slope of the positions.

    Args:
        position: Measured joints, (n, action_dim), embodiment units.
        action: Joint targets, (n, action_dim), embodiment units.
        velocity: [1/s], (n, action_dim).
        rate_hz: Rows a second.

    Raises:
        DatasetError: The arrays differ in shape, are empty or hold values that are not finite.
    """
    given = {"position": position, "action": action, **({} if velocity is None else {"velocity": velocity})}
    for name, array in given.items():
        if array.shape != (len(position), embodiment.action_dim) or not len(position):
            wanted = (len(position) or "n", embodiment.action_dim)
            raise DatasetError(f"{where}: wanted {name} of shape {wanted}, got {array.shape}")
        if not np.isfinite(array).all():
            raise DatasetError(f"{where}: {name} holds values that are not finite")
    control = embodiment.control_rate_hz
    given = {name: _at_rate(array.astype(np.float64), rate_hz, control) for name, array in given.items()}
    position, action = given["position"], given["action"]
    length = len(position)
    if velocity is None and length > 1:
        given["velocity"] = np.gradient(position, 1 / control, axis=0)
    ticks = np.arange(length)
    return {
        "tick": ticks,
        "time_ns": tick_time_ns(ticks, control),
        "position": position,
        "velocity": given.get("velocity", np.zeros_like(position)),
        "target": np.concatenate([position[:1], action[:-1]]),
        "requested": action,
        "applied": action,
        "intended": action,
        "mode": np.full(length, MODES.index(RobotMode.EXECUTING)),
        "progress": np.full(length, np.nan),
    }


def tick_time_ns(ticks: np.ndarray, rate_hz: float) -> np.ndarray:
    """Time of the n-th row of a constant rate [ns], int64."""
    return np.round(ticks * (1e9 / rate_hz)).astype(np.int64)


def limit_notes(position: np.ndarray, embodiment: Embodiment, where: str) -> list[str]:
    """One line where joints leave their limits so far that another unit or order is likely."""
    beyond = np.maximum(
        embodiment.position_lower - position.min(0), position.max(0) - embodiment.position_upper
    )
    worst = int(beyond.argmax())
    if beyond[worst] <= _BEYOND:
        return []
    values = position[:, worst]
    lower, upper = embodiment.position_lower[worst], embodiment.position_upper[worst]
    return [
        f"{where}: {embodiment.action_names[worst]} goes from {values.min():.3g} to {values.max():.3g}, "
        f"its limits are {lower:.3g} and {upper:.3g}: other units or order?"
    ]


def _at_rate(values: np.ndarray, rate_hz: float, control_hz: float) -> np.ndarray:
    if rate_hz == control_hz or len(values) < 2:
        return values
    length = int((len(values) - 1) * control_hz / rate_hz + 1e-9) + 1
    there, wanted = np.arange(len(values)) / rate_hz, np.arange(length) / control_hz
    return np.stack([np.interp(wanted, there, column) for column in values.T], axis=1)
