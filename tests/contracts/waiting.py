"""Waits for what another thread or process will do."""

import time
from collections.abc import Callable


def eventually(happens: Callable[[], object], timeout_s: float = 30.0) -> None:
    """Return as soon as `happens()` is true; fail after `timeout_s`, which is far longer than it takes."""
    deadline_s = time.monotonic() + timeout_s
    while not happens():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.01)
