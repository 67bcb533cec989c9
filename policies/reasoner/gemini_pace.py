"""Keeps the requests of one event loop under a limit of requests a minute."""

import asyncio


class Pace:
    """Lets requests through evenly spaced; one loop only."""

    def __init__(self, requests_per_minute: float | None):
        self._period_s = 60.0 / requests_per_minute if requests_per_minute else 0.0
        self._next_s = 0.0

    async def wait(self) -> None:
        """Returns when the next request may start; a request that is cancelled here loses its turn."""
        if not self._period_s:
            return
        now_s = asyncio.get_running_loop().time()
        start_s = max(self._next_s, now_s)
        self._next_s = start_s + self._period_s
        if start_s > now_s:
            await asyncio.sleep(start_s - now_s)
