"""Replays an episode on a robot and measures how alike the second time was."""

import itertools
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from demonstrations.replay import ReplayPolicy
from robotics.errors import RoboticsError
from robotics.motion_settings import AS_PLANNED, MotionSettings
from robotics.operator.black_box import BlackBox
from robotics.operator.decide import DecidingThread
from robotics.operator.home import move_home
from robotics.session import (
    STOPPED_MODES,
    EventKind,
    RobotMode,
    RobotSession,
    RobotState,
    release_if_stopped,
)

_SETTLE_S = 0.5
"""Robot time after the last row, as recordings end: the judge looks at the end of it."""
_GRACE_S = 10.0
"""A robot that is so much slower than the recording has stalled."""


@dataclass(frozen=True)
class Deviation:
    """Of one kind of quantity over all replayed rows and dimensions."""

    mean: float
    p95: float
    max: float
    where: str
    """Name of the dimension of the largest one."""

    @staticmethod
    def of(differences: np.ndarray, names: Sequence[str]) -> "Deviation":
        """Of absolute differences, shape (row, dimension), at least one row."""
        worst = names[int(np.argmax(differences.max(0)))]
        return Deviation(
            float(differences.mean()), float(np.percentile(differences, 95)), float(differences.max()), worst
        )


@dataclass(frozen=True)
class ReplayReport:
    """What came of a replay."""

    rows: int
    """Rows of the recording that the robot was seen to execute."""
    length: int
    """Rows of the recording."""
    approach_s: float
    """Robot time of the approach to the start posture."""
    success: bool | None
    """As the simulation judged at the end; None on a real robot."""
    commands: Deviation | None
    """What the guard let through now against then; None where no row was executed."""
    tracking: Deviation | None
    """Measured against the command of the tick before, now."""
    tracking_then: Deviation | None
    """The same in the recording, over the same rows."""
    motion: Deviation | None
    """Measured now against then."""
    guard_counts: dict[str, int]
    """Interventions of the guard by kind, since the replay began."""
    ended_by: str = ""
    """Why it ended early."""

    @property
    def complete(self) -> bool:
        """It was not ended early."""
        return not self.ended_by


def starts_at_its_seed(policy: ReplayPolicy) -> bool:
    """Whether the world of the seed is the world of the first row: not where the beginning was cut off."""
    meta = policy.episode.metadata
    return not meta.edit or any(event.kind is EventKind.EPISODE for event in meta.events)


def replay_in_lockstep(session: RobotSession, policy: ReplayPolicy, speed: float = 1.0) -> ReplayReport:
    """Reset the world to the episode's seed, if it has one, and replay as fast as the machine can.

    Args:
        speed: Speed override of the robot, 0..1.

    Raises:
        UnknownNameError: The simulation does not know the task, or its instruction.
    """
    _reset_world(session, policy)
    session.set_motion(MotionSettings(speed))
    policy.reset()
    first = session.state()
    states: list[RobotState] = []
    ended_by, done = "", -1
    for chunk_id in itertools.count(1):
        try:
            session.send(replace(policy.act(session.observe()), chunk_id=chunk_id))
        except RoboticsError as error:
            ended_by = f"{type(error).__name__}: {error}"
            break
        left = policy.steps - policy.steps_done
        if left <= 0:
            break
        if policy.steps_done == done:
            ended_by = "the robot does not follow the plan"
            break
        done = policy.steps_done
        states += session.advance(min(policy.replan_steps, math.ceil(left / speed)))
    session.hold()
    session.set_motion(AS_PLANNED)
    control_rate_hz = session.describe().embodiment.control_rate_hz
    settled = session.advance(round(_SETTLE_S * control_rate_hz))
    return _report(policy, first, states, settled[-1], ended_by)


def replay_in_real_time(session: RobotSession, policy: ReplayPolicy, speed: float = 1.0) -> ReplayReport:
    """Replay on running robot processes; a real robot moves home first. The robot holds at the end.

    Args:
        speed: Speed override of the robot, 0..1.

    Raises:
        RoboticsError: The robot cannot be led, is stopped, or finds no way home.
    """
    description = session.describe()
    if description.simulated:
        _reset_world(session, policy)
    else:
        move_home(session)
    policy.reset()
    box = BlackBox(session, ())
    decide = DecidingThread(session, policy)
    ended_by = ""
    try:
        session.set_motion(MotionSettings(speed))
        first = session.state()
        box.restart()
        decide.start()
        started = time.monotonic()
        while not ended_by:
            time.sleep(0.05)
            limit_s = policy.steps * description.embodiment.control_period_ns / 1e9 / speed + _GRACE_S
            if policy.approach_steps + len(policy.episode) <= policy.steps_done:
                break
            if decide.failure is not None:
                ended_by = f"{type(decide.failure).__name__}: {decide.failure}"
            elif session.state().mode in STOPPED_MODES:
                ended_by = f"the robot stopped: {session.state().stop_reason or session.state().mode.value}"
            elif time.monotonic() - started > limit_s:
                ended_by = f"not done after {limit_s:.0f} s"
    finally:
        decide.stop()
        session.hold()
        session.set_motion(AS_PLANNED)
        time.sleep(_SETTLE_S)
        box.close()
    return _report(policy, first, box.states(), session.state(), ended_by)


def _reset_world(session: RobotSession, policy: ReplayPolicy) -> None:
    meta = policy.episode.metadata
    release_if_stopped(session)
    if meta.task and meta.seed is not None:
        session.reset(meta.task, meta.seed, meta.instruction or None)


def _report(
    policy: ReplayPolicy,
    first: RobotState,
    states: Sequence[RobotState],
    last: RobotState,
    ended_by: str,
) -> ReplayReport:
    episode, names = policy.episode, policy.action_names
    rows, replayed = _rows_of(states, policy)
    deviations: dict[str, Deviation | None] = dict.fromkeys(
        ("commands", "motion", "tracking", "tracking_then")
    )
    if len(rows):
        applied = np.array([state.applied for state in replayed])
        position = np.array([state.joints.position for state in replayed])
        target = np.array([state.joints.target for state in replayed])
        differences = {
            "commands": applied - episode.applied[rows],
            "motion": position - episode.position[rows],
            "tracking": position - target,
            "tracking_then": episode.position[rows] - episode.target[rows],
        }
        deviations = {name: Deviation.of(np.abs(d), names) for name, d in differences.items()}
    counts = {
        kind: count - first.guard_counts.get(kind, 0)
        for kind, count in last.guard_counts.items()
        if count > first.guard_counts.get(kind, 0)
    }
    return ReplayReport(
        rows=len(rows),
        length=len(episode),
        approach_s=policy.approach_steps / episode.metadata.control_rate_hz,
        success=last.task.success if last.task is not None else None,
        guard_counts=counts,
        ended_by=ended_by,
        **deviations,
    )


def _rows_of(states: Sequence[RobotState], policy: ReplayPolicy) -> tuple[list[int], list[RobotState]]:
    """The states that executed a row of the recording, and which; each row at most once."""
    replayed: dict[int, RobotState] = {}
    for state in states:
        if state.chunk_id and state.mode is RobotMode.EXECUTING:
            replayed.setdefault(policy.row_of(state.chunk_id, state.plan_steps), state)
    rows = sorted(row for row in replayed if 0 <= row < len(policy.episode))
    return rows, [replayed[row] for row in rows]
