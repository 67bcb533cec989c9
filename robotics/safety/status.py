"""The typed answers of the guard: why a chunk was refused, and what it changed in a motion."""

from enum import Enum


class ChunkStatus(Enum):
    """Verdict on one chunk; everything but OK refuses it whole, and nothing of it is executed."""

    OK = "ok"
    WRONG_FINGERPRINT = "wrong_fingerprint"
    """Made for another embodiment."""
    WRONG_CLOCK = "wrong_clock"
    """Its time belongs to another clock: the robot was restarted, or it is another robot's."""
    WRONG_PERIOD = "wrong_period"
    """Its steps do not last one control period."""
    WRONG_DIMENSION = "wrong_dimension"
    """Positions or `intended` have another shape than (horizon, action_dim), or no steps at all."""
    TOO_LONG = "too_long"
    """Its horizon exceeds what the robot plans ahead."""
    NOT_FINITE = "not_finite"
    OUT_OF_LIMITS = "out_of_limits"
    """A position lies further outside the position limits than may be clamped."""
    VOIDED = "voided"
    """It answers a moment before the last reset, hold or stop."""
    TOO_OLD = "too_old"
    """It answers a moment too long ago."""
    STALE = "stale"
    """Every step of it is past."""
    TOO_FAR_AHEAD = "too_far_ahead"
    """Its first step lies too far in the future."""
    NO_TIME_SYNC = "no_time_sync"
    """It starts in the future, and its sender does not know robot time well enough."""
    STOPPED = "stopped"
    """The robot is in an emergency or protective stop."""


class Intervention(Enum):
    """What the guard may change; the state stream counts each kind."""

    POSITION = "position"
    """Chunks clamped to the position limits."""
    VELOCITY = "velocity"
    """Control ticks in which a joint was asked to move faster than its limit."""
    ACCELERATION = "acceleration"
    """Control ticks in which a joint was asked for more acceleration than its limit, or had to brake."""
    JERK = "jerk"
    """Control ticks in which a joint was asked to change its acceleration faster than its limit."""
    COLLISION = "collision"
    """Motions that would have ended in a collision or outside a tool's box; each is a protective stop."""
    REFUSED = "refused"
    """Chunks refused whole."""
