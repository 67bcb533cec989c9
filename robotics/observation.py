"""What a robot sees and feels at one moment; every part carries its own capture time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class CameraFrame:
    """One picture of one camera."""

    image: np.ndarray
    """uint8 RGB, shape (height, width, 3)."""
    capture_time_ns: int
    """Robot time [ns]."""
    depth: np.ndarray | None = None
    """float32, shape (height, width) [m]; 0 where unknown."""


@dataclass(frozen=True)
class AudioClip:
    """Sound since the last observation."""

    samples: np.ndarray
    """int16, shape (sample, channel)."""
    sample_rate_hz: int
    capture_time_ns: int
    """Robot time of the first sample [ns]."""


@dataclass(frozen=True)
class JointState:
    """Joints at the start of one control tick, in embodiment order and units."""

    tick: int
    """Control ticks since the clock started."""
    time_ns: int
    """Robot time of the tick [ns]."""
    position: np.ndarray
    """Measured, shape (action_dim,)."""
    velocity: np.ndarray
    """Measured, shape (action_dim,) [1/s]."""
    target: np.ndarray
    """Last applied before this tick, shape (action_dim,)."""


@dataclass(frozen=True)
class Observation:
    """Input of a policy."""

    clock_id: str
    joints: JointState
    plan: np.ndarray
    """The part of the plan not yet executed, from `joints.time_ns` on, shape (remaining, action_dim)."""
    images: Mapping[str, CameraFrame] = field(default_factory=dict)
    """Newest frame of each requested camera."""
    instruction: str = ""
    """It travels here and nowhere else."""
    audio: AudioClip | None = None
