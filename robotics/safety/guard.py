"""The guard: every chunk and every servo target passes here before a robot moves."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from robotics.action import ActionChunk
from robotics.embodiment import Embodiment
from robotics.errors import ChunkRefusedError, StoppedError
from robotics.safety.chunk_check import ChunkLimits, check_chunk
from robotics.safety.motion import MotionLimiter
from robotics.safety.status import ChunkStatus, Intervention

if TYPE_CHECKING:
    from robotics.safety.collision import CollisionWatch

_LOOK_EVERY_RAD = 0.05
"""On the way to a stand a position is looked at whenever a joint has moved by this: 3 cm at arm's length."""
_MOST_LOOKS = 8
"""Bound on the cost of one look ahead."""


class Guard:
    """Refuses, clamps, limits and counts; keeps the stop latch.

    One guard serves one robot, in the process that writes to it. It is no safety-rated function.
    """

    def __init__(self, embodiment: Embodiment, clock_id: str, limits: ChunkLimits | None = None):
        self.embodiment = embodiment
        self.motion = MotionLimiter(embodiment, embodiment.servo_rate_hz)
        self.collision = _watch_collisions(embodiment)
        """Looks ahead for collisions; None where the embodiment has no model file to look at."""
        self.danger: str | None = None
        """Why the last `follow` braked instead of following; None when it did not. The caller stops."""
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

    def follow(
        self,
        targets: np.ndarray,
        lower: np.ndarray,
        upper: np.ndarray,
        feasible: np.ndarray | None = None,
    ) -> np.ndarray:
        """Targets for one control tick, as `MotionLimiter.follow`; shape (servo_ticks, action_dim)."""
        before, start = self.motion.snapshot(), self.motion.position
        applied, bound = self.motion.follow(targets, lower, upper, feasible)
        self.danger = self._look_ahead(applied, start)
        if self.danger is not None:
            # The stop that was known before this tick has been looked at in the tick before.
            self.motion.restore(before)
            self._count(Intervention.COLLISION.value)
            return self.brake()
        if bound:
            self._count(*(kind.value for kind in bound))
        return applied

    def _look_ahead(self, applied: np.ndarray, start: np.ndarray) -> str | None:
        """Why the coming tick and a stop after it would end badly, in one line; None where they do not."""
        if self.collision is None or (applied[-1] == start).all():
            return None
        length = self.motion.stop_ticks
        end = self.motion.stop_end
        # The tick's other targets lie between its start, looked at before, and its end.
        parts = int(np.clip(np.abs(end - applied[-1]).max() / _LOOK_EVERY_RAD, 0.0, _MOST_LOOKS - 1.0)) + 1
        ticks = length * np.arange(1.0, parts) / parts
        path = self.motion.stop_path(ticks) if parts > 1 else np.empty((0, len(end)))
        return self.collision.find([applied[-1], *path, end], start)

    def brake(self) -> np.ndarray:
        """Targets for one control tick that decelerate to a stand; shape (servo_ticks, action_dim)."""
        return self.motion.brake(self.servo_ticks)

    def stop(self, reason: str) -> None:
        """Latch a stop; while it lasts every chunk is refused."""
        self.stop_reason = reason

    def release(self) -> None:
        """Release the latch."""
        self.stop_reason = None


def _watch_collisions(embodiment: Embodiment) -> "CollisionWatch | None":
    if not embodiment.model_path.is_file():
        return None
    from robotics.safety.collision import CollisionWatch  # loads MuJoCo

    return CollisionWatch(embodiment)
