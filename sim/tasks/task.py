"""What a simulated task is: props, a seeded start, instructions, and a judge's eye."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import mujoco
import numpy as np

from robotics.task import TaskDescription
from sim.tasks.instructions import Goal, Instructions
from sim.world import World


@dataclass(frozen=True)
class Assessment:
    """One moment of an episode, without memory of the moments before."""

    achieved: bool
    """The goal holds now; it counts as success once it has held for the task's `hold_s`."""
    stage: str
    """Name of the stage being worked on."""
    progress: float
    """0..1, staged; 1 only where achieved."""


class Task(ABC):
    """One task on any two-armed embodiment with arms called 'left' and 'right'."""

    name: ClassVar[str]
    summary: ClassVar[str]
    instructions: ClassVar[Instructions]
    stages: ClassVar[tuple[str, ...]]
    """Names of the stages in their order."""
    time_limit_s: ClassVar[float]
    hold_s: ClassVar[float]
    """For so long the goal must hold to count as success [s]."""

    @abstractmethod
    def add_props(self, spec: mujoco.MjSpec) -> None:
        """Add the task's props, bodies 'prop/...', to a scene whose table top is the plane z = 0."""

    @abstractmethod
    def place(self, world: World, rng: np.random.Generator) -> None:
        """Put the props at a random start, at rest; every goal of the task can be asked of every start."""

    @abstractmethod
    def assess(self, world: World, goal: Goal) -> Assessment:
        """How far the world is from `goal` at this moment."""

    def describe(self) -> TaskDescription:
        return TaskDescription(
            name=self.name,
            summary=self.summary,
            instructions=self.instructions.sentences(),
            time_limit_s=self.time_limit_s,
        )

    def staged(self, stage: str, fraction: float) -> Assessment:
        """Not there yet: working on `stage`, of which `fraction` (clipped to 0..1) is done."""
        index = self.stages.index(stage)
        progress = (index + float(np.clip(fraction, 0.0, 1.0))) / len(self.stages)
        return Assessment(achieved=False, stage=stage, progress=min(progress, 0.99))

    def achieved(self) -> Assessment:
        """The goal holds."""
        return Assessment(achieved=True, stage="done", progress=1.0)


def nearness(distance_m: float, far_m: float) -> float:
    """1 at distance 0, falling to 0 at `far_m` [m] and beyond."""
    return max(0.0, 1.0 - distance_m / far_m)
