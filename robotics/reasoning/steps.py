"""What an instruction wants done, step by step; things and places are those of `robotics.reasoning.query`."""

from dataclasses import dataclass
from enum import Enum

from robotics.reasoning.query import FreeSpace, Thing


class Direction(Enum):
    """On the table, as the viewer sees it."""

    LEFT = "left"
    RIGHT = "right"
    AWAY = "away"
    """From the viewer."""
    TOWARD = "toward"
    """The viewer."""


@dataclass(frozen=True)
class Pick:
    """Take a thing up and keep it."""

    thing: Thing
    """Its part, if any, is where to grasp."""
    arm: str = ""
    """'left', 'right', or '' for any; so in every step."""


@dataclass(frozen=True)
class Place:
    """Take a thing up, unless it is held already, and put it on a free place."""

    thing: Thing
    place: FreeSpace
    arm: str = ""


@dataclass(frozen=True)
class PutIn:
    """Take a thing up, unless it is held already, and let it fall into a container."""

    thing: Thing
    container: Thing
    arm: str = ""


@dataclass(frozen=True)
class Stack:
    """Take a thing up, unless it is held already, and set it on another thing: block, plate, tray."""

    thing: Thing
    base: Thing
    arm: str = ""


@dataclass(frozen=True)
class Open:
    """Open a drawer or a lid."""

    thing: Thing
    arm: str = ""


@dataclass(frozen=True)
class Close:
    """Close a drawer or a lid."""

    thing: Thing
    arm: str = ""


@dataclass(frozen=True)
class HandOver:
    """Take a thing up with one arm and give it to the other."""

    thing: Thing
    from_arm: str = ""
    to_arm: str = ""


@dataclass(frozen=True)
class Push:
    """Slide a thing over the table, some way in a direction, or to a place or another thing."""

    thing: Thing
    direction: Direction | None = None
    goal: FreeSpace | Thing | None = None
    """Exactly one of direction and goal is given."""
    pulled: bool = False
    """By a gripper that holds it, instead of a closed one behind it."""
    arm: str = ""


Step = Pick | Place | PutIn | Stack | Open | Close | HandOver | Push
