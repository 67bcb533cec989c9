"""Learn where states and actions lie in a pool of episodes of which only the task labels are known.

After "Look for the Change" (arXiv 2203.11637): label every episode by the most probable parts in causal
order, learn these labels, label again. Robots' recordings are cut at resets, so an episode begins in its
initial state and ends in its end state; the labels are therefore the best three parts of the whole episode
instead of the three best moments.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from policies.reasoner.state_change import find_segments
from policies.reasoner.state_change_network import (
    StateChangeNetwork,
    action_class,
    end_class,
    initial_class,
)
from policies.reasoner.state_change_noise import episode_weights
from policies.reasoner.state_change_trained import LogProbabilities, PoolEpisode, Trained, look

LEAST_WEIGHT = 0.01
"""An episode that counts less is not learned from at all."""

FEWEST_SAMPLES = 5
"""A shorter episode is not learned from."""


@dataclass(frozen=True)
class TrainingConfig:
    """How the networks are trained."""

    epochs: int = 25
    runs: int = 6
    """From other random weights and other first labels; see `Trained`."""
    each: int = 6
    """Samples drawn from each part of an episode in an epoch."""
    action_share: float = 0.5
    """Weight of the action head's loss."""
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    steps: int = 12
    """Optimiser steps an epoch, so that small pools are learned from as long as large ones."""
    cut: tuple[float, float] = (0.25, 0.1)
    """Up to this share of an episode's head and tail is left out at random, so that places tell nothing."""
    touched: float = 2.0
    """What a sample before the first grip costs where it is taken for action, in log probability."""
    tie: float = 0.05
    """Runs whose mean score is so much below the best of a task are used for it, too."""
    ordered: bool = True
    """Demand initial < action < end; off only to measure what the order is worth."""
    weighted: bool = True
    """Give doubtful episodes less weight; off only to measure what that is worth."""
    folds: int = 3
    """So many networks a judging round, each of which does not see one part of the episodes."""
    judging_runs: int = 2
    """Judging rounds."""
    seed: int = 0

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.runs < 1:
            raise ValueError(f"wanted at least one epoch and one run, got {self.epochs} and {self.runs}")


def train_state_change(
    pool: Sequence[PoolEpisode],
    tasks: int,
    config: TrainingConfig | None = None,
    report: Callable[[int, int], None] | None = None,
) -> Trained:
    """Train `runs` networks; deterministic from the seed.

    Args:
        report: Called with (epochs done, of how many).

    Raises:
        ValueError: An episode has fewer than `FEWEST_SAMPLES` samples.
    """
    config = config or TrainingConfig()
    shortest = min(len(episode.features) for episode in pool)
    if shortest < FEWEST_SAMPLES:
        raise ValueError(f"wanted episodes of at least {FEWEST_SAMPLES} samples, got one of {shortest}")
    started = time.process_time()
    task = np.array([episode.task for episode in pool])
    judged = config.judging_runs * config.folds if len(pool) >= config.folds else 0
    steps, done = (judged + config.runs) * config.epochs, 0

    def train(number: int, weights: np.ndarray) -> _Run:
        nonlocal done
        run = _Run(pool, tasks, weights, replace(config, seed=config.seed + 1000 * number))
        for epoch in range(config.epochs):
            run.epoch(epoch)
            done += 1
            if report is not None:
                report(done, steps)
        return run

    scores = np.zeros((config.judging_runs, len(pool)))
    rng = np.random.default_rng([config.seed, 7])
    part = np.zeros(len(pool), int)
    for number in range(judged):
        turn, fold = divmod(number, config.folds)
        if fold == 0:
            part = rng.permutation(len(pool)) % config.folds
        left_out = part == fold
        scores[turn, left_out] = train(number, np.where(left_out, 0.0, 1.0)).scores()[left_out]
    score = scores.max(axis=0) if judged else np.ones(len(pool))
    weights = episode_weights(score, task)
    runs = [
        train(judged + number, weights if config.weighted else np.ones(len(pool)))
        for number in range(config.runs)
    ]
    own = np.stack([run.scores() for run in runs])  # (run, episode)
    means = np.zeros((config.runs, tasks))
    for k in np.unique(task):
        means[:, k] = np.average(own[:, task == k], axis=1, weights=weights[task == k] + 1e-6)
    used = means >= means.max(axis=0) - config.tie
    return Trained(
        tuple(run.network.eval().requires_grad_(False) for run in runs),
        used,
        means,
        score,
        weights,
        config.touched,
        time.process_time() - started,
    )


class _Run:
    """One network in training."""

    def __init__(self, pool: Sequence[PoolEpisode], tasks: int, weights: np.ndarray, config: TrainingConfig):
        self.config = config
        self.rng = np.random.default_rng(config.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            self.network = StateChangeNetwork(pool[0].features.shape[1], tasks)
        lengths = [len(episode.features) for episode in pool]
        ends = np.cumsum(lengths)
        self.spans = list(zip(ends - lengths, ends, strict=True))
        self.features = torch.from_numpy(np.concatenate([episode.features for episode in pool]))
        self.untouched = np.concatenate([episode.untouched for episode in pool])
        self.episode_task = np.array([episode.task for episode in pool])
        self.task = torch.from_numpy(np.repeat(self.episode_task, lengths))
        self.weights = weights
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        # each run starts from other cuts, at the same share of all episodes of a task
        self.first_cuts = self.rng.uniform([0.2, 0.6], [0.6, 0.95], size=(tasks, 2))

    def epoch(self, number: int) -> None:
        """Label all episodes, weigh them, learn the labels once."""
        config = self.config
        progress = number / config.epochs
        for group in self.optimizer.param_groups:
            group["lr"] = config.learning_rate * 0.5 * (1 + np.cos(np.pi * progress))
        parts = self._first_parts() if number == 0 else self._parts()
        chosen = self._draw(parts)
        self.network.train()
        order = torch.from_numpy(self.rng.permutation(len(chosen.sample)))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed * 100_003 + number)  # of dropout
            for batch in order.split(-(-len(order) // config.steps)):
                self._step(chosen, batch)

    def scores(self) -> np.ndarray:
        """Order score of every episode under this network alone, (episode,)."""
        log = self._look()
        return np.array(
            [
                find_segments(log.initial[start:stop], log.between[start:stop], log.end[start:stop]).score
                for start, stop in self.spans
            ]
        )

    def _look(self) -> LogProbabilities:
        self.network.eval()
        return look(self.network, self.features, self.task, self.untouched, self.config.touched)

    def _first_parts(self) -> list[list[np.ndarray]]:
        parts = []
        for (start, stop), cuts in zip(self.spans, self.first_cuts[self.episode_task], strict=True):
            length = stop - start
            action = int(np.clip(cuts[0] * length, 1, length - 2))
            end = int(np.clip(cuts[1] * length, action + 1, length - 1))
            three = np.split(np.arange(start, stop), [action, end])
            parts.append(three if self.config.ordered else [three[k] for k in self.rng.permutation(3)])
        return parts

    def _parts(self) -> list[list[np.ndarray]]:
        """Samples of initial state, action and end state of every episode, head and tail cut at random."""
        log = self._look()
        parts = []
        for start, stop in self.spans:
            spare = stop - start - FEWEST_SAMPLES
            head, tail = (
                int(min(share * (stop - start), spare / 2) * self.rng.random()) for share in self.config.cut
            )
            samples = np.arange(start + head, stop - tail)
            three = [values[samples] for values in (log.initial, log.between, log.end)]
            if self.config.ordered:
                found = find_segments(*three)
                parts.append(np.split(samples, [found.action_start, found.end_start]))
            else:
                best = np.argmax(three, axis=0)
                parts.append([samples[best == k] for k in range(3)])
        return parts

    def _draw(self, parts: Sequence[Sequence[np.ndarray]]) -> "_Targets":
        """The same number of samples of every part, with what they should be."""
        sample, state, action, weight = [], [], [], []
        for three, task, episode_weight in zip(parts, self.episode_task, self.weights, strict=True):
            classes = ((initial_class(task), 0), (0, action_class(task)), (end_class(task), 0))
            for samples, (state_class, part_action) in zip(three, classes, strict=True):
                if not len(samples) or episode_weight < LEAST_WEIGHT:
                    continue
                sample.append(self.rng.choice(samples, self.config.each))
                state.append(state_class)
                action.append(part_action)
                weight.append(episode_weight)
        repeat = lambda values: torch.from_numpy(np.repeat(np.array(values), self.config.each))  # noqa: E731
        return _Targets(
            torch.from_numpy(np.concatenate(sample)), repeat(state), repeat(action), repeat(weight).float()
        )

    def _step(self, chosen: "_Targets", batch: Tensor) -> None:
        states, actions = self.network(self.features[chosen.sample[batch]])
        weight = chosen.weight[batch]
        state_loss = F.cross_entropy(states, chosen.state[batch], reduction="none")
        action_loss = F.cross_entropy(actions, chosen.action[batch], reduction="none")
        loss = (state_loss + self.config.action_share * action_loss) * weight
        self.optimizer.zero_grad()
        (loss.sum() / weight.sum().clamp_min(1)).backward()
        self.optimizer.step()


@dataclass(frozen=True)
class _Targets:
    """Samples and their classes, each (n,)."""

    sample: Tensor
    state: Tensor
    action: Tensor
    weight: Tensor
