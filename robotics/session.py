"""What policies, recorder and run loop see of a robot, in this process or over gRPC."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

import numpy as np

from robotics.action import ActionChunk
from robotics.embodiment import Embodiment
from robotics.motion_settings import AS_PLANNED, MotionSettings
from robotics.observation import CameraFrame, JointState, Observation
from robotics.task import EpisodeSetup, TaskDescription, TaskStatus


class RobotMode(Enum):
    """What the control process is doing."""

    HOLDING = "holding"
    EXECUTING = "executing"
    STOPPING = "stopping"
    """Plan ran out: decelerating within limits to a hold."""
    PROTECTIVE_STOP = "protective_stop"
    """Held by the guard; recoverable by `release`."""
    EMERGENCY_STOP = "emergency_stop"
    """Latched; held energised until `release`."""


STOPPED_MODES = (RobotMode.PROTECTIVE_STOP, RobotMode.EMERGENCY_STOP)
"""In these every chunk is refused until `RobotSession.release`."""


class EventKind(Enum):
    """What an event is about."""

    EPISODE = "episode"
    """Simulation reset; text is the task, data has the seed."""
    INSTRUCTION = "instruction"
    OUTCOME = "outcome"
    """success or failure, as judged by a person or the simulation."""
    SUBTASK = "subtask"
    """A part of the task begins; text names it."""
    INTERVENTION = "intervention"
    """Text is 'start': a person takes over from the policy; or 'end': gives back."""
    NOTE = "note"
    GUARD = "guard"
    STARVED = "starved"
    """The plan ran out."""
    STOP = "stop"
    FAULT = "fault"


@dataclass(frozen=True)
class Event:
    """Something that happened at one moment; it travels in the state stream."""

    kind: EventKind
    text: str
    time_ns: int = 0
    """Robot time [ns]; stamped by the control process."""
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LatencyStatistics:
    """Latency of one stage since the start of the control process, or over a recent window."""

    stage: str
    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


@dataclass(frozen=True)
class RobotState:
    """One control tick, as the state stream carries it: dataset row i is exactly this."""

    joints: JointState
    """State at the start of the tick; `joints.target` is the target of the tick before."""
    requested: np.ndarray
    """What the plan asked for at this tick, shape (action_dim,)."""
    applied: np.ndarray
    """What the guard let through and the driver got at this tick, shape (action_dim,)."""
    intended: np.ndarray
    """The plan's `intended` at this tick (equal to requested where the policy gave none)."""
    mode: RobotMode
    plan_steps: int
    """Steps of the plan left after this tick."""
    chunk_id: int
    """The chunk that `requested` comes from; 0 when none."""
    instruction: str
    missed_deadlines: int
    """Ticks that started a full period late, since start."""
    starvations: int
    """Times that the plan ran out, since start."""
    guard_counts: Mapping[str, int] = field(default_factory=dict)
    """Interventions of the guard by kind, since start."""
    events: tuple[Event, ...] = ()
    """Events since the last tick."""
    statistics: tuple[LatencyStatistics, ...] = ()
    """Present about once a second."""
    task: TaskStatus | None = None
    """Simulation only."""
    motion: MotionSettings = AS_PLANNED
    """How plans are executed."""
    stop_reason: str = ""
    """Why the robot is in an emergency or protective stop; '' where it is not."""


@dataclass(frozen=True)
class RobotDescription:
    """Who the robot is and what it can do."""

    embodiment: Embodiment
    clock_id: str
    lockstep: bool
    """True where only `advance` moves time."""
    simulated: bool
    tasks: tuple[TaskDescription, ...] = ()
    software_version: str = ""


class RobotSession(Protocol):
    """Proven to behave alike in process and over gRPC: equal lockstep trajectories.

    Methods raise ConnectionFailedError where the robot does not answer, LeaseError where another
    client leads.
    """

    def describe(self) -> RobotDescription: ...

    def state(self) -> RobotState:
        """The newest control tick."""
        ...

    def states(self) -> Iterator[RobotState]:
        """Every control tick from now on, in order, until the session closes; a subscription of its own.

        In lockstep the iterator ends at nothing: use `advance`, which returns its ticks.
        """
        ...

    def observe(self, cameras: Sequence[str] = ()) -> Observation:
        """The newest joint state and plan, and the newest frame of each camera.

        Raises:
            UnknownNameError: No such camera.
        """
        ...

    def frames(self, cameras: Sequence[str]) -> Iterator[tuple[str, CameraFrame]]:
        """Real time only: every new frame of these cameras from now on, by capture; its own subscription.

        Raises:
            UnknownNameError: No such camera.
        """
        ...

    def send(self, chunk: ActionChunk) -> None:
        """Replace the part of the plan that has not been executed yet.

        Raises:
            ChunkRefusedError: Malformed, stale, wrong clock or fingerprint, out of limits: nothing is done.
            StoppedError: The robot is stopped; `release` first.
        """
        ...

    def hold(self) -> None:
        """Drop the plan, decelerate within limits, hold."""
        ...

    def stop(self, reason: str = "") -> None:
        """Emergency stop: decelerate, hold energised, latch."""
        ...

    def protective_stop(self, reason: str) -> None:
        """As `stop`, by a machine's judgement; never weakens an emergency stop."""
        ...

    def release(self) -> None:
        """Release an emergency or protective stop; the robot holds."""
        ...

    def set_motion(self, settings: MotionSettings) -> None:
        """Speed override, shadow mode and chunk strategy; entering or leaving shadow mode drops the plan."""
        ...

    def annotate(self, event: Event) -> None:
        """Put an instruction, outcome or note into the state stream; INSTRUCTION sets the instruction."""
        ...

    def reset(self, task: str, seed: int, instruction: str | None = None) -> EpisodeSetup:
        """Simulation only: start a seeded episode; voids the plan and older commands.

        The arms are at home and the instruction is set.
        """
        ...

    def advance(self, control_ticks: int) -> Sequence[RobotState]:
        """Lockstep only: execute so many control ticks; returns them, oldest first."""
        ...

    def close(self) -> None:
        """Return the lease; the robot holds."""
        ...


def release_if_stopped(session: RobotSession) -> None:
    """Before another simulated episode: what stopped the last one does not concern it."""
    if session.state().mode in STOPPED_MODES:
        session.release()
