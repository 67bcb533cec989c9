import itertools

import numpy as np
import pytest

from policies.reasoner.state_change import find_order, find_segments, find_triple


def log_probabilities(seed: int, count: int) -> np.ndarray:
    return np.log(np.random.default_rng(seed).uniform(1e-3, 1, size=(3, count)))


@pytest.mark.parametrize("seed", range(100))
def test_the_triple_is_the_one_that_trying_all_finds(seed: int):
    initial, action, end = log_probabilities(seed, 3 + seed % 20)
    triple = find_triple(initial, action, end)
    every = itertools.combinations(range(len(initial)), 3)
    best = max(every, key=lambda ijk: initial[ijk[0]] + action[ijk[1]] + end[ijk[2]])
    assert (triple.initial, triple.action, triple.end) == best
    total = initial[best[0]] + action[best[1]] + end[best[2]]
    assert triple.score == pytest.approx(np.exp(total / 3))


@pytest.mark.parametrize("seed", range(100))
def test_the_segments_are_the_ones_that_trying_all_finds(seed: int):
    initial, between, end = log_probabilities(seed, 3 + seed % 20)
    segments = find_segments(initial, between, end)
    cuts = itertools.combinations(range(1, len(initial)), 2)
    best = max(
        cuts, key=lambda ab: initial[: ab[0]].sum() + between[ab[0] : ab[1]].sum() + end[ab[1] :].sum()
    )
    assert (segments.action_start, segments.end_start) == best


def test_every_part_counts_alike_in_the_score_however_long_it_is():
    initial, between, end = np.log([[0.9, 0.9, 0.1, 0.1], [0.1, 0.1, 0.8, 0.1], [0.1, 0.1, 0.1, 0.3]])
    segments = find_segments(initial, between, end)
    assert (segments.action_start, segments.end_start) == (2, 3)
    assert segments.score == pytest.approx((0.9 * 0.8 * 0.3) ** (1 / 3))


def test_the_clearest_moments_lie_inside_their_parts():
    flat = np.log(np.full((3, 30), 0.01))
    flat[0, :10] = flat[1, 10:20] = flat[2, 20:] = np.log(0.9)
    order = find_order(*flat)
    assert (order.segments.action_start, order.segments.end_start) == (10, 20)
    assert order.moments.initial <= 6
    assert 13 <= order.moments.action <= 16
    assert order.moments.end >= 23


@pytest.mark.parametrize("find", [find_triple, find_segments])
def test_fewer_than_three_samples_are_refused_in_words(find):
    with pytest.raises(ValueError, match="at least 3 samples, got 2"):
        find(*log_probabilities(0, 2))
