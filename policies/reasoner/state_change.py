"""Find in one episode its initial state, the action that changes it and its end state, in this order.

After Soucek et al. 2022, "Look for the Change" (arXiv 2203.11637): nobody labels frames; the pseudo label of
an episode is the order initial < action < end to which the model gives the highest probability. The search
here is exact in O(T), where the paper's is cubic.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Triple:
    """One moment each of the initial state, the action and the end state; indices of samples."""

    initial: int
    action: int
    end: int
    score: float
    """The geometric mean of the three probabilities, 0..1."""


@dataclass(frozen=True)
class Segments:
    """An episode in three parts; indices of samples."""

    action_start: int
    """Before it lies the initial state."""
    end_start: int
    """From here on the end state; before it, from `action_start` on, the action."""
    score: float
    """Order score: geometric mean over the parts of the probability that a sample lies in its part, 0..1."""


def find_triple(log_initial: np.ndarray, log_action: np.ndarray, log_end: np.ndarray) -> Triple:
    """The most probable initial < action < end.

    Args:
        log_initial: Log probability that a sample shows the initial state, (T,), T >= 3.
        log_action: That it shows the action, (T,).
        log_end: That it shows the end state, (T,).

    Raises:
        ValueError: There are fewer than three samples.
    """
    if len(log_initial) < 3:
        raise ValueError(f"an order of three moments wants at least 3 samples, got {len(log_initial)}")
    best_before = np.maximum.accumulate(log_initial)[:-2]  # of samples 0 .. k-1, for k = 1 .. T-2
    best_after = np.maximum.accumulate(log_end[::-1])[::-1][2:]  # of samples k+1 .. T-1
    total = best_before + log_action[1:-1] + best_after
    action = int(np.argmax(total)) + 1
    return Triple(
        initial=int(np.argmax(log_initial[:action])),
        action=action,
        end=action + 1 + int(np.argmax(log_end[action + 1 :])),
        score=float(np.exp(total[action - 1] / 3)),
    )


def find_segments(log_initial: np.ndarray, log_between: np.ndarray, log_end: np.ndarray) -> Segments:
    """Where the action starts and where the end state starts, each part at least one sample long.

    The sum over all samples of the log probability of the part that they lie in is greatest; exact, O(T).

    Args:
        log_initial: (T,), T >= 3.
        log_between: Log probability of neither state, (T,).
        log_end: (T,).
    """
    count = len(log_initial)
    if count < 3:
        raise ValueError(f"three parts want at least 3 samples, got {count}")
    # cut at a costs gain_a[a] = sum initial[:a] - sum between[:a]; cut at b likewise, a < b
    gain_a = np.concatenate([[0.0], np.cumsum(log_initial - log_between)])
    gain_b = np.concatenate([[0.0], np.cumsum(log_between - log_end)])
    best_a = np.maximum.accumulate(gain_a[1 : count - 1])  # cuts 1 .. b-1, for b = 2 .. T-1
    end_start = int(np.argmax(best_a + gain_b[2:count])) + 2
    action_start = int(np.argmax(gain_a[1:end_start])) + 1
    parts = log_initial[:action_start], log_between[action_start:end_start], log_end[end_start:]
    return Segments(action_start, end_start, float(np.exp(np.mean([part.mean() for part in parts]))))


@dataclass(frozen=True)
class Order:
    """What was found in an episode: its parts, and the moment at which each is the clearest."""

    segments: Segments
    moments: Triple
    """Of the probabilities averaged over neighbouring samples."""


def find_order(
    log_initial: np.ndarray, log_between: np.ndarray, log_end: np.ndarray, *, reach: int = 3
) -> Order:
    """Parts and moments of an episode.

    A single sample beside a border may be as probable as any; averaged over `reach` samples on either side,
    the clearest moment lies well inside its part.

    Args:
        log_initial, log_between, log_end: As in `find_segments`, (T,), T >= 3.
    """
    averaged = [_average(values, reach) for values in (log_initial, log_between, log_end)]
    return Order(find_segments(log_initial, log_between, log_end), find_triple(*averaged))


def _average(values: np.ndarray, reach: int) -> np.ndarray:
    """Mean over up to `reach` neighbours on either side, (T,)."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    place = np.arange(len(values))
    first, last = np.maximum(place - reach, 0), np.minimum(place + reach + 1, len(values))
    return (total[last] - total[first]) / (last - first)
