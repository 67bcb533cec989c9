"""What a person's hands ask of the arms at one moment, whatever device they hold."""

from dataclasses import dataclass, field
from typing import Protocol

from robotics.teleoperator import TeleoperatorEvent

AXES = 3
MOST_SPEED, LEAST_SPEED, SPEED_STEP = 2.0, 0.1, 1.25
"""Factors on the usual speed, and of one press."""


@dataclass(frozen=True)
class ArmJog:
    """One arm's part, each value -1 .. 1 of the full speed."""

    linear: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """World frame: along x, y, z. Tool frame: along closing (y), approach (z), and x."""
    angular: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """About the same axes, right-handed."""
    opening: float = 0.0
    """Opens the gripper (> 0), or closes it."""

    @property
    def moves_tool(self) -> bool:
        return any(self.linear) or any(self.angular)


STILL = ArmJog()


@dataclass(frozen=True)
class Jog:
    """What is asked of every arm."""

    arms: tuple[ArmJog, ...] = (STILL, STILL)
    """In the embodiment's order; arms beyond the last one stand still."""
    in_tool_frame: bool = False
    speed: float = 1.0
    """Factor on the usual speed, 0.1 .. 2."""


class JogSource(Protocol):
    """A device in a person's hands. All but `jog` are called from the thread that opened it."""

    @property
    def name(self) -> str: ...

    def jog(self) -> Jog:
        """What is asked for now; from any thread."""
        ...

    def poll_events(self) -> tuple[TeleoperatorEvent, ...]:
        """Read the device; what the person has said since the last call."""
        ...

    def close(self) -> None: ...


@dataclass
class JogModes:
    """Switches that a device's keys turn."""

    in_tool_frame: bool = False
    turning: bool = False
    """Direction keys turn the tool instead of moving it."""
    speed: float = field(default=1.0)

    def faster(self) -> None:
        self.speed = min(MOST_SPEED, self.speed * SPEED_STEP)

    def slower(self) -> None:
        self.speed = max(LEAST_SPEED, self.speed / SPEED_STEP)

    def arm(self, direction: tuple[float, float, float], opening: float) -> ArmJog:
        """The direction as a motion or a turn, as the switch says."""
        if self.turning:
            return ArmJog(angular=direction, opening=opening)
        return ArmJog(linear=direction, opening=opening)
