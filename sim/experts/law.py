"""The form of a feedback law: what each arm should do at a moment, and how things react that no arm holds."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.experts.moment import Item, Moment
from sim.experts.plant import Frame
from sim.tasks import Goal
from sim.world import World


@dataclass(frozen=True)
class Command:
    """Where an arm's tool should go from here, and what its gripper should do."""

    tool: Frame
    opening: float
    """0 closed .. 1 open."""
    posture: np.ndarray | None = None
    """Joints (joints,) [rad] that belong to `tool`: go there straight in joint space, for large turns."""
    speed: float = 0.5
    """[m/s]"""
    freedom: float = 1.0
    """1 in free space, 0 where a push would spoil a grasp; scales exploration noise."""


class Law(ABC):
    """Decides from the moment alone, so that it corrects whatever happened before."""

    items: tuple[str, ...] = ()
    """Props that it handles."""

    def __init__(self, goal: Goal):
        self.goal = goal

    def see(self, world: World) -> tuple[dict[str, Item], dict[str, float]]:
        """The things of the task, and other measurements, as they are now."""
        return {name: see_prop(world, name) for name in self.items}, {}

    @abstractmethod
    def decide(self, moment: Moment) -> Mapping[str, Command]:
        """What each arm should do; an arm that is not named goes home and stays there."""

    @abstractmethod
    def react(self, moment: Moment) -> None:
        """Imagine what things do by themselves in a step, e.g. fall when released."""


def see_prop(world: World, name: str) -> Item:
    """A block or cylinder with a single geometry."""
    body = world.body(name)
    geom = int(world.model.body_geomadr[body])
    size = world.model.geom_size[geom]
    # A cylinder's size is (radius, half height, -); a block's are its half sizes.
    half = np.array([size[0], size[0], size[1]]) if size[2] == 0 else size.copy()
    return Item(half, Frame(world.position(name).copy(), world.rotation(name).copy()))
