"""What a policy is; every policy's test class inherits this and provides the fixtures."""

import dataclasses

import numpy as np
import pytest

from robotics.embodiment import Embodiment
from robotics.errors import IncompatibleError
from robotics.observation import CameraFrame, JointState, Observation
from robotics.policy import Policy


def make_observation(embodiment: Embodiment, cameras: tuple[str, ...], *, seed: int = 0) -> Observation:
    """A plausible observation: near home, noise images."""
    rng = np.random.default_rng(seed)
    position = np.clip(
        embodiment.home + rng.normal(0, 0.02, embodiment.action_dim),
        embodiment.position_lower,
        embodiment.position_upper,
    )
    images = {}
    for name in cameras:
        camera = embodiment.get_camera(name)
        image = rng.integers(0, 255, (camera.height, camera.width, 3), dtype=np.uint8)
        images[name] = CameraFrame(image, 1_000_000_000)
    joints = JointState(50, 1_000_000_000, position, np.zeros_like(position), position.copy())
    return Observation(
        "clock", joints, np.zeros((0, embodiment.action_dim)), images, "put the red cube in the left bowl"
    )


class PolicyContract:
    """Subclasses provide fixtures `policy` and `embodiment`."""

    @pytest.fixture
    def observation(self, policy: Policy, embodiment: Embodiment) -> Observation:
        return make_observation(embodiment, policy.cameras)

    def test_the_chunk_answers_the_observed_tick(self, policy: Policy, embodiment: Embodiment, observation):
        policy.reset()
        chunk = policy.act(observation)
        assert chunk.start_time_ns == observation.joints.time_ns
        assert chunk.clock_id == observation.clock_id
        assert chunk.period_ns == embodiment.control_period_ns
        assert chunk.fingerprint == embodiment.interface_fingerprint

    def test_the_chunk_is_finite_within_limits_and_long_enough(self, policy, embodiment, observation):
        policy.reset()
        positions = policy.act(observation).positions
        assert positions.shape[1] == embodiment.action_dim
        assert len(positions) >= policy.replan_steps >= 1
        assert np.isfinite(positions).all()
        assert (positions >= embodiment.position_lower - 0.02).all()
        assert (positions <= embodiment.position_upper + 0.02).all()

    def test_after_a_reset_the_same_observation_gives_the_same_chunk(self, policy, observation):
        policy.reset()
        first = policy.act(observation).positions
        policy.act(observation)
        policy.reset()
        np.testing.assert_array_equal(policy.act(observation).positions, first)

    def test_a_missing_camera_is_named(self, policy, observation):
        if not policy.cameras:
            pytest.skip("this policy looks at no camera")
        policy.reset()
        blind = dataclasses.replace(observation, images={})
        with pytest.raises(IncompatibleError, match=policy.cameras[0]):
            policy.act(blind)
