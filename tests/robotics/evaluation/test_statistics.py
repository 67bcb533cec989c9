"""Intervals, percentiles and shuffles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotics.evaluation.statistics import derangement, latency_statistics, wilson_interval


def test_the_interval_agrees_with_published_values():
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 and 0 of 20
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


@given(st.integers(1, 500), st.data())
def test_the_interval_holds_the_rate_and_stays_between_0_and_1(trials: int, data: st.DataObject):
    successes = data.draw(st.integers(0, trials))
    low, high = wilson_interval(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    assert low < high


def test_no_trials_say_nothing():
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_more_successes_than_trials_are_refused():
    with pytest.raises(ValueError, match="3 of 2"):
        wilson_interval(3, 2)


def test_latency_percentiles_are_those_of_the_sample():
    found = latency_statistics("act", list(range(1, 101)))
    assert (found.stage, found.count, found.p50_ms, found.max_ms) == ("act", 100, 50.5, 100.0)
    assert found.p50_ms < found.p95_ms < found.p99_ms < found.max_ms


def test_an_empty_sample_gives_zeros():
    assert latency_statistics("act", []).count == 0


@given(st.integers(2, 60), st.integers(0, 1000))
def test_a_derangement_moves_every_index_and_repeats_from_its_seed(count: int, seed: int):
    order = derangement(count, seed)
    assert sorted(order) == list(range(count))
    assert not np.any(order == np.arange(count))
    assert np.array_equal(order, derangement(count, seed))
