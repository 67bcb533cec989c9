"""Normalise and denormalise are inverse to each other."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from policies.normalisation import Normaliser, Statistics


def statistics(seed: int, horizon: int = 6, dim: int = 4) -> Statistics:
    rng = np.random.default_rng(seed)
    gripper = np.array([False, True, False, True])
    return Statistics.compute(
        rng.normal(size=(50, dim)), rng.normal(size=(50, horizon, dim)), np.ones((50, horizon)), gripper
    )


@given(st.integers(0, 10_000))
def test_a_chunk_survives_the_round_trip(seed):
    generator = torch.Generator().manual_seed(seed)
    normaliser = Normaliser(statistics(seed))
    targets = torch.randn(3, 6, 4, generator=generator)
    position = torch.randn(3, 4, generator=generator)
    torch.testing.assert_close(
        normaliser.targets(normaliser.chunk(targets, position), position), targets, atol=1e-5, rtol=1e-5
    )


def test_grippers_are_absolute_and_joints_relative():
    normaliser = Normaliser(statistics(0))
    targets = torch.zeros(1, 6, 4)
    moved = normaliser.chunk(targets, torch.ones(1, 4)) - normaliser.chunk(targets, torch.zeros(1, 4))
    assert (moved[..., [1, 3]] == 0).all()
    assert (moved[..., [0, 2]] < 0).all()


def test_dimensions_that_hardly_move_have_a_floor_and_are_named():
    still = Statistics.compute(
        np.zeros((20, 2)), np.zeros((20, 3, 2)), np.ones((20, 3)), np.array([False, False])
    )
    assert (still.joint_std == Statistics.JOINT_FLOOR).all()
    assert (still.chunk_std == Statistics.CHUNK_FLOOR).all()
    assert still.suspicious(("a", "b")) == ["a", "b"]
