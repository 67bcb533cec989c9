"""The driver inside the control process: read state, write targets; in simulation also step and judge."""

from typing import Protocol

import numpy as np

from robotics.embodiment import Embodiment
from robotics.observation import CameraFrame
from robotics.task import EpisodeSetup, TaskDescription, TaskStatus


class Robot(Protocol):
    """Implemented by the simulated robot, emulators and real drivers; one contract test runs on all."""

    @property
    def embodiment(self) -> Embodiment: ...

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """Measured joint position and velocity, each of shape (action_dim,), embodiment units."""
        ...

    def write(self, target: np.ndarray) -> None:
        """Put a joint target, shape (action_dim,), in force until the next write."""
        ...

    def hold(self) -> None:
        """Stay where the last target is, energised."""
        ...

    def close(self) -> None: ...


class SimulatedRobot(Robot, Protocol):
    """A robot whose world can be reset, stepped and judged."""

    def tasks(self) -> tuple[TaskDescription, ...]: ...

    def reset(self, task: str, seed: int, instruction: str | None = None) -> EpisodeSetup:
        """Start the seeded episode; without an instruction the seed draws goal and phrasing.

        Deterministic: the same (embodiment, task, seed, instruction) gives the same world. The
        arms start at home, at rest, with the targets there.

        Raises:
            UnknownNameError: No such task, or no goal of the task fits the instruction.
        """
        ...

    def step(self, duration_ns: int) -> None:
        """Advance the physics [ns] with the targets in force (a multiple of the physics step)."""
        ...

    def task_status(self) -> TaskStatus: ...

    def world_state(self) -> np.ndarray:
        """All that a camera rig of the same episode needs to draw this moment, float64, flat."""
        ...


class CameraRig(Protocol):
    """Takes pictures; lives in the camera process (or in the only process, in lockstep)."""

    def capture(self, camera: str, time_ns: int) -> CameraFrame:
        """A picture now.

        Raises:
            UnknownNameError: The embodiment has no such camera.
        """
        ...

    def close(self) -> None: ...


class SimulatedCameraRig(CameraRig, Protocol):
    """Draws the world of a simulated robot, possibly of another process, from its world state."""

    def reset(self, task: str, seed: int, instruction: str | None = None) -> None:
        """Follow the robot into the same episode."""
        ...

    def set_world_state(self, state: np.ndarray) -> None:
        """Show the moment of `SimulatedRobot.world_state`."""
        ...
