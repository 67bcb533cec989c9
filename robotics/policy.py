"""What decides: anything that turns an observation into an action chunk."""

from typing import Protocol

from robotics.action import ActionChunk
from robotics.observation import Observation


class Policy(Protocol):
    """Learned policies, experts, remote policies and wrappers (noise, delay, ensembles) are all policies."""

    @property
    def name(self) -> str:
        """Short, for reports."""
        ...

    @property
    def cameras(self) -> tuple[str, ...]:
        """Cameras that `act` needs in its observation."""
        ...

    @property
    def replan_steps(self) -> int:
        """Control steps after which a new chunk is wanted; at most the chunk's horizon."""
        ...

    def reset(self) -> None:
        """Forget the episode so far."""
        ...

    def act(self, observation: Observation) -> ActionChunk:
        """Decide the next joint targets; the chunk starts at `observation.joints.time_ns`.

        Raises:
            IncompatibleError: The observation lacks a camera or has another action dimension.
        """
        ...
