"""Makes a chunk fit for arms: it begins as the plan in force goes on, and does not tremble.

A decoder draws each chunk anew, so that two of them part where one takes over from the other, and their
single steps ask for more acceleration than arms have. A guard corrects both, but late.
"""

from functools import cache

import numpy as np

FADE_STEPS = 15
"""So many steps lead from the plan in force to the new chunk."""
_PENALTY = 300.0
"""Of squared third differences; motions slower than about 3 Hz (at 50 steps a second) pass."""
_FIRM_STEPS = 3
"""The first steps, which may have been executed before the chunk arrives, are not smoothed away."""
_FIRMNESS = 1e7


def join_and_smooth(positions: np.ndarray, plan: np.ndarray) -> np.ndarray:
    """The chunk to send in place of `positions`, shape (horizon, dims).

    Smoothed by penalised least squares on the jerk (Whittaker 1923; Eilers, "A perfect smoother", 2003).

    Args:
        positions: As decoded, shape (horizon, dims); row 0 belongs to the tick that was observed.
        plan: What is in force from that tick on, shape (steps, dims); empty where nothing is.
    """
    count = min(FADE_STEPS, len(plan), len(positions))
    share = (np.arange(count) / FADE_STEPS)[:, None]
    share = share * share * (3.0 - 2.0 * share)
    joined = positions.copy()
    joined[:count] = (1.0 - share) * plan[:count] + share * positions[:count]
    return _smoother(len(positions), min(_FIRM_STEPS, count)) @ joined


@cache
def _smoother(count: int, firm: int) -> np.ndarray:
    """What maps a path to its smooth one, shape (count, count); its first `firm` rows stay what they are."""
    differences = np.diff(np.eye(count), n=min(3, count - 1), axis=0)
    trust = np.ones(count)
    trust[:firm] = _FIRMNESS
    return np.linalg.solve(np.diag(trust) + _PENALTY * differences.T @ differences, np.diag(trust))
