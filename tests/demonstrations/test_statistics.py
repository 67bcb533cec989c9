"""Statistics say how each joint moves, and which hardly do."""

import json
from dataclasses import replace

import numpy as np
import pytest
from contracts.demonstration_episodes import make_dataset, make_state
from contracts.fake_embodiment import fake_embodiment

from demonstrations.schema import EpisodeOutcome
from demonstrations.statistics import compute_statistics
from robotics.errors import DatasetError


def test_statistics_match_all_ticks_of_the_demonstrations(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=3, ticks=30)
    statistics = compute_statistics(dataset)
    requested = np.concatenate([episode.requested for episode in dataset])
    of = statistics.quantities["requested"]
    np.testing.assert_allclose(of.mean, requested.mean(0))
    np.testing.assert_allclose(of.std, requested.std(0))
    np.testing.assert_array_equal([of.min, of.max], [requested.min(0), requested.max(0)])
    np.testing.assert_allclose([of.q01, of.q99], np.quantile(requested, [0.01, 0.99], axis=0))
    assert (statistics.episodes, statistics.ticks, statistics.notes) == (3, 90, ())
    assert json.loads(json.dumps(statistics.to_json()))["ticks"] == 90


def test_a_joint_that_hardly_moves_is_noted_and_floored(tmp_path):
    dataset = make_dataset(tmp_path / "data")
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin()
        for tick in range(50):
            state = make_state(tick)
            requested = state.requested.copy()
            requested[6] = 0.5 + 1e-5 * tick
            writer.append_state(replace(state, requested=requested))
        writer.commit(EpisodeOutcome(True))
    statistics = compute_statistics(dataset)
    assert statistics.notes == (
        "requested of left/gripper hardly moves: standard deviation 0.00014 is below 0.01",
    )
    assert statistics.quantities["requested"].floored_std()[6] == 0.01
    assert statistics.quantities["requested"].floored_std()[5] > 0.5


def test_nothing_to_compute_or_values_that_are_not_finite_are_refused(tmp_path):
    dataset = make_dataset(tmp_path / "data")
    with pytest.raises(DatasetError, match="no episode"):
        compute_statistics(dataset)
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin()
        writer.append_state(replace(make_state(0), intended=np.full(14, np.nan)))
        writer.commit(EpisodeOutcome(True))
    with pytest.raises(DatasetError, match=r"episode_000000\.zarr: state/intended"):
        compute_statistics(dataset)
