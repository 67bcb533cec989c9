"""A policy's answer: a chunk of joint targets, tied to the control tick that it answers."""

from dataclasses import dataclass

import numpy as np

from robotics.embodiment import Embodiment
from robotics.observation import Observation


@dataclass(frozen=True)
class ActionChunk:
    """Step 0 is for the control tick that the chunk answers, step 1 for the next one, and so on.

    On arrival as many steps are skipped as the robot has executed since; it counts, nobody estimates.
    """

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
    late_tolerance_ns: int = 0
    """A source of single steps may be late by so much [ns]: its last step is executed although it is past,
    and the plan counts as run out only so long after its end."""

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
