"""The decoder is trained with the grounding errors of scenes that the backbone has not seen."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
import torch

from policies.backbone import Context
from policies.demonstration_frames import Demonstrations
from policies.train_decoder import measure_point_noise

FRAMES = 400


def make(error: float) -> tuple[Demonstrations, Context]:
    """Two episodes, points 2 m from two cameras; the second episode's points are off, by a share of 2 m."""
    rng = np.random.default_rng(0)
    rows = 2 * FRAMES
    point = rng.normal(size=(rows, 2, 3))
    point *= 2.0 / np.linalg.norm(point, axis=-1, keepdims=True)
    seen = np.repeat(point[:, None], 2, axis=1)  # (row, camera, point, 3)
    seen[FRAMES:] += rng.normal(size=seen[FRAMES:].shape) * error * 2.0
    demos = SimpleNamespace(
        frame_row=np.arange(rows),
        frame_episode=np.repeat([0, 1], FRAMES),
        point=point,
        point_known=np.ones((rows, 2), bool),
        camera_position={"overhead": np.zeros((rows, 3)), "wrist": np.zeros((rows, 3))},
    )
    confidence = torch.ones(rows, 2, 2)
    confidence[:, 1] = 0.1
    context = Context(torch.as_tensor(seen), confidence, torch.zeros(rows, 2, 6), torch.zeros(rows, 4))
    return cast(Demonstrations, demos), context


def test_the_noise_is_the_error_on_held_out_scenes_as_share_of_the_distance():
    demos, context = make(0.02)
    noise = measure_point_noise(demos, context, ["overhead", "wrist"], np.array([False, True]), 0.003)
    assert noise[0] == pytest.approx(0.02, rel=0.1)
    assert noise[1] == 0.003  # this camera has seen nothing


def test_errors_on_trained_scenes_do_not_count_and_none_are_infinite():
    demos, context = make(0.02)
    trained = measure_point_noise(demos, context, ["overhead", "wrist"], np.array([True, False]), 0.003)
    assert trained[0] == 0.003
    demos, context = make(5.0)
    assert (
        measure_point_noise(demos, context, ["overhead", "wrist"], np.array([False, True]), 0.003)[0] == 0.1
    )
