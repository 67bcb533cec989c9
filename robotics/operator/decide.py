"""The deciding thread of a run: observe, ask the policy, send its chunk, wait until enough is executed."""

import threading
import time
from dataclasses import dataclass, replace

from robotics.errors import ChunkRefusedError, RoboticsError
from robotics.policy import Policy
from robotics.session import RobotSession

_REFUSALS_IN_A_ROW = 5
"""A chunk may be refused now and then, as stale on a busy machine; so many in a row are a fault."""


@dataclass(frozen=True)
class ChunkTiming:
    """Wall time that one chunk took [ms]."""

    observe_ms: float
    act_ms: float
    send_ms: float

    @property
    def total_ms(self) -> float:
        """From asking for an observation to the chunk's arrival."""
        return self.observe_ms + self.act_ms + self.send_ms


class DecidingThread:
    """Runs while the robot moves: it executes the last chunk in its own processes meanwhile."""

    def __init__(self, session: RobotSession, policy: Policy):
        self._session = session
        self._policy = policy
        self._period_s = session.describe().embodiment.control_period_ns / 1e9
        self._ended = threading.Event()
        self._woken = threading.Event()
        self._lock = threading.Lock()
        self._timings: list[ChunkTiming] = []
        self._refusals: dict[str, int] = {}
        self._thread = threading.Thread(target=self._decide, name="decide", daemon=True)
        self.failure: RoboticsError | None = None
        """What ended the thread, if anything did."""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the chunk in work; nothing is sent from then on."""
        self._ended.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join()

    def switch(self, policy: Policy) -> None:
        """Let another policy decide from now on, after its `reset`.

        A chunk that the former one is working on is dropped; what it has sent goes on until the first chunk
        of the other replaces it.
        """
        with self._lock:
            self._policy = policy
        self._woken.set()

    def timings(self) -> list[ChunkTiming]:
        """Of every chunk that was sent, oldest first."""
        with self._lock:
            return list(self._timings)

    def refusals(self) -> dict[str, int]:
        """Refused chunks by status."""
        with self._lock:
            return dict(self._refusals)

    def _decide(self) -> None:
        chunk_id = in_a_row = 0
        policy = self._policy
        try:
            while not self._ended.is_set():
                self._woken.clear()
                if policy is not self._policy:
                    policy = self._policy
                    policy.reset()
                chunk_id += 1
                started = time.monotonic()
                observation = self._session.observe(policy.cameras)
                observed = time.monotonic()
                chunk = replace(policy.act(observation), chunk_id=chunk_id)
                decided = time.monotonic()
                if self._ended.is_set():
                    return
                if policy is not self._policy:
                    continue
                try:
                    self._session.send(chunk)
                except ChunkRefusedError as refused:
                    in_a_row += 1
                    with self._lock:
                        self._refusals[refused.status] = self._refusals.get(refused.status, 0) + 1
                    if in_a_row == _REFUSALS_IN_A_ROW:
                        raise
                    continue
                in_a_row = 0
                sent = time.monotonic()
                with self._lock:
                    self._timings.append(
                        ChunkTiming(
                            (observed - started) * 1e3, (decided - observed) * 1e3, (sent - decided) * 1e3
                        )
                    )
                steps = min(policy.replan_steps, chunk.horizon)
                self._woken.wait(max(0.0, observed + steps * self._period_s - time.monotonic()))
        except RoboticsError as error:
            self.failure = error
        except Exception as error:  # a fault of the policy must end the run, not only this thread
            self.failure = RoboticsError(f"the policy failed: {type(error).__name__}: {error}")
