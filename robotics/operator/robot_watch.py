"""Follows a running robot without leading it, and boils what it tells down to one moment for people."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from robotics.errors import ConnectionFailedError, RoboticsError
from robotics.session import Event, LatencyStatistics, RobotSession, RobotState

CAMERA_STAGE = "frame:"
"""Stages of this name are a camera's: from the capture of a picture until the robot's server has it."""
_RATE_WINDOW_NS = 2_000_000_000
_GUARD_WINDOW_NS = 10_000_000_000
_EVENTS_KEPT = 100
_LEADER_PERIOD_S = 1.0


@dataclass(frozen=True)
class StageRow:
    """One stage in the last second that the robot reported."""

    name: str
    rate_hz: float
    latency: LatencyStatistics


@dataclass(frozen=True)
class GuardRow:
    """One kind of intervention of the guard."""

    kind: str
    count: int
    """Since the robot's start."""
    rate_hz: float
    """In the last ten seconds."""


@dataclass(frozen=True)
class RobotSnapshot:
    """What a person wants to know of a robot at one moment."""

    state: RobotState
    """The newest control tick."""
    silent_s: float
    """Time since it arrived here [s]."""
    leader: str
    """Client that leads; '' if nobody does."""
    control_rate_hz: float
    """Executed control ticks a second of robot time in the last two: missed ones are missing."""
    guard: tuple[GuardRow, ...]
    stages: tuple[StageRow, ...]
    cameras: tuple[StageRow, ...]
    """Rate, and latency from capture to server."""
    events: tuple[Event, ...]
    """Newest first."""

    def as_json(self, action_names: tuple[str, ...]) -> dict[str, Any]:
        """For scripts; joints by name."""
        state = self.state
        return {
            "tick": state.joints.tick,
            "time_ns": state.joints.time_ns,
            "silent_s": round(self.silent_s, 3),
            "mode": state.mode.value,
            "leader": self.leader,
            "instruction": state.instruction,
            "control_rate_hz": round(self.control_rate_hz, 3),
            "missed_deadlines": state.missed_deadlines,
            "starvations": state.starvations,
            "plan_steps": state.plan_steps,
            "guard": {row.kind: {"count": row.count, "rate_hz": row.rate_hz} for row in self.guard},
            "stages": {row.name: _latency_json(row) for row in self.stages},
            "cameras": {row.name: _latency_json(row) for row in self.cameras},
            "position": dict(zip(action_names, state.joints.position.tolist(), strict=True)),
            "target": dict(zip(action_names, state.applied.tolist(), strict=True)),
            "task": None if state.task is None else vars(state.task),
            "events": [{"kind": e.kind.value, "text": e.text, "time_ns": e.time_ns} for e in self.events],
        }


def _latency_json(row: StageRow) -> dict[str, float]:
    numbers = {name: value for name, value in vars(row.latency).items() if name != "stage"}
    return {"rate_hz": round(row.rate_hz, 3), **numbers}


class RobotWatch:
    """Listens until the session is closed; `snapshot` may be asked from any thread."""

    def __init__(self, session: RobotSession, leader: Callable[[], str]):
        """Start listening.

        Args:
            session: Of a robot in real time.
            leader: Asks the robot who leads; '' if nobody does.
        """
        self.failure: RoboticsError | None = None
        """Why nothing more will be heard; None while the robot talks."""
        self._reported = threading.Event()
        self._state = session.state()
        self._heard_s = time.monotonic()
        self._leader = leader()
        self._ask_leader = leader
        self._lock = threading.Lock()
        self._times_ns: deque[int] = deque()
        self._guard: deque[tuple[int, dict[str, int]]] = deque()
        self._events: deque[Event] = deque(maxlen=_EVENTS_KEPT)
        self._stages: tuple[StageRow, ...] = ()
        self._reported_ns: int | None = None
        # subscribed here, so that a robot that does not answer is said to whoever made this
        threading.Thread(target=self._listen, args=(session.states(),), name="watch", daemon=True).start()
        threading.Thread(target=self._follow_leader, name="watch leader", daemon=True).start()

    def _listen(self, states) -> None:
        try:
            for state in states:
                with self._lock:
                    self._hear(state)
        except RoboticsError as error:
            self.failure = error
        else:
            self.failure = ConnectionFailedError("it has ended")
        self._reported.set()

    def _hear(self, state: RobotState) -> None:
        self._state, self._heard_s = state, time.monotonic()
        now_ns = state.joints.time_ns
        self._times_ns.append(now_ns)
        while self._times_ns[0] < now_ns - _RATE_WINDOW_NS:
            self._times_ns.popleft()
        self._guard.append((now_ns, dict(state.guard_counts)))
        while self._guard[0][0] < now_ns - _GUARD_WINDOW_NS:
            self._guard.popleft()
        self._events.extendleft(state.events)
        if state.statistics:
            # what was counted before this watch began belongs to a window of unknown length
            if self._reported_ns is not None:
                window_s = (now_ns - self._reported_ns) * 1e-9
                self._stages = tuple(StageRow(r.stage, r.count / window_s, r) for r in state.statistics)
                self._reported.set()
            self._reported_ns = now_ns

    def _follow_leader(self) -> None:
        while self.failure is None:
            time.sleep(_LEADER_PERIOD_S)
            try:
                self._leader = self._ask_leader()
            except RoboticsError:  # the state stream says it better
                self._leader = "?"

    def wait_for_report(self, timeout_s: float) -> None:
        """Return once a snapshot has stages, the robot is lost, or after the time [s]."""
        self._reported.wait(timeout_s)

    def snapshot(self) -> RobotSnapshot:
        """The newest moment."""
        with self._lock:
            stages = self._stages
            return RobotSnapshot(
                state=self._state,
                silent_s=time.monotonic() - self._heard_s,
                leader=self._leader,
                control_rate_hz=_rate_hz(self._times_ns),
                guard=self._guard_rows(),
                stages=tuple(row for row in stages if not row.name.startswith(CAMERA_STAGE)),
                cameras=tuple(
                    StageRow(row.name.removeprefix(CAMERA_STAGE), row.rate_hz, row.latency)
                    for row in stages
                    if row.name.startswith(CAMERA_STAGE)
                ),
                events=tuple(self._events),
            )

    def _guard_rows(self) -> tuple[GuardRow, ...]:
        counts = self._state.guard_counts
        if not self._guard:
            return tuple(GuardRow(kind, count, 0.0) for kind, count in sorted(counts.items()))
        (first_ns, before), (last_ns, _) = self._guard[0], self._guard[-1]
        window_s = max((last_ns - first_ns) * 1e-9, 1.0)
        return tuple(
            GuardRow(kind, count, round((count - before.get(kind, 0)) / window_s, 3))
            for kind, count in sorted(counts.items())
        )


def _rate_hz(times_ns: deque[int]) -> float:
    if len(times_ns) < 2:
        return 0.0
    return (len(times_ns) - 1) / ((times_ns[-1] - times_ns[0]) * 1e-9)
