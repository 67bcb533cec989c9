"""A motion that sweeps joints to and fro close to their velocity limits."""

import numpy as np

from robotics.embodiment import Embodiment

_SPEED = 0.955
"""Of the velocity limit."""
_HEADROOM = 0.8
"""Of the acceleration and jerk limits."""
_WIDEST = 2.1
"""Half of a sweep [rad]: arms of the built-in robots stay apart."""
_LEAST = 1.9
"""Joints with less room [rad] stay where they are."""
_FINE_S = 1e-3
_FADE_S = 2.0
"""The last seconds of a plan come to rest."""


def sweeping_joints(embodiment: Embodiment) -> np.ndarray:
    """Which action dimensions reach their full speed, bool, shape (action_dim,)."""
    grippers = embodiment.gripper_indices.values()
    joints = range(embodiment.action_dim)
    return np.array([j not in grippers and _half_width(embodiment, j) > _LEAST for j in joints])


def full_speed_plan(embodiment: Embodiment, start: np.ndarray, steps: int) -> np.ndarray:
    """Out of rest at `start`, shape (action_dim,), to and fro round home; shape (steps, action_dim).

    Within the limits, so that the guard passes it unchanged.
    """
    plan = np.tile(start, (steps, 1))
    for joint in np.flatnonzero(sweeping_joints(embodiment)):
        plan[:, joint] += _sweep(embodiment, int(joint), start[joint] - embodiment.home[joint], steps)
    return np.clip(plan, embodiment.position_lower, embodiment.position_upper)


def _speed(embodiment: Embodiment, joint: int) -> float:
    return _SPEED * embodiment.velocity_limit[joint]


def _turn_s(embodiment: Embodiment, joint: int) -> float:
    """Time in which the joint turns round from full speed to full speed, along a cosine."""
    speed = _speed(embodiment, joint)
    by_acceleration = np.pi * speed / (_HEADROOM * embodiment.acceleration_limit[joint])
    by_jerk = np.pi * np.sqrt(speed / (_HEADROOM * embodiment.jerk_limit[joint]))
    return float(max(by_acceleration, by_jerk))


def _half_width(embodiment: Embodiment, joint: int) -> float:
    home = embodiment.home[joint]
    room = min(embodiment.position_upper[joint] - home, home - embodiment.position_lower[joint])
    return float(min(_WIDEST, 0.8 * room))


def _dwell_s(embodiment: Embodiment, joint: int) -> float:
    """How long a sweep is at full speed."""
    speed, turn_s = _speed(embodiment, joint), _turn_s(embodiment, joint)
    return (2.0 * _half_width(embodiment, joint) - 2.0 * speed * turn_s / np.pi) / speed


def _sweep(embodiment: Embodiment, joint: int, offset: float, steps: int) -> np.ndarray:
    """How far the joint has gone at the end of each step, shape (steps,)."""
    speed, turn_s = _speed(embodiment, joint), _turn_s(embodiment, joint)
    direction = -1.0 if offset > 0.0 else 1.0
    # away from rest, then at full speed until the turn that ends at the far side
    way = abs(offset) + _half_width(embodiment, joint) - speed * turn_s * (0.5 + 1.0 / np.pi)
    first_s = max(0.0, way / speed)
    end_s = steps * embodiment.control_period_ns * 1e-9
    time_s = np.arange(0.0, end_s, _FINE_S) + _FINE_S / 2
    rising = 0.5 * (1.0 - np.cos(np.pi * np.clip(time_s / turn_s, 0.0, 1.0)))
    after_s = time_s - turn_s - first_s
    cycle_s = turn_s + _dwell_s(embodiment, joint)
    number = np.maximum(0, after_s // cycle_s)
    turning = np.cos(np.pi * np.clip((after_s - number * cycle_s) / turn_s, 0.0, 1.0))
    wave = np.where(after_s < 0.0, rising, turning * (-1.0) ** number)
    # a plan that ends at full speed has to be braked for, and would not pass the guard unchanged
    wave *= 0.5 * (1.0 - np.cos(np.pi * np.clip((end_s - time_s) / _FADE_S, 0.0, 1.0)))
    way_so_far = direction * speed * np.cumsum(wave) * _FINE_S
    ends = np.round(np.arange(1, steps + 1) * embodiment.control_period_ns * 1e-9 / _FINE_S).astype(int) - 1
    return way_so_far[ends]
