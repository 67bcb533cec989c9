"""Whether a chunk may be executed at all: identity, shape, numbers, limits and age; all of it or nothing."""

from dataclasses import dataclass

import numpy as np

from robotics.action import ActionChunk
from robotics.embodiment import Embodiment
from robotics.errors import shorten
from robotics.safety.status import ChunkStatus


@dataclass(frozen=True)
class ChunkLimits:
    """What a chunk may be."""

    max_age_s: float = 2.0
    """A chunk that answers a joint state older than this is refused, even where steps of it lie ahead."""
    max_ahead_s: float = 1.0
    """A chunk whose first step is further ahead than this is refused."""
    max_horizon: int = 3000
    """Most steps of one chunk."""
    position_tolerance: float = 0.02
    """A position further outside its limits [rad or opening] refuses the chunk; less is clamped."""
    max_late_tolerance_s: float = 0.5
    """Most that a source of single steps may ask for."""

    def __post_init__(self):
        for name in ("max_age_s", "max_ahead_s", "max_horizon"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0, got {getattr(self, name)}")
        if not 0 <= self.position_tolerance < 1:
            raise ValueError(f"position_tolerance must be in [0, 1), got {self.position_tolerance}")


@dataclass(frozen=True)
class ChunkVerdict:
    """The answer to one chunk."""

    status: ChunkStatus
    message: str = ""
    """One line for the sender: wanted and got."""
    clamped: bool = False
    """True where a position lies outside the limits, within tolerance."""


def check_chunk(
    chunk: ActionChunk,
    embodiment: Embodiment,
    clock_id: str,
    now_ns: int,
    void_before_ns: int,
    limits: ChunkLimits,
) -> ChunkVerdict:
    """The first reason to refuse the chunk, or OK.

    Args:
        now_ns: Start of the next control tick, robot time [ns].
        void_before_ns: Chunks that answer an earlier moment [ns] are void.
    """
    status, message = _check_identity(chunk, embodiment, clock_id)
    if status is ChunkStatus.OK:
        status, message = _check_time(chunk, now_ns, void_before_ns, limits)
    if status is ChunkStatus.OK:
        status, message = _check_shape(chunk, embodiment, limits)
    if status is not ChunkStatus.OK:
        return ChunkVerdict(status, message)
    return _check_positions(chunk, embodiment, limits)


def _check_identity(chunk: ActionChunk, embodiment: Embodiment, clock_id: str) -> tuple[ChunkStatus, str]:
    if chunk.fingerprint != embodiment.interface_fingerprint:
        return ChunkStatus.WRONG_FINGERPRINT, (
            f"the chunk is for interface {shorten(chunk.fingerprint)!r}; "
            f"'{embodiment.name}' has {embodiment.interface_fingerprint!r}"
        )
    if chunk.clock_id != clock_id:
        return (
            ChunkStatus.WRONG_CLOCK,
            f"the chunk's time is of clock {shorten(chunk.clock_id)!r}; the robot's is {clock_id!r}",
        )
    if chunk.period_ns != embodiment.control_period_ns:
        return ChunkStatus.WRONG_PERIOD, (
            f"a step lasts {embodiment.control_period_ns} ns; got {chunk.period_ns} ns"
        )
    return ChunkStatus.OK, ""


def _check_time(
    chunk: ActionChunk, now_ns: int, void_before_ns: int, limits: ChunkLimits
) -> tuple[ChunkStatus, str]:
    age_s = (now_ns - chunk.start_time_ns) * 1e-9
    if chunk.start_time_ns < void_before_ns:
        since_s = (void_before_ns - chunk.start_time_ns) * 1e-9
        return ChunkStatus.VOIDED, (
            f"the chunk answers a moment {since_s:.3f} s before the last reset, hold or stop; observe again"
        )
    if age_s > limits.max_age_s:
        return (
            ChunkStatus.TOO_OLD,
            f"the chunk answers a state {age_s:.3f} s old; at most {limits.max_age_s:g} s",
        )
    if -age_s > limits.max_ahead_s:
        return (
            ChunkStatus.TOO_FAR_AHEAD,
            f"the chunk starts {-age_s:.3f} s ahead; at most {limits.max_ahead_s:g} s",
        )
    return ChunkStatus.OK, ""


def _check_shape(chunk: ActionChunk, embodiment: Embodiment, limits: ChunkLimits) -> tuple[ChunkStatus, str]:
    shape = np.shape(chunk.positions)
    if len(shape) != 2 or shape[1] != embodiment.action_dim or shape[0] == 0:
        return (
            ChunkStatus.WRONG_DIMENSION,
            f"positions want shape (1 or more, {embodiment.action_dim}), got {shape}",
        )
    if shape[0] > limits.max_horizon:
        return ChunkStatus.TOO_LONG, f"the chunk has {shape[0]} steps; at most {limits.max_horizon}"
    if chunk.intended is not None and np.shape(chunk.intended) != shape:
        return ChunkStatus.WRONG_DIMENSION, f"`intended` wants shape {shape}, got {np.shape(chunk.intended)}"
    if not 0 <= chunk.late_tolerance_ns <= limits.max_late_tolerance_s * 1e9:
        return ChunkStatus.OUT_OF_LIMITS, (
            f"a chunk may be late by 0 .. {limits.max_late_tolerance_s:g} s, "
            f"it asks for {chunk.late_tolerance_ns * 1e-9:g} s"
        )
    for name, values in (("positions", chunk.positions), ("intended", chunk.intended)):
        if values is not None and not np.isfinite(values).all():
            step, dim = np.argwhere(~np.isfinite(values))[0]
            return ChunkStatus.NOT_FINITE, (
                f"{name} of {embodiment.action_names[dim]} at step {step} is {values[step, dim]}"
            )
    return ChunkStatus.OK, ""


def _check_positions(chunk: ActionChunk, embodiment: Embodiment, limits: ChunkLimits) -> ChunkVerdict:
    below = embodiment.position_lower - chunk.positions
    excess = np.maximum(below, chunk.positions - embodiment.position_upper)  # (horizon, action_dim)
    worst = float(excess.max())
    if worst > limits.position_tolerance:
        step, dim = np.unravel_index(int(excess.argmax()), excess.shape)
        return ChunkVerdict(
            ChunkStatus.OUT_OF_LIMITS,
            f"{embodiment.action_names[dim]} at step {step} wants {chunk.positions[step, dim]:.3f}, "
            f"limits are [{embodiment.position_lower[dim]:.3f}, {embodiment.position_upper[dim]:.3f}]",
        )
    return ChunkVerdict(ChunkStatus.OK, clamped=worst > 0.0)
