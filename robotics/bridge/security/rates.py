"""How much each client may do: calls, messages and bytes by token buckets, and calls at once."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from robotics.bridge.security.protection import Limits

_MOST_REMEMBERED = 1024


class TokenBucket:
    """Lets `rate` a second pass, and as many at once after a second of silence. Thread-safe."""

    def __init__(self, rate: float, now_s: Callable[[], float] = time.monotonic):
        self._rate = self._level = rate
        self._now_s = now_s
        self._filled_s = now_s()
        self._lock = threading.Lock()

    def take(self, amount: float = 1.0) -> bool:
        """Whether so much may pass now. More than the bucket holds passes when it is full."""
        with self._lock:
            now_s = self._now_s()
            self._level = min(self._rate, self._level + (now_s - self._filled_s) * self._rate)
            self._filled_s = now_s
            if self._level < min(amount, self._rate):
                return False
            self._level -= amount
            return True


class Allowance:
    """One client's share."""

    def __init__(self, limits: Limits, now_s: Callable[[], float]):
        self.calls = TokenBucket(limits.calls_per_s, now_s)
        self.messages = TokenBucket(limits.messages_per_s, now_s)
        self.bytes = TokenBucket(limits.bytes_per_s, now_s)
        self.open_calls = 0


class Allowances:
    """Of every client that calls; the longest silent are forgotten. Thread-safe."""

    def __init__(self, limits: Limits, now_s: Callable[[], float] = time.monotonic):
        self.limits = limits
        self._now_s = now_s
        self._clients: OrderedDict[str, Allowance] = OrderedDict()
        self._lock = threading.Lock()

    def begin_call(self, client: str, unlimited: bool = False) -> Allowance | str:
        """The client's share with one more open call, or in one line why it may not call now.

        Args:
            unlimited: Counted, but never refused.
        """
        with self._lock:
            allowance = self._clients.get(client)
            if allowance is None:
                allowance = self._clients[client] = Allowance(self.limits, self._now_s)
            self._clients.move_to_end(client)
            while len(self._clients) > _MOST_REMEMBERED:
                self._clients.popitem(last=False)
            if not unlimited:
                if allowance.open_calls >= self.limits.calls_at_once:
                    return f"more than {self.limits.calls_at_once} calls and streams at once"
                if not allowance.calls.take():
                    return f"more than {self.limits.calls_per_s:g} calls a second"
            allowance.open_calls += 1
            return allowance

    def end_call(self, allowance: Allowance) -> None:
        with self._lock:
            allowance.open_calls -= 1
