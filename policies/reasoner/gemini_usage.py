"""What calls of a paid API used: tokens, time, and money where the user said what a token costs."""

from dataclasses import dataclass
from threading import Lock

import numpy as np


@dataclass(frozen=True)
class Prices:
    """Of a million tokens, in any currency; those of the model and tier that the user pays for."""

    input: float
    output: float
    """Thoughts included."""


@dataclass(frozen=True)
class UsageReport:
    """Sums since the reasoner was made."""

    answered: int
    """Requests that were answered with text."""
    failed: int
    """Requests that were given up."""
    retries: int
    tokens_in: int
    tokens_out: int
    """Thoughts included."""
    uncounted: int
    """Answers whose tokens the API did not say."""
    latency_s: tuple[float, ...]
    """Of each answered request, waiting and retries included, in the order of their ends."""
    prices: Prices | None

    @property
    def cost(self) -> float | None:
        """None: unknown, for want of prices or of a count."""
        if self.prices is None or self.uncounted:
            return None
        return (self.tokens_in * self.prices.input + self.tokens_out * self.prices.output) / 1e6

    def describe(self) -> str:
        """One line for a report."""
        parts = [f"{self.answered} answered, {self.failed} failed, {self.retries} retries"]
        parts.append(f"{self.tokens_in} tokens in, {self.tokens_out} out")
        if self.uncounted:
            parts.append(f"{self.uncounted} answers without a count")
        if self.prices is None:
            parts.append("cost unknown (no prices given)")
        elif self.cost is None:
            parts.append("cost unknown (tokens missing)")
        else:
            parts.append(f"cost {self.cost:.4f}")
        if self.latency_s:
            p50, p95, p99 = np.percentile(self.latency_s, [50, 95, 99])
            parts.append(f"latency p50/p95/p99/max {p50:.2f}/{p95:.2f}/{p99:.2f}/{max(self.latency_s):.2f} s")
        return "; ".join(parts)


class UsageMeter:
    """Gathers what requests used. Thread-safe."""

    def __init__(self, prices: Prices | None):
        self._prices = prices
        self._lock = Lock()
        self._answered = self._failed = self._retries = 0
        self._tokens_in = self._tokens_out = self._uncounted = 0
        self._latency_s: list[float] = []

    def answered(self, latency_s: float, tokens: tuple[int, int] | None) -> None:
        """A request was answered, with tokens (in, out) where the API said them."""
        with self._lock:
            self._answered += 1
            self._latency_s.append(latency_s)
            if tokens is None:
                self._uncounted += 1
            else:
                self._tokens_in += tokens[0]
                self._tokens_out += tokens[1]

    def retried(self) -> None:
        with self._lock:
            self._retries += 1

    def failed(self) -> None:
        with self._lock:
            self._failed += 1

    def report(self) -> UsageReport:
        with self._lock:
            return UsageReport(
                self._answered,
                self._failed,
                self._retries,
                self._tokens_in,
                self._tokens_out,
                self._uncounted,
                tuple(self._latency_s),
                self._prices,
            )
