"""Do the joints do what they are told: frozen joints and readings, and how late they follow."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from demonstrations.quality.catalogue import found
from demonstrations.quality.findings import Finding
from demonstrations.quality.signals import EpisodeSignals, runs

FROZEN_COMMAND = 0.1
"""[rad] The command moves by so much, and ..."""

FROZEN_RATIO = 0.1
"""... the joint by less than this part of it, ..."""

FROZEN_S = 1.0
"""... within this time (and FOLLOW_S more)."""

FOLLOW_S = 0.4
"""[s] No position-controlled arm of this kind follows later; the built-in ones need 0.08 .. 0.16 s."""

FROZEN_READING_S = 0.3
"""A reading that is the same to the last bit for so long while its command moves is an old one."""

FROZEN_GRIPPER = 0.3
"""[opening] A gripper is judged over the whole episode only: what it holds may block it."""

LAG_S = (-0.1, 0.5)
"""Searched."""

LAG_TOO_LATE_S = 0.3
LAG_CORRELATION = 0.8
"""Below it a joint's lag is not believed: contact, or hardly any motion."""

LAG_MOTION = 0.1
"""[rad] A joint must be told to move by so much."""

_DERIVATIVE_TICKS = 4


@dataclass(frozen=True)
class Lag:
    """How late each dimension follows its command."""

    ticks: np.ndarray
    """float (action_dim,); NaN where it is not known."""

    @property
    def median(self) -> float:
        """Over the joints that are known; NaN where none is."""
        known = self.ticks[np.isfinite(self.ticks)]
        return float(np.median(known)) if len(known) else float("nan")


def check_frozen(signals: EpisodeSignals) -> Iterator[Finding]:
    """frozen_joint."""
    applied, position = signals.episode.applied, signals.episode.position
    window, follow = signals.ticks(FROZEN_S), signals.ticks(FOLLOW_S)
    for d, name in enumerate(signals.names):
        if signals.is_gripper[d]:
            told, came = float(np.ptp(applied[:, d])), float(np.ptp(position[:, d]))
            if told > FROZEN_GRIPPER and came < FROZEN_RATIO * told:
                yield found(
                    "frozen_joint", f"told to move by {told:.2f}, moved by {came:.3f}", name, came / told
                )
            continue
        told, came = _ranges(applied[:, d], position[:, d], window, follow)
        stuck = (told > FROZEN_COMMAND) & (came < FROZEN_RATIO * told)
        if stuck.any():
            row = int(np.argmax(stuck))
            text = (
                f"told to move by {told[row]:.2f} rad within {FROZEN_S:g} s from row {row}, "
                f"moved by {came[row]:.4f}"
            )
            yield found("frozen_joint", text, name, came[row] / told[row], FROZEN_RATIO)
            continue
        yield from _check_reading(signals, d)


def _ranges(
    applied: np.ndarray, position: np.ndarray, window: int, follow: int
) -> tuple[np.ndarray, np.ndarray]:
    """Range of the command in each window, and of the joint in the same window and `follow` ticks more."""
    if len(applied) <= window + follow:
        return np.ptp(applied, keepdims=True), np.ptp(position, keepdims=True)
    told = np.ptp(sliding_window_view(applied[: len(applied) - follow], window), axis=1)
    return told, np.ptp(sliding_window_view(position, window + follow), axis=1)


def _check_reading(signals: EpisodeSignals, d: int) -> Iterator[Finding]:
    applied, position = signals.episode.applied[:, d], signals.episode.position[:, d]
    for start, end in runs(np.diff(position) == 0):
        # a joint may stand while its next command is on the way: what counts moved at every possible lag
        lags = (0, signals.ticks(FOLLOW_S / 2), signals.ticks(FOLLOW_S))
        told = min(float(np.ptp(applied[max(0, start - lag) : max(0, end - lag) + 1])) for lag in lags)
        if end - start >= signals.ticks(FROZEN_READING_S) and told > FROZEN_COMMAND:
            text = (
                f"reads {position[start]:.4f} to the last bit in rows {start} .. {end}, "
                f"while its command moves by {told:.2f} rad"
            )
            yield found(
                "frozen_joint", text, signals.names[d], (end - start) * signals.period_s, FROZEN_READING_S
            )
            return


def measure_lag(signals: EpisodeSignals) -> Lag:
    """By cross-correlation of the slopes of applied targets and measured positions; grippers left out."""
    applied, position = signals.episode.applied, signals.episode.position
    first, last = (round(second / signals.period_s) for second in LAG_S)
    lags = np.full(len(signals.names), np.nan)
    told, came = (_slopes(values, signals.episode.tick) for values in (applied, position))
    if len(told) < 2 * (last - first):
        return Lag(lags)
    for d in np.flatnonzero(~signals.is_gripper & (np.ptp(applied, axis=0) > LAG_MOTION)):
        correlation = np.array([_correlation(told[:, d], came[:, d], lag) for lag in range(first, last + 1)])
        if correlation.max() >= LAG_CORRELATION:
            lags[d] = first + int(np.argmax(correlation))
    return Lag(lags)


def _slopes(values: np.ndarray, tick: np.ndarray) -> np.ndarray:
    """Change over _DERIVATIVE_TICKS at every tick, (ticks, action_dim); 0 where ticks are missing.

    Not at every row: over missing ticks all values jump at once, which would look like no lag at all.
    """
    count = int(tick[-1] - tick[0]) + 1
    if len(values) <= _DERIVATIVE_TICKS or count > 2 * len(values):
        return np.zeros((0, values.shape[1]))
    whole = tick[_DERIVATIVE_TICKS:] - tick[:-_DERIVATIVE_TICKS] == _DERIVATIVE_TICKS
    slopes = np.zeros((count, values.shape[1]))
    change = values[_DERIVATIVE_TICKS:] - values[:-_DERIVATIVE_TICKS]
    slopes[tick[_DERIVATIVE_TICKS:][whole] - tick[0]] = change[whole]
    return slopes


def check_lag(signals: EpisodeSignals, lag: Lag) -> Iterator[Finding]:
    """lag, against what any arm can do; check_peers.py compares with the other episodes."""
    if lag.median < 0:
        text = f"moves {-lag.median * signals.period_s * 1e3:.0f} ms before its commands: rows are shifted"
        yield found("lag", text, value=lag.median * signals.period_s, threshold=0)
    elif lag.median * signals.period_s > LAG_TOO_LATE_S:
        text = f"follows its commands {lag.median * signals.period_s * 1e3:.0f} ms late"
        yield found("lag", text, value=lag.median * signals.period_s, threshold=LAG_TOO_LATE_S)


def _correlation(told: np.ndarray, came: np.ndarray, lag: int) -> float:
    told, came = (told[: len(told) - lag], came[lag:]) if lag >= 0 else (told[-lag:], came[:lag])
    told, came = told - told.mean(), came - came.mean()
    norm = float(np.sqrt((told @ told) * (came @ came)))
    return float(told @ came) / norm if norm > 0 else 0.0
