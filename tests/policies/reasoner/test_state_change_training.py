"""Planted states: every episode of a task shows the same three things in order, at random times, in noise."""

from dataclasses import replace

import numpy as np
import pytest

from policies.reasoner.state_change_noise import episode_weights, find_threshold
from policies.reasoner.state_change_trained import PoolEpisode
from policies.reasoner.state_change_training import TrainingConfig, train_state_change

FAST = TrainingConfig(epochs=15, runs=1, judging_runs=1)
FEATURES = 12


def planted(seed: int, tasks: int = 3, episodes: int = 20, noise: float = 0.5):
    """A pool, and for each of its episodes where the action and the end state start."""
    rng = np.random.default_rng(seed)
    shown = rng.normal(size=(tasks, 3, FEATURES))
    pool, cuts = [], []
    for task in range(tasks):
        for _ in range(episodes):
            lengths = rng.integers([4, 4, 4], [16, 16, 10])
            means = np.repeat(shown[task], lengths, axis=0)
            features = means + noise * rng.normal(size=means.shape)
            pool.append(PoolEpisode(features.astype(np.float32), task, np.zeros(len(means), bool)))
            cuts.append(tuple(np.cumsum(lengths)[:2]))
    return pool, cuts


def mean_error(trained, pool, cuts) -> float:
    """Of both borders [samples]."""
    errors = []
    for episode, (action, end) in zip(pool, cuts, strict=True):
        found = trained.order(episode).segments
        errors += [abs(found.action_start - action), abs(found.end_start - end)]
    return float(np.mean(errors))


def spoil(pool, share: float, seed: int):
    """The pool with a share of episodes whose label is another task's; and which they are."""
    wrong = np.random.default_rng(seed).random(len(pool)) < share
    tasks = max(e.task for e in pool) + 1
    return [
        replace(e, task=(e.task + 1) % tasks) if w else e for e, w in zip(pool, wrong, strict=True)
    ], wrong


def test_planted_states_are_found_without_frame_labels():
    pool, cuts = planted(seed=1)
    trained = train_state_change(pool, 3, FAST)
    assert mean_error(trained, pool, cuts) < 0.5
    for episode, (action, end) in zip(pool, cuts, strict=True):
        moments = trained.order(episode).moments
        assert moments.initial < action <= moments.action < end <= moments.end


def test_wrong_episodes_get_little_weight_and_do_not_spoil_the_rest():
    pool, cuts = planted(seed=2)
    spoiled, wrong = spoil(pool, 0.3, seed=3)
    trained = train_state_change(spoiled, 3, FAST)
    assert trained.weights[wrong].max() < 0.5 < np.quantile(trained.weights[~wrong], 0.1)
    right = [i for i in range(len(pool)) if not wrong[i]]
    assert mean_error(trained, [spoiled[i] for i in right], [cuts[i] for i in right]) < 0.5


def test_without_the_order_the_parts_are_lost():
    pool, cuts = planted(seed=1)
    trained = train_state_change(pool, 3, replace(FAST, ordered=False))
    assert mean_error(trained, pool, cuts) > 2


def test_training_is_deterministic():
    pool, _ = planted(seed=4, episodes=6)
    config = replace(FAST, epochs=3)
    first, second = (train_state_change(pool, 3, config) for _ in range(2))
    np.testing.assert_array_equal(first.scores, second.scores)
    np.testing.assert_array_equal(first.mean_scores, second.mean_scores)


def test_too_short_an_episode_is_refused_in_words():
    short = PoolEpisode(np.zeros((4, FEATURES), np.float32), 0, np.zeros(4, bool))
    with pytest.raises(ValueError, match="at least 5 samples, got one of 4"):
        train_state_change([short], 1, FAST)


def test_samples_before_the_first_grip_are_not_taken_for_the_action():
    pool, _ = planted(seed=5, noise=0.3)
    late = [replace(e, untouched=np.arange(len(e.features)) < 12) for e in pool]
    long = [e for e in late if len(e.features) > 20]
    trained = train_state_change(late, 3, replace(FAST, touched=20.0))
    assert all(trained.order(e).segments.action_start >= 11 for e in long)


def test_the_threshold_lies_below_all_scores_of_a_pool_without_outliers():
    scores = np.random.default_rng(0).normal(0.9, 0.02, size=100)
    limit, _ = find_threshold(scores)
    assert limit < scores.min()
    assert episode_weights(scores, np.zeros(100, int)).min() > 0.5


@pytest.mark.parametrize("share", [0.1, 0.3, 0.45])
def test_outliers_lie_below_the_threshold_whatever_their_share(share: float):
    rng = np.random.default_rng(1)
    good, bad = rng.normal(0.9, 0.02, round(200 * (1 - share))), rng.uniform(0.0, 0.5, round(200 * share))
    weights = episode_weights(np.concatenate([good, bad]), np.zeros(len(good) + len(bad), int))
    assert weights[: len(good)].min() > 0.5 > weights[len(good) :].max()
