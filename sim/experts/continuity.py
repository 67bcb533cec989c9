"""How fast the target moved just before an observation, so that a new chunk goes on without a jolt."""

import numpy as np

from robotics.observation import Observation


class Continuity:
    """Remembers the last chunk sent; a target does not tell its speed."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """At the start of an episode."""
        self._start_ns, self._trail = 0, np.empty((0, 0))

    def remember(self, observation: Observation, positions: np.ndarray) -> None:
        """The chunk `positions` (horizon, action_dim) answers the observation."""
        self._start_ns = observation.joints.time_ns
        self._trail = np.vstack([observation.joints.target, positions])

    def last_change(self, observation: Observation, period_ns: int) -> np.ndarray:
        """Change of the target in the step before the observation, shape (action_dim,)."""
        target, plan = observation.joints.target, observation.plan
        step = round((observation.joints.time_ns - self._start_ns) / period_ns)
        if 1 <= step < len(self._trail):
            # Also where a guard has slowed the plan down: it follows the plan's motion.
            return self._trail[step] - self._trail[step - 1]
        if len(plan) >= 2:  # another's plan goes on: continue it backwards with equal acceleration
            return 2.0 * (plan[0] - target) - (plan[1] - plan[0])
        return np.zeros(len(target))
