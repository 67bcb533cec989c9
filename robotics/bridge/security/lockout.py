"""Locks out a machine that shows wrong tokens, but no one who showed the right one on an open connection."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

MOST_FAILURES = 6
LOCKOUT_S = 60.0
_MOST_REMEMBERED = 4096
"""Machines and connections; the oldest are forgotten, so that no flood of them fills the memory."""


class Lockout:
    """Thread-safe. After six failures within a minute a machine is locked out for a minute."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic):
        """
        Args:
            now_s: A clock that never runs backwards [s].
        """
        self._now_s = now_s
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._trusted: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def remaining_s(self, address: str) -> float:
        """How long a machine is still locked out [s]; 0 if it is not."""
        with self._lock:
            failures = self._failures.get(address)
            if failures is None or len(failures) < MOST_FAILURES:
                return 0.0
            return max(0.0, failures[-1] + LOCKOUT_S - self._now_s())

    def failed(self, address: str) -> None:
        """Count a wrong or missing token; not to be called while the machine is locked out."""
        with self._lock:
            now_s = self._now_s()
            failures = self._failures.setdefault(address, deque())
            self._failures.move_to_end(address)
            while failures and now_s - failures[0] >= LOCKOUT_S:
                failures.popleft()
            failures.append(now_s)
            while len(failures) > MOST_FAILURES:
                failures.popleft()
            _forget(self._failures)

    def trust(self, peer: str) -> bool:
        """A connection showed the right token: it stays served when others of its machine are locked out.

        Otherwise whoever shares a machine with the client that leads the robot could bring it to a halt.

        Returns:
            Whether it is the first time.
        """
        with self._lock:
            new = peer not in self._trusted
            self._trusted[peer] = None
            self._trusted.move_to_end(peer)
            _forget(self._trusted)
            return new

    def trusts(self, peer: str) -> bool:
        with self._lock:
            return peer in self._trusted


def _forget(remembered: OrderedDict) -> None:
    while len(remembered) > _MOST_REMEMBERED:
        remembered.popitem(last=False)
