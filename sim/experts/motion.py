"""Smooth motion towards a target, decided anew at each step from position and velocity alone."""

import numpy as np

from sim.experts.plant import Frame

_ARRIVAL_S = 0.07
"""Time constant of the last centimetre."""
_BRAKE_SHARE = 0.8
"""Of the acceleration limit that braking plans with, so that it ends before the target."""


def rotation_vector(rotation: np.ndarray) -> np.ndarray:
    """Axis times angle (3,) [rad] of a rotation (3, 3), angle up to pi."""
    skew = np.array(
        [rotation[2, 1] - rotation[1, 2], rotation[0, 2] - rotation[2, 0], rotation[1, 0] - rotation[0, 1]]
    )
    sine, cosine = 0.5 * float(np.sqrt(skew @ skew)), 0.5 * (float(np.trace(rotation)) - 1.0)
    if sine < 1e-6:
        return 0.5 * skew  # the half turn has no direction and does not occur between two steps
    return skew * (np.arctan2(sine, cosine) / (2.0 * sine))


def speed_towards(distance: float, speed: float, acceleration: float) -> float:
    """Speed at which to be, at a distance from the target: cruise, brake, arrive."""
    return min(speed, float(np.sqrt(2.0 * _BRAKE_SHARE * acceleration * distance)), distance / _ARRIVAL_S)


def next_velocity(
    way: np.ndarray, velocity: np.ndarray, speed: float, acceleration: float, dt: float
) -> np.ndarray:
    """Velocity of the next step, same shape as `way`.

    Args:
        way: From here to the target.
        velocity: Of the last step.
        speed: Limit of its norm.
        acceleration: Limit of the norm of its change, a second.
    """
    distance = float(np.sqrt(way @ way))
    wanted = way * (speed_towards(distance, speed, acceleration) / max(distance, 1e-9))
    change = wanted - velocity
    size = float(np.sqrt(change @ change))
    return velocity + change * min(1.0, acceleration * dt / max(size, 1e-12))


def way_to(target: Frame, now: Frame) -> tuple[np.ndarray, np.ndarray]:
    """Translation [m] and rotation vector [rad], world axes, each (3,), from `now` to `target`."""
    return target.position - now.position, rotation_vector(target.rotation @ now.rotation.T)
