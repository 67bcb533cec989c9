"""How a robot executes plans: how fast, really or only for show, and what a new chunk does to an old plan."""

import math
from dataclasses import dataclass
from enum import Enum


class ChunkStrategy(Enum):
    """What becomes of the plan in force when another chunk arrives."""

    HOLD = "hold"
    """The plan is executed to its end; the newest chunk that arrived meanwhile follows."""
    SPLICE = "splice"
    """The newest chunk replaces the rest of the plan at once."""
    ENSEMBLE = "ensemble"
    """Every step is the weighted mean of all chunks that speak of it (Zhao et al. 2023)."""


@dataclass(frozen=True)
class MotionSettings:
    """Set by whoever leads the robot; back to the robot's own with the next lease."""

    speed: float = 1.0
    """0 .. 1, scales the plan's time: 0.5 follows it at half the speed, 0 pauses in it."""
    shadow: bool = False
    """Chunks are checked, scheduled and reported, and nothing moves."""
    strategy: ChunkStrategy = ChunkStrategy.SPLICE

    def __post_init__(self):
        if not (math.isfinite(self.speed) and 0.0 <= self.speed <= 1.0):
            raise ValueError(f"the speed override is 0 .. 1, got {self.speed:g}")


AS_PLANNED = MotionSettings()
"""Full speed, really, the newest chunk at once."""
