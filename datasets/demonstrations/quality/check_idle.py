"""Where nothing happens: at the start, at the end, in between; and which rows to keep."""

from collections.abc import Iterator

import numpy as np

from demonstrations.quality.catalogue import found
from demonstrations.quality.findings import Finding
from demonstrations.quality.signals import EpisodeSignals, longest_run

IDLE_S = 1.0
"""At either end. The recorder itself keeps 0.5 s after success; a policy that sees much standing learns to
stand."""

PAUSE_S = 2.0
"""In the middle: longer than an operator needs to look."""

MARGIN_S = 0.2
"""Kept before the first and after the last motion."""


def check_idle(signals: EpisodeSignals) -> Iterator[Finding]:
    """idle_head, idle_tail, pause."""
    head, tail = _ends(signals)
    period = signals.period_s
    if head >= len(signals.moving):
        yield found(
            "idle_head", f"nothing moves in all {head * period:.1f} s", value=head * period, threshold=IDLE_S
        )
        return
    for check, ticks, what in (("idle_head", head, "first"), ("idle_tail", tail, "last")):
        if ticks * period > IDLE_S:
            yield found(
                check, f"nothing moves in the {what} {ticks * period:.1f} s", "", ticks * period, IDLE_S
            )
    start, end = longest_run(~signals.moving[head : len(signals.moving) - tail])
    if (end - start) * period > PAUSE_S:
        text = f"nothing moves for {(end - start) * period:.1f} s from row {head + start}"
        yield found("pause", text, value=(end - start) * period, threshold=PAUSE_S)


def propose_trim(signals: EpisodeSignals) -> tuple[int, int] | None:
    """Rows start:end to keep; None where both ends are short enough, or nothing moves at all."""
    head, tail = _ends(signals)
    length, margin = len(signals.moving), signals.ticks(MARGIN_S)
    if head >= length or max(head, tail) * signals.period_s <= IDLE_S:
        return None
    start = head - margin if head * signals.period_s > IDLE_S else 0
    end = length - tail + margin if tail * signals.period_s > IDLE_S else length
    return max(0, start), min(length, end)


def _ends(signals: EpisodeSignals) -> tuple[int, int]:
    """Idle ticks at the start and at the end; (length, 0) where nothing moves."""
    rows = np.flatnonzero(signals.moving)
    if not len(rows):
        return len(signals.moving), 0
    return int(rows[0]), len(signals.moving) - 1 - int(rows[-1])
