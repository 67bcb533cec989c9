"""A policy's answer: a chunk of joint targets, tied to the control tick that it answers."""

from dataclasses import dataclass

import numpy as np

from robotics.embodiment import Embodiment
from robotics.observation import Observation


@dataclass(frozen=True)
class ActionChunk:
    """Step k is in force during [start + k dt, start + (k+1) dt); steps past on arrival are skipped."""

    positions: np.ndarray
    """Joint targets, shape (horizon, action_dim), embodiment order and units."""
    start_time_ns: int
    """Robot time [ns] of the joint state that this chunk answers; never a latency estimate."""
    period_ns: int
    """dt: the embodiment's control period [ns]."""
    clock_id: str
    """The clock of `start_time_ns`."""
    fingerprint: str
    """Interface fingerprint of the embodiment that the chunk is for."""
    intended: np.ndarray | None = None
    """What the policy would have sent without exploration noise, same shape; recorded, never executed."""
    chunk_id: int = 0
    """Chosen by the sender, echoed in the state stream."""

    @property
    def horizon(self) -> int:
        return len(self.positions)

    @staticmethod
    def answering(
        observation: Observation,
        embodiment: Embodiment,
        positions: np.ndarray,
        intended: np.ndarray | None = None,
    ) -> "ActionChunk":
        """The chunk whose first step is in force from the observed control tick on.

        Args:
            positions: Joint targets, shape (horizon, action_dim), embodiment units.
            intended: Without exploration noise, same shape.
        """
        return ActionChunk(
            positions=positions,
            start_time_ns=observation.joints.time_ns,
            period_ns=embodiment.control_period_ns,
            clock_id=observation.clock_id,
            fingerprint=embodiment.interface_fingerprint,
            intended=intended,
        )
