"""The robot as skills command it: where it is led, what its hands hold, and motions that all skills share."""

import logging
from collections.abc import Callable

import numpy as np

from policies.planner.arms import Arms
from policies.planner.motion import Execution, Motion, Script
from policies.planner.placing import Held
from policies.planner.sight import Sight
from robotics.observation import Observation
from robotics.pose import Pose
from robotics.reasoning.reasoner import GripperShape

_log = logging.getLogger(__name__)
_EMPTY_GAP_M = 0.004
"""Fingers that close on nothing end nearer to each other than this."""
_SLIPPED_SHARE = 0.6
"""Of the gap on a held thing: fingers that come nearer have lost it."""
_REST_STEPS = 7
_CLOSING_REST_STEPS = 10
_CORRECTED_SHARE = 0.8
_LARGEST_CORRECTION = 0.04
"""[rad]"""


class Body:
    """Skills read `observation` and `reference` and yield motions through `play`."""

    def __init__(self, arms: Arms, sight: Sight, grippers: dict[str, GripperShape]):
        self.arms, self.sight, self.grippers = arms, sight, grippers
        self.execution = Execution(arms)
        self.reset()

    def reset(self) -> None:
        """Forget the episode."""
        self.execution.reset()
        self.held: dict[str, Held] = {}
        """By arm."""
        self.instruction = ""
        """What is being carried out."""
        self.story: list[str] = []
        """What was done and what came of it, one line each."""
        self._observation: Observation | None = None

    @property
    def observation(self) -> Observation:
        """The newest one."""
        assert self._observation is not None
        return self._observation

    def see(self, observation: Observation) -> None:
        """Note the newest observation."""
        self._observation = observation

    @property
    def reference(self) -> np.ndarray:
        """Joint positions that the last motion led to, grippers as commanded, (action_dim,)."""
        assert self.execution.reference is not None
        return self.execution.reference

    def say(self, text: str) -> None:
        """Tell in one line what is going on, for the log and for `Planner.story`."""
        self.story.append(text)
        _log.info(text)

    def play(self, *parts: np.ndarray, end_when: Callable[[Observation], bool] | None = None) -> Script[bool]:
        """Go through rows, one part after the other; returns whether the end was reached."""
        rows = np.vstack(parts)
        if len(rows) == 0:
            return True
        yield Motion(rows, end_when)
        return bool(np.abs(self.reference - rows[-1]).max() < 1e-6)

    def rest(self, steps: int = _REST_STEPS) -> Script[None]:
        """Stay."""
        yield Motion(np.repeat(self.reference[None], steps, axis=0))

    def settle(self, arm: str) -> Script[None]:
        """Let an arm come to rest and lead it by what it lacks: stiction keeps it off by millimetres."""
        yield from self.rest()
        joints = self.arms.embodiment.arm_slices[arm]
        lack = (self.reference - self.observation.joints.position)[joints]
        correction = self.execution.correction.copy()
        correction[joints] += np.clip(_CORRECTED_SHARE * lack, -_LARGEST_CORRECTION, _LARGEST_CORRECTION)
        yield Motion(np.repeat(self.reference[None], _REST_STEPS, axis=0), correction=correction)

    def grip(self, arm: str, opening: float) -> Script[None]:
        """Open or close one gripper and let the fingers come to rest."""
        rows = self.arms.grip(self.reference, arm, opening)
        last = rows[-1] if len(rows) else self.reference
        yield Motion(np.vstack([rows, np.repeat(last[None], _CLOSING_REST_STEPS, axis=0)]))

    def gap(self, arm: str) -> float:
        """Measured distance of the fingertips [m]."""
        return self.arms.gap(arm, self.observation.joints.position)

    def has_something(self, arm: str) -> bool:
        """Whether a gripper that is commanded shut is kept open by something."""
        return self.gap(arm) > _EMPTY_GAP_M

    def slipped(self, held: Held) -> Callable[[Observation], bool]:
        """For `play`: whether the fingers have closed on what they held."""

        def ends(observation: Observation) -> bool:
            gap = self.arms.gap(held.arm, observation.joints.position)
            return gap < max(_EMPTY_GAP_M, _SLIPPED_SHARE * held.gap)

        return ends

    def measured_tool(self, arm: str) -> Pose:
        """tool_in_world, where it is and not where it is led."""
        return self.arms.tool(arm, self.observation.joints.position)

    def lag_beyond(self, arm: str, direction: np.ndarray, limit_m: float) -> Callable[[Observation], bool]:
        """For `play`: whether something keeps a tool back, by more than `limit_m`, along a unit vector (3,).

        Besides what a servo lags in motion, taken from the target that is in force.
        """
        joints = self.arms.embodiment.arm_slices[arm]
        lag_s = self.arms.statics.lag_s + self.arms.period_s  # a target acts within the step after

        def ends(observation: Observation) -> bool:
            state = observation.joints
            led = self.arms.statics.position_of(state.target - self.execution.correction, iterations=2)
            position = np.array(state.position, float)
            behind = self.arms.tool(arm, led).position - self.arms.tool(arm, position).position
            moved = position.copy()
            moved[joints] += (state.velocity * lag_s)[joints]
            ahead = self.arms.tool(arm, moved).position - self.arms.tool(arm, position).position
            return float((behind - ahead) @ direction) > limit_m

        return ends

    def at_ease(self, arm: str) -> np.ndarray:
        """The reference with every other empty-handed arm at home: where they go while `arm` works."""
        goal = self.reference.copy()
        for other in self.arms.names:
            if other != arm and other not in self.held:
                joints = self.arms.embodiment.arm_slices[other]
                goal[joints] = self.arms.rest_position[joints]
        return goal
