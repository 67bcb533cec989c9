"""A recorded episode as a policy: its commands once more, open loop, through the guard like any others."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from demonstrations.dataset import DemonstrationDataset
from demonstrations.episode import Episode
from robotics.action import ActionChunk
from robotics.embodiment import Embodiment
from robotics.errors import DatasetError, IncompatibleError, RoboticsError
from robotics.kinematics.home_path import minimum_jerk
from robotics.observation import Observation

PREFIX = "replay:"
_APPROACH_SHARE = 0.2
"""Of the limits, on the way to the start posture: nobody has checked that way."""
_HORIZON = 50
_REPLAN_STEPS = 25
_LOST = 0.2
"""Farther [rad or opening] from the way than this, somebody else has moved the robot."""


@dataclass(frozen=True)
class ReplayName:
    """What `replay:DATASET/EPISODE` names."""

    dataset: Path
    number: int


def parse_replay(text: str) -> ReplayName:
    """Read `replay:DATASET/EPISODE`.

    Raises:
        DatasetError: It does not end in the number of an episode.
    """
    match = re.fullmatch(rf"{PREFIX}(.+)/(\d+)", text)
    if match is None:
        raise DatasetError(f"wanted {PREFIX}DATASET/EPISODE such as {PREFIX}data/put_in_bowl/3, got '{text}'")
    return ReplayName(Path(match[1]), int(match[2]))


def open_replay(text: str, embodiment: Embodiment) -> "ReplayPolicy":
    """The policy that `replay:DATASET/EPISODE` names.

    Raises:
        DatasetError: There is no such episode, or it is damaged.
        IncompatibleError: It was recorded on another interface.
    """
    name = parse_replay(text)
    dataset = DemonstrationDataset.open(name.dataset, embodiment, recover=False)
    return ReplayPolicy(dataset.episode(dataset.index_of(name.number)), embodiment)


class ReplayPolicy:
    """Sends what was applied in the episode, tick by tick; where needed, a slow straight approach first.

    It looks at no picture and corrects nothing; `act` raises RoboticsError where somebody else has moved the
    arms meanwhile. After the last row it repeats it, so that they stay.

    Raises:
        IncompatibleError: The episode was recorded on another interface.
        DatasetError: It is damaged.
    """

    cameras: tuple[str, ...] = ()
    replan_steps = _REPLAN_STEPS

    def __init__(self, episode: Episode, embodiment: Embodiment):
        fingerprint = episode.metadata.interface_fingerprint
        if fingerprint != embodiment.interface_fingerprint:
            raise IncompatibleError(
                f"{episode.path.name} was recorded on '{episode.metadata.embodiment}' ({fingerprint}), "
                f"this robot is '{embodiment.name}' ({embodiment.interface_fingerprint})"
            )
        self.name = f"replay of {episode.path.parent.parent.name}/{episode.number}"
        self.episode = episode
        self._embodiment = embodiment
        self._recorded = np.array(episode.applied)  # (length, action_dim)
        self.reset()

    def reset(self) -> None:
        self._path: np.ndarray | None = None
        self._starts: list[int] = []
        self._tick = 0
        self.approach_steps = 0
        """Steps of the approach; known after the first `act`."""
        self.steps_done = 0
        """Of the approach and the recording together, as of the last `act`."""

    @property
    def action_names(self) -> tuple[str, ...]:
        return self._embodiment.action_names

    @property
    def steps(self) -> int:
        """Of the approach and the recording together."""
        return self.approach_steps + len(self._recorded)

    def act(self, observation: Observation) -> ActionChunk:
        if self._path is None:
            approach = self._approach(observation.joints.target)
            self.approach_steps = len(approach)
            self._path = np.concatenate([approach, self._recorded])
        start = self.steps_done = self._steps_executed(observation)
        self._tick = observation.joints.tick
        rows = np.minimum(np.arange(start, start + _HORIZON), len(self._path) - 1)
        self._starts.append(start)
        return ActionChunk.answering(observation, self._embodiment, self._path[rows])

    def row_of(self, chunk: int, steps_left: int) -> int:
        """The row of the recording that a tick executed: negative in the approach, too large after the end.

        Args:
            chunk: Which `act` since the reset its chunk came from, counted from 1.
            steps_left: Of the plan after the tick.
        """
        return self._starts[chunk - 1] + _HORIZON - 1 - steps_left - self.approach_steps

    def _approach(self, target: np.ndarray) -> np.ndarray:
        """From where the robot is commanded to be to the first row, shape (n, action_dim); n may be 0."""
        first = self._recorded[0]
        within_one_tick = self._embodiment.velocity_limit * self._embodiment.control_period_ns / 1e9
        if (np.abs(first - target) <= within_one_tick).all():
            return np.empty((0, len(first)))
        return minimum_jerk(np.array(target, float), first, self._embodiment, _APPROACH_SHARE)

    def _steps_executed(self, observation: Observation) -> int:
        """Counted as the robot counts, by what is left of the plan: it may have stood still meanwhile."""
        assert self._path is not None
        if not self._starts:
            return 0
        plan = observation.plan
        if not len(plan):
            return self._steps_reached(observation)
        # what is left may belong to the chunk before, where the last one was refused
        for sent in reversed(self._starts[-2:]):
            start = max(0, sent + _HORIZON - len(plan))
            if np.allclose(plan[0], self._path[min(start, len(self._path) - 1)], atol=1e-9):
                return start
        return max(0, self._starts[-1] + _HORIZON - len(plan))

    def _steps_reached(self, observation: Observation) -> int:
        """The plan ran out, or was dropped: as far as the last target applied is on the way."""
        assert self._path is not None
        start = self._starts[-1]
        passed = min(observation.joints.tick - self._tick, _HORIZON)
        rows = self._path[start : start + passed]
        if not len(rows):
            return start
        distances = np.abs(rows - observation.joints.target).max(1)
        if distances.min() > _LOST:
            raise RoboticsError(
                f"the replay ends: the arms are {distances.min():.2f} rad (or openings) "
                "from where it left them"
            )
        return start + int(np.flatnonzero(distances <= distances.min() + 1e-9)[-1]) + 1
