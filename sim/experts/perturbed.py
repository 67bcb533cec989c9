"""An expert that errs on purpose, so that its demonstrations show how to correct (DART).

After Laskey et al. 2017, "DART: Noise Injection for Robust Imitation Learning": the executed motion
carries noise, while `ActionChunk.intended` carries what the expert wants from the disturbed state.
"""

from dataclasses import dataclass

import numpy as np

from robotics.action import ActionChunk
from robotics.observation import Observation
from sim.experts.expert import Expert

_LIMIT_SHARE = 0.9
"""Of the acceleration limits, for plan and noise together."""
_NOISE_SHARE = 0.3
"""Of the acceleration limits, for the noise: what remains is enough to correct it."""
_REACH_M = 0.57
"""Of the arm that the noise is sized for; longer arms get smaller angles."""


@dataclass(frozen=True)
class Perturbation:
    """Exploration noise of usual strength."""

    joint_noise_rad: float = 0.025
    """Standard deviation of each joint's slow error."""
    joint_noise_s: float = 0.35
    """Its correlation time."""
    push_m: tuple[float, float] = (0.02, 0.04)
    """How far a push moves the tool, least and most."""
    push_s: tuple[float, float] = (0.2, 0.4)
    """How long it takes."""
    push_every_s: float = 1.6
    """Mean time between pushes of a moving arm."""
    least: float = 0.08
    """Share of the joint noise that remains in contact."""


class PerturbedExpert:
    """Executes an expert's plan with smooth noise on the arms that move."""

    name = "expert"
    cameras: tuple[str, ...] = ()

    def __init__(
        self, expert: Expert, *, strength: float = 1.0, seed: int = 0, noise: Perturbation | None = None
    ):
        """
        Args:
            strength: Factor on the size of noise and pushes.
            seed: Of the noise; each `reset` goes on with the same stream.
        """
        self.expert, self._strength, self._noise = expert, strength, noise or Perturbation()
        self.replan_steps = expert.replan_steps
        self._rng = np.random.default_rng(seed)
        embodiment = expert.plant.embodiment
        self._dt = 1.0 / embodiment.control_rate_hz
        self._slices = list(embodiment.arm_slices.values())
        self._most = _LIMIT_SHARE * embodiment.acceleration_limit * self._dt**2
        self._fastest = 0.9 * embodiment.velocity_limit * self._dt
        self.reset()

    def reset(self) -> None:
        self.expert.reset()
        size = self.expert.plant.embodiment.action_dim
        self._slow, self._slower = np.zeros(size), np.zeros(size)
        self._speed = np.zeros(size)
        self._push_steps_left = 0
        self._push_velocity = np.zeros(size)
        self._push_length = 1

    def act(self, observation: Observation) -> ActionChunk:
        embodiment = self.expert.plant.embodiment
        intended = self.expert.plan(observation)
        positions = self._smoothed(observation, intended + self._offsets(observation))
        positions = np.clip(positions, embodiment.position_lower, embodiment.position_upper)
        self.expert.continuity.remember(observation, positions)
        return ActionChunk.answering(observation, embodiment, positions, intended)

    def _smoothed(self, observation: Observation, wanted: np.ndarray) -> np.ndarray:
        """`wanted` (horizon, action_dim), followed as fast as velocity and acceleration limits allow."""
        period = self.expert.plant.embodiment.control_period_ns
        at, change = observation.joints.target, self.expert.continuity.last_change(observation, period)
        positions = np.empty_like(wanted)
        for step, target in enumerate(wanted):
            change = change + np.clip(target - at - change, -self._most, self._most)
            change = np.clip(change, -self._fastest, self._fastest)
            at = positions[step] = at + change
        return positions

    def _offsets(self, observation: Observation) -> np.ndarray:
        """What is added to the plan, shape (horizon, action_dim).

        The noise is the change since the observation only: where earlier noise has brought the arm is
        part of the state that the plan starts from. Only the steps up to the next decision are drawn;
        after them the offset stays.
        """
        offsets = np.zeros((self.expert.horizon, len(observation.joints.target)))
        offset = np.zeros(offsets.shape[1])
        for step in range(self.expert.horizon):
            if step < self.replan_steps:
                wanted = self._step(observation, self.expert.freedom[step])
                sudden = _NOISE_SHARE / _LIMIT_SHARE * self._most
                self._speed = self._speed + np.clip(wanted - self._speed, -sudden, sudden)
                offset = offset + self._speed
            offsets[step] = offset
        return offsets

    def _step(self, observation: Observation, freedom: np.ndarray) -> np.ndarray:
        """Change of the offset in one step, shape (action_dim,)."""
        noise, dt = self._noise, self._dt
        # Two filters in a row: an error whose velocity is smooth, too.
        decay = np.exp(-2.0 * dt / noise.joint_noise_s)
        reach = min(self.expert.plant.upright_reach_m.values())
        size = self._strength * noise.joint_noise_rad * min(1.0, _REACH_M / reach)
        drive = self._rng.standard_normal(len(self._slow)) * size * np.sqrt(2.0 * (1.0 - decay**2))
        self._slower = decay * self._slower + drive
        before = self._slow
        self._slow = decay * self._slow + (1.0 - decay) * self._slower
        change = np.zeros_like(before)
        for arm, joints in enumerate(self._slices):
            share = noise.least + (1.0 - noise.least) * freedom[arm] if freedom[arm] > 0 else 0.0
            change[joints] = share * (self._slow - before)[joints]
        return change + self._push(observation, freedom)

    def _push(self, observation: Observation, freedom: np.ndarray) -> np.ndarray:
        noise = self._noise
        arm = int(np.argmax(freedom))
        if self._push_steps_left == 0:
            if freedom[arm] < 0.9 or self._rng.random() > self._dt / noise.push_every_s:
                return np.zeros_like(self._slow)
            self._push_length = max(2, round(self._rng.uniform(*noise.push_s) / self._dt))
            self._push_steps_left = self._push_length
            name = list(self.expert.plant.embodiment.arm_slices)[arm]
            self.expert.plant.place(observation.joints.position)
            jacobian = self.expert.plant.jacobian(name)[:3]
            way = self._rng.standard_normal(3)
            way *= self._strength * self._rng.uniform(*noise.push_m) / np.linalg.norm(way)
            self._push_velocity = np.zeros_like(self._slow)
            gram = jacobian @ jacobian.T + 1e-3 * np.eye(3)
            self._push_velocity[self._slices[arm]] = jacobian.T @ np.linalg.solve(gram, way)
        # A raised cosine in velocity: it begins and ends at rest.
        phase = (self._push_length - self._push_steps_left + 0.5) / self._push_length
        self._push_steps_left -= 1
        return self._push_velocity * (1.0 - np.cos(2.0 * np.pi * phase)) / self._push_length * freedom[arm]
