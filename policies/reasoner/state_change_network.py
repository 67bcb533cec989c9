"""Which state a sample shows and which action it is part of: one network for all tasks of a pool.

After Soucek et al. 2024, "Multi-Task Learning of Object State Changes" (arXiv 2211.13500): initial and end
state of every task are classes of one softmax, the actions of another, and each has one background class
that all tasks share. Without the background class the action head latches on whatever recurs.
"""

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class LogProbabilities:
    """Of every sample, for one task each."""

    initial: Tensor
    """(n,)"""
    action: Tensor
    """(n,)"""
    end: Tensor
    """(n,)"""
    between: Tensor
    """Neither of the two states, (n,)."""


class StateChangeNetwork(nn.Module):
    """Two hidden layers, then 2n + 1 states and n + 1 actions; class 0 is the background."""

    def __init__(self, features: int, tasks: int, width: int = 128, dropout: float = 0.3):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(features, width), nn.LayerNorm(width), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(width, width), nn.ReLU(), nn.Dropout(dropout),
        )  # fmt: skip
        self.states = nn.Linear(width, 2 * tasks + 1)
        self.actions = nn.Linear(width, tasks + 1)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the states (n, 2 tasks + 1) and actions (n, tasks + 1) of features (n, features)."""
        inner = self.body(features)
        return self.states(inner), self.actions(inner)

    def log_probabilities(self, features: Tensor, task: Tensor) -> LogProbabilities:
        """Of samples (n, features) whose task is int64 (n,)."""
        states, actions = (F.log_softmax(logits, dim=-1) for logits in self(features))
        pick = lambda values, index: values.gather(1, index[:, None])[:, 0]  # noqa: E731
        return LogProbabilities(
            pick(states, initial_class(task)), pick(actions, action_class(task)),
            pick(states, end_class(task)), states[:, 0],
        )  # fmt: skip


def initial_class(task: Tensor) -> Tensor:
    return 1 + 2 * task


def end_class(task: Tensor) -> Tensor:
    return 2 + 2 * task


def action_class(task: Tensor) -> Tensor:
    return 1 + task
