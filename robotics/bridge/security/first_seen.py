"""Remembers what was seen lately, to say a thing once."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

_MOST_REMEMBERED = 4096


class FirstSeen:
    """Thread-safe and of bounded size."""

    def __init__(self, forgets_after_s: float = 60.0, now_s: Callable[[], float] = time.monotonic):
        """
        Args:
            forgets_after_s: What was not seen for so long is new again [s].
        """
        self._forgets_after_s = forgets_after_s
        self._now_s = now_s
        self._seen: OrderedDict[Hashable, float] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, thing: Hashable) -> bool:
        """Whether it is new."""
        with self._lock:
            now_s = self._now_s()
            before_s = self._seen.get(thing)
            self._seen[thing] = now_s
            self._seen.move_to_end(thing)
            while len(self._seen) > _MOST_REMEMBERED:
                self._seen.popitem(last=False)
            return before_s is None or now_s - before_s > self._forgets_after_s
