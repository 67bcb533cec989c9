"""Smooth motions to send in tests, and what to look for in the ticks that come back."""

from collections.abc import Sequence

import numpy as np

from robotics.action import ActionChunk
from robotics.embodiment import Embodiment
from robotics.session import Event, EventKind, RobotSession, RobotState


def ramp(embodiment: Embodiment, start: np.ndarray, steps: int, reach: float = 0.3) -> np.ndarray:
    """A smooth turn of the first joint of each arm by `reach` [rad], shape (steps, action_dim)."""
    fraction = np.arange(1, steps + 1) / steps
    smooth = fraction**3 * (10 - 15 * fraction + 6 * fraction**2)
    positions = np.tile(start, (steps, 1))
    for joints in embodiment.arm_slices.values():
        positions[:, joints.start] += reach * smooth
    return positions


def send_ramp(session: RobotSession, steps: int = 50, reach: float = 0.3) -> np.ndarray:
    """Send a smooth turn that answers this moment; returns its positions, shape (steps, action_dim)."""
    embodiment = session.describe().embodiment
    observation = session.observe()
    positions = ramp(embodiment, observation.joints.target, steps, reach)
    session.send(ActionChunk.answering(observation, embodiment, positions))
    return positions


def events_of(states: Sequence[RobotState], kind: EventKind) -> list[Event]:
    """Events of one kind in a row of ticks, oldest first."""
    return [event for state in states for event in state.events if event.kind is kind]


def assert_within_limits(embodiment: Embodiment, states: Sequence[RobotState]) -> None:
    """Applied targets keep position, velocity and acceleration limits at control rate."""
    period_s = embodiment.control_period_ns * 1e-9
    applied = np.array([state.applied for state in states])
    assert (applied >= embodiment.position_lower - 1e-6).all()
    assert (applied <= embodiment.position_upper + 1e-6).all()
    velocity = np.diff(applied, axis=0) / period_s
    assert (np.abs(velocity) <= embodiment.velocity_limit * 1.001).all()
    acceleration = np.diff(velocity, axis=0) / period_s
    assert (np.abs(acceleration) <= embodiment.acceleration_limit * 1.001).all()
