"""What training on a pool gives: networks that find the order in an episode, and what they say of it."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from policies.reasoner.state_change import Order, find_order
from policies.reasoner.state_change_network import StateChangeNetwork


@dataclass(frozen=True)
class PoolEpisode:
    """What is learned from."""

    features: np.ndarray
    """(T, features)"""
    task: int
    untouched: np.ndarray
    """bool (T,): before any gripper holds something; all false where that tells nothing."""


@dataclass(frozen=True)
class LogProbabilities:
    """Of samples, each (n,): in the initial state, in the action, in the end state."""

    initial: np.ndarray
    between: np.ndarray
    end: np.ndarray


@dataclass(frozen=True)
class Trained:
    """The runs that count, and what they say about the pool.

    Runs end in good or bad local optima. The mean score over a task's episodes tells which, without labels;
    for each task the best run and those within a tie of it are averaged.
    """

    networks: tuple[StateChangeNetwork, ...]
    used: np.ndarray
    """bool (run, task)"""
    mean_scores: np.ndarray
    """(run, task)"""
    scores: np.ndarray
    """Order score of every episode of the pool, (episode,)."""
    weights: np.ndarray
    """How much every episode can be trusted, 0..1, (episode,)."""
    touched: float
    """What a sample before the first grip costs where it is taken for action, in log probability."""
    seconds: float
    """CPU time of this process."""

    def log_probabilities(self, episode: PoolEpisode) -> LogProbabilities:
        """Averaged over the task's runs."""
        runs = [net for net, used in zip(self.networks, self.used[:, episode.task], strict=True) if used]
        features = torch.from_numpy(episode.features)
        task = torch.full((len(features),), episode.task)
        found = [look(net, features, task, episode.untouched, self.touched) for net in runs]
        mean = lambda parts: np.mean(list(parts), axis=0)  # noqa: E731
        return LogProbabilities(
            mean(f.initial for f in found), mean(f.between for f in found), mean(f.end for f in found)
        )

    def order(self, episode: PoolEpisode) -> Order:
        """Parts, moments and score of an episode, of the pool or not."""
        log = self.log_probabilities(episode)
        return find_order(log.initial, log.between, log.end)


def look(
    network: StateChangeNetwork, features: Tensor, task: Tensor, untouched: np.ndarray, touched: float
) -> LogProbabilities:
    """What a network says of samples (n, features) of tasks (n,); `touched` as in `Trained`."""
    with torch.no_grad():
        log = network.log_probabilities(features, task)
    # both heads have a say in what lies between the states
    between = 0.5 * (log.action + log.between).numpy() - touched * untouched
    return LogProbabilities(log.initial.numpy(), between, log.end.numpy())
