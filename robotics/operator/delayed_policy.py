"""A policy that answers late, on purpose: how much latency can the rest take?"""

import time

import numpy as np

from robotics.action import ActionChunk
from robotics.observation import Observation
from robotics.policy import Policy


class DelayedPolicy:
    """Implements Policy; each chunk is kept back for a while, as a slow network or computer would."""

    def __init__(self, policy: Policy, delay_s: float, jitter_s: float = 0.0, seed: int = 0):
        """
        Args:
            delay_s: Least delay of a chunk [s].
            jitter_s: Up to so much more, evenly distributed [s].
        """
        if delay_s < 0 or jitter_s < 0:
            raise ValueError(f"delay and jitter want 0 or more, got {delay_s:g} and {jitter_s:g} s")
        self._policy = policy
        self.name = f"{policy.name}, {delay_s * 1e3:g} + {jitter_s * 1e3:g} ms late"
        self.cameras: tuple[str, ...] = policy.cameras
        self.replan_steps = policy.replan_steps
        self._delay_s, self._jitter_s = delay_s, jitter_s
        self._rng = np.random.default_rng(seed)

    def reset(self) -> None:
        self._policy.reset()

    def act(self, observation: Observation) -> ActionChunk:
        chunk = self._policy.act(observation)
        time.sleep(self._delay_s + self._jitter_s * self._rng.random())
        return chunk

    def close(self) -> None:
        """Close the policy, if it can be closed."""
        close = getattr(self._policy, "close", None)
        if close is not None:
            close()
