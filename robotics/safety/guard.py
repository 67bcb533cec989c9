"""The guard: every chunk and every servo target passes here before a robot moves."""

from collections.abc import Mapping

import numpy as np

from robotics.action import ActionChunk
from robotics.embodiment import Embodiment
from robotics.errors import ChunkRefusedError, StoppedError
from robotics.safety.chunk_check import ChunkLimits, check_chunk
from robotics.safety.motion import MotionLimiter
from robotics.safety.status import ChunkStatus, Intervention


class Guard:
    """Refuses, clamps, limits and counts; keeps the stop latch.

    One guard serves one robot, in the process that writes to it. It is no safety-rated function.
    """

    def __init__(self, embodiment: Embodiment, clock_id: str, limits: ChunkLimits | None = None):
        self.embodiment = embodiment
        self.motion = MotionLimiter(embodiment, embodiment.servo_rate_hz)
        self.servo_ticks = embodiment.servo_rate_hz // embodiment.control_rate_hz
        """Servo ticks in one control period."""
        self.stop_reason: str | None = None
        """Why the robot is stopped; None when it is not. Latched until `release`."""
        self._clock_id = clock_id
        self.limits = limits or ChunkLimits()
        """What a chunk may be."""
        self._void_before_ns = -(2**62)
        self._counts: dict[str, int] = {}

    @property
    def counts(self) -> Mapping[str, int]:
        """Interventions by kind since start; refusals also by status, as "refused/stale"."""
        return self._counts

    def _count(self, *kinds: str) -> None:
        counts = dict(self._counts)
        for kind in kinds:
            counts[kind] = counts.get(kind, 0) + 1
        self._counts = counts

    def void_before(self, time_ns: int) -> None:
        """Refuse from now on every chunk that answers a moment before `time_ns`, robot time [ns]."""
        self._void_before_ns = max(self._void_before_ns, time_ns)

    def admit(self, chunk: ActionChunk, now_ns: int) -> None:
        """Let the chunk pass, or refuse it whole.

        Args:
            now_ns: Start of the next control tick, robot time [ns].

        Raises:
            StoppedError: The robot is stopped.
            ChunkRefusedError: `status` is a `ChunkStatus` value.
        """
        if self.stop_reason is not None:
            self.count_refusal(ChunkStatus.STOPPED.value)
            raise StoppedError(f"the robot is stopped ({self.stop_reason}); release it first")
        verdict = check_chunk(
            chunk, self.embodiment, self._clock_id, now_ns, self._void_before_ns, self.limits
        )
        if verdict.status is not ChunkStatus.OK:
            self.count_refusal(verdict.status.value)
            raise ChunkRefusedError(verdict.status.value, verdict.message)
        if verdict.clamped:
            self._count(Intervention.POSITION.value)

    def count_refusal(self, status: str) -> None:
        """Count a refused chunk, here or in the schedule."""
        self._count(Intervention.REFUSED.value, f"{Intervention.REFUSED.value}/{status}")

    def follow(self, targets: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
        """Targets for one control tick, as `MotionLimiter.follow`; shape (servo_ticks, action_dim)."""
        applied, too_fast, too_sudden = self.motion.follow(targets, lower, upper)
        if too_fast:
            self._count(Intervention.VELOCITY.value)
        if too_sudden:
            self._count(Intervention.ACCELERATION.value)
        return applied

    def brake(self) -> np.ndarray:
        """Targets for one control tick that decelerate to a stand; shape (servo_ticks, action_dim)."""
        return self.motion.brake(self.servo_ticks)

    def stop(self, reason: str) -> None:
        """Latch a stop; while it lasts every chunk is refused."""
        self.stop_reason = reason

    def release(self) -> None:
        """Release the latch."""
        self.stop_reason = None
