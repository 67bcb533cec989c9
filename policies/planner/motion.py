"""A motion as a skill asks for it, and its execution in chunks: what is due and when it is over."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from policies.planner.arms import Arms
from robotics.observation import Observation

Result = TypeVar("Result")


@dataclass(frozen=True)
class Motion:
    """Joint positions to go through, one row a control step; the robot rests at the last one."""

    rows: np.ndarray
    """Where the joints should be, grippers commanded, (n, action_dim)."""
    end_when: Callable[[Observation], bool] | None = None
    """Asked whenever the robot is looked at; true ends the motion early, with a short deceleration."""
    correction: np.ndarray | None = None
    """New value of what is added to the targets so that the joints arrive, (action_dim,); None: as before."""


Script = Generator[Motion, Observation, Result]
"""What a skill is: it yields motions, and gets what is observed when each is over."""

_RAMP_STEPS = 8
"""Over so many steps a new correction comes into force."""
_BRAKE_STEPS = 8
"""A motion that ends early comes to rest in so many steps."""
_RESTING_STEPS = 150
"""Sent after the end of a motion: a robot that waits for a slow answer rests, it does not starve."""
_LONGEST_CHUNK = 400
_SAME = 1e-4
"""A target that differs by less is the one that was sent [rad or opening]."""


class Execution:
    """One motion after another, at the robot's pace: a row is done when the robot has executed it."""

    def __init__(self, arms: Arms):
        self._arms = arms
        self._period_ns = arms.embodiment.control_period_ns
        self.reset()

    def reset(self) -> None:
        """Forget everything: the next observation tells where the robot is."""
        self.reference: np.ndarray | None = None
        """Joint positions that the last motion leads to, (action_dim,)."""
        self.correction = np.zeros(self._arms.embodiment.action_dim)
        self._motion: Motion | None = None
        self._led_to: np.ndarray | None = None  # the target before the motion
        self._targets = np.empty((0, 0))
        self._positions = np.empty((0, 0))
        self._done = 0  # rows of the motion that have been executed
        self._sent_from = 0  # the row that the last chunk began with
        self._sent_length = 0
        self._sent_ns = 0

    def orient(self, observation: Observation) -> None:
        """Believe the observed target where it is not what was sent: somebody else moved the robot."""
        target = observation.joints.target
        expected = self._expected()
        if expected is None or np.abs(target - expected).max() > 0.05:
            self.correction = np.zeros(len(target))
            self.reference = self._arms.statics.position_of(target)

    def _expected(self) -> np.ndarray | None:
        if self.reference is None:
            return None
        return self._arms.statics.target_of(self.reference) + self.correction

    def begin(self, motion: Motion) -> None:
        """Execute `motion` from the next chunk on."""
        assert self.reference is not None
        rows = motion.rows if len(motion.rows) else self.reference[None]
        before = self.correction
        self._led_to = self._expected()
        after = before if motion.correction is None else motion.correction
        if motion.correction is not None and len(rows) < _RAMP_STEPS:
            rows = np.vstack([rows, np.repeat(rows[-1:], _RAMP_STEPS - len(rows), axis=0)])
        ramp = np.minimum(np.arange(1, len(rows) + 1) / _RAMP_STEPS, 1.0)[:, None]
        ramp = ramp * ramp * (3.0 - 2.0 * ramp)
        sag = np.array([self._arms.statics.sag(row) for row in rows])
        embodiment = self._arms.embodiment
        self._targets = np.clip(
            rows + sag + before + (after - before) * ramp,
            embodiment.position_lower,
            embodiment.position_upper,
        )
        self._positions = rows
        self._motion, self.correction = motion, after
        self._done = self._sent_from = self._sent_length = 0

    def follow(self, observation: Observation) -> bool:
        """Take note of what has been executed; returns whether the motion is over."""
        if self._motion is None:
            return True
        self._done = min(self._sent_from + self._executed(observation), len(self._targets))
        ending = self._motion.end_when
        if self._done < len(self._targets) and ending is not None and ending(observation):
            self._brake()
        if self._done < len(self._targets):
            return False
        self.reference = self._positions[-1]
        self._motion = None
        return True

    def _executed(self, observation: Observation) -> int:
        """Rows of the last chunk that the robot has executed."""
        left = len(observation.plan)
        if 0 < left <= self._sent_length:
            row = self._sent_from + self._sent_length - left
            sent = self._targets[min(row, len(self._targets) - 1)]
            if np.abs(sent - observation.plan[0]).max() < _SAME:
                return self._sent_length - left
        # another plan is in force, or none: count the time
        return (
            max(0, (observation.joints.time_ns - self._sent_ns) // self._period_ns)
            if self._sent_length
            else 0
        )

    def _brake(self) -> None:
        """Leave the rest of the motion out but for a short deceleration along it."""
        steps = np.arange(1, _BRAKE_STEPS + 1)
        ahead = self._done + steps - steps**2 / (2.0 * _BRAKE_STEPS)
        rows = np.arange(len(self._targets))
        ahead = np.minimum(ahead, rows[-1])
        self._targets = _between(self._targets, ahead)
        self._positions = _between(self._positions, ahead)
        self._done = self._sent_from = self._sent_length = 0
        assert self._motion is not None
        self._motion = Motion(self._positions)

    def chunk(self, observation: Observation, fewest: int) -> np.ndarray:
        """Targets of the next steps, (at least `fewest`, action_dim), with some rest after the end."""
        if self._motion is None:
            return self.rest(observation, fewest)
        left = self._targets[self._done : self._done + _LONGEST_CHUNK]
        rest = np.repeat(left[-1:], max(_RESTING_STEPS, fewest), axis=0)
        sent = np.vstack([left, rest])
        self._sent_from, self._sent_length = self._done, len(sent)
        self._sent_ns = observation.joints.time_ns
        return sent

    def rest(self, observation: Observation, fewest: int) -> np.ndarray:
        """Targets that keep the robot where it was led to, (at least `fewest`, action_dim)."""
        expected = self._led_to if self._motion is not None else self._expected()
        held = observation.joints.target if expected is None else expected
        embodiment = self._arms.embodiment
        held = np.clip(held, embodiment.position_lower, embodiment.position_upper)
        return np.repeat(held[None], max(fewest, _RESTING_STEPS), axis=0)

    @property
    def steps_left(self) -> int:
        """Of the motion, after what has been executed."""
        return len(self._targets) - self._done if self._motion is not None else 0


def _between(rows: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Rows at fractional indices, (len(places), action_dim)."""
    low = np.clip(places.astype(int), 0, len(rows) - 1)
    high = np.minimum(low + 1, len(rows) - 1)
    share = (places - low)[:, None]
    return rows[low] * (1.0 - share) + rows[high] * share
