"""The planner policy: it looks, plans its motions and checks them, with no demonstration to learn from."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from policies.planner.arms import Arms
from policies.planner.body import Body
from policies.planner.motion import Motion, Script
from policies.planner.orders import carry_out
from policies.planner.sight import Sight
from robotics.action import ActionChunk
from robotics.embodiment import Embodiment
from robotics.errors import RoboticsError
from robotics.kinematics.gripper_shape import measure_gripper
from robotics.observation import Observation
from robotics.reasoning.reasoner import Reasoner

Orders = Callable[[Body, str], Script[None]]
"""From a body and an instruction to what is done."""


@dataclass(frozen=True)
class PlannerConfig:
    """How the planner looks and how often it decides."""

    cameras: tuple[str, ...] = ("overhead",)
    """The first is asked first, the next where it does not see a thing."""
    replan_steps: int = 10
    """Control steps between two looks at the robot during a motion."""

    def __post_init__(self):
        if not self.cameras:
            raise ValueError("the planner wants at least one camera")
        if self.replan_steps < 1:
            raise ValueError(f"replan_steps wants 1 or more, got {self.replan_steps}")


class Planner:
    """Implements Policy; a `PlannerError` from `act` says in one line why it goes no further.

    Thinking (questions to the reasoner, planning a motion) takes as long as it takes: its answer is a chunk
    that holds still, and the motion starts with the next one.
    """

    name = "planner"

    def __init__(
        self,
        embodiment: Embodiment,
        reasoner: Reasoner,
        config: PlannerConfig | None = None,
        orders: Orders = carry_out,
    ):
        """
        Args:
            orders: What an instruction makes it do; by default what its words say.

        Raises:
            UnknownNameError: The embodiment has none of the cameras.
        """
        self._embodiment = embodiment
        self._config = config or PlannerConfig()
        self.cameras = self._config.cameras
        self._sight = Sight(embodiment, reasoner, self.cameras)
        grippers = {arm.name: measure_gripper(embodiment, arm) for arm in embodiment.arm}
        self._orders = orders
        self._script: Script[None] | None = None
        self._body = Body(Arms(embodiment), self._sight, grippers)
        self.reset()

    @property
    def replan_steps(self) -> int:
        """Fewer where a motion ends soon, or where the planner has just thought."""
        return self._replan_steps

    @property
    def is_done(self) -> bool:
        """Whether the instruction has been carried out, as far as the planner can see."""
        return self._done

    @property
    def story(self) -> tuple[str, ...]:
        """What it has done in this episode and what came of it, one line each."""
        return tuple(self._body.story)

    def reset(self) -> None:
        self._drop()
        self._body.reset()
        self._instruction = ""
        self._failure: RoboticsError | None = None
        self._done = False
        self._replan_steps = self._config.replan_steps

    def close(self) -> None:
        """End the reasoner's connection, if it has one, and a program that still runs."""
        self._drop()
        close = getattr(self._sight.reasoner, "close", None)
        if close is not None:
            close()

    def _drop(self) -> None:
        """End what is being done: a program's process must not outlive it."""
        if self._script is not None:
            self._script.close()
            self._script = None

    def act(self, observation: Observation) -> ActionChunk:
        """
        Raises:
            IncompatibleError: The observation lacks a camera.
            PlannerError: The instruction is not understood, a thing of it is not there or out of reach, or a
                step failed too often; nothing moves any more until `reset`, or another instruction.
        """
        self._sight.views(observation)
        self._body.see(observation)
        execution = self._body.execution
        if not observation.instruction.strip():  # nothing is wanted: hold still
            self.reset()
            return self._answer(observation, execution.rest(observation, 1), self._config.replan_steps)
        if observation.instruction != self._instruction or self._script is None:
            self._begin(observation)
        if execution.follow(observation) and not self._done:
            motion = self._next_motion()
            if motion is not None:
                execution.begin(motion)
                # deciding may have taken long: this chunk stays where the robot is, the next one moves
                return self._answer(observation, execution.rest(observation, self._config.replan_steps), 1)
            self._done = True
        steps = min(execution.steps_left or self._config.replan_steps, self._config.replan_steps)
        return self._answer(observation, execution.chunk(observation, self._config.replan_steps), steps)

    def _next_motion(self) -> Motion | None:
        """What to do next; None where nothing is left to do."""
        assert self._script is not None
        if self._failure is not None:
            raise self._failure
        try:
            return next(self._script)
        except StopIteration:
            return None
        except RoboticsError as error:
            self._failure = error
            raise

    def _begin(self, observation: Observation) -> None:
        """A new instruction: whatever was planned before is dropped."""
        self._drop()
        self._body.execution.reset()
        self._body.execution.orient(observation)
        self._script = self._orders(self._body, observation.instruction)
        self._instruction = observation.instruction
        self._failure = None
        self._done = False

    def _answer(self, observation: Observation, positions: np.ndarray, replan_steps: int) -> ActionChunk:
        self._replan_steps = replan_steps
        return ActionChunk.answering(observation, self._embodiment, positions)
