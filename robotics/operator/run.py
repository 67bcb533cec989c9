"""One real-time run: the policy decides in its thread, this one watches, judges and ends it."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum

from robotics.errors import RoboticsError
from robotics.evaluation.statistics import latency_statistics
from robotics.operator.black_box import BlackBox
from robotics.operator.decide import DecidingThread
from robotics.policy import Policy
from robotics.session import STOPPED_MODES, LatencyStatistics, RobotMode, RobotSession, RobotState


class RunOutcome(Enum):
    """How a run ended."""

    SUCCESS = "success"
    TIME_OUT = "time out"
    STOPPED = "stopped"
    """An emergency or protective stop."""
    ABORTED = "aborted"
    """The operator ended it."""
    FAILED = "failed"
    """Policy or connection failed."""


@dataclass(frozen=True)
class RunProgress:
    """What the operator sees while it runs."""

    task: str
    instruction: str
    elapsed_s: float
    time_limit_s: float
    mode: RobotMode
    control_rate_hz: float
    """Control ticks executed a second, over the last two seconds."""
    chunk: LatencyStatistics
    """From asking for an observation to the chunk's arrival."""
    act: LatencyStatistics
    """Inference alone."""
    missed_deadlines: int
    starvations: int
    guard_interventions: int
    progress: float
    stage: str


@dataclass(frozen=True)
class RunResult:
    """What came out."""

    outcome: RunOutcome
    message: str
    last: RunProgress
    observe: LatencyStatistics
    send: LatencyStatistics
    guard_counts: dict[str, int] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)


def warm_up(session: RobotSession, policy: Policy) -> float:
    """Ask the policy once and drop the answer: first calls are slow, and the arms should not wait for them.

    It hears no instruction: what the robot was told before need not fit what is there.

    Returns:
        How long it took [s].
    """
    started = time.monotonic()
    policy.reset()
    policy.act(replace(session.observe(policy.cameras), instruction=""))
    policy.reset()
    return time.monotonic() - started


def run(
    session: RobotSession,
    policy: Policy,
    box: BlackBox,
    *,
    task: str,
    instruction: str,
    time_limit_s: float,
    on_progress: Callable[[RunProgress], None] = lambda progress: None,
    aborted: Callable[[], bool] = lambda: False,
) -> RunResult:
    """Let the policy move the robot until the judge says success, time is over, or somebody ends it.

    The robot holds when this returns or raises, KeyboardInterrupt included.

    Args:
        box: Listens to the session already; it is restarted here.
        time_limit_s: Robot time [s].
        aborted: Asked ten times a second whether to end.
    """
    decide = DecidingThread(session, policy)
    first = session.state()
    box.restart()
    outcome, message = RunOutcome.ABORTED, ""
    watch = _Watch(task, instruction, time_limit_s, first)
    try:
        decide.start()
        while True:
            time.sleep(0.1)
            watch.look(box.states(), decide)
            on_progress(watch.progress)
            if watch.success:
                outcome, message = RunOutcome.SUCCESS, "the judge is satisfied"
            elif watch.progress.mode in STOPPED_MODES:
                outcome, message = RunOutcome.STOPPED, watch.progress.mode.value
            elif decide.failure is not None or box.failure is not None:
                outcome, message = RunOutcome.FAILED, str(decide.failure or box.failure)
            elif watch.progress.elapsed_s >= time_limit_s:
                outcome, message = RunOutcome.TIME_OUT, f"not done within {time_limit_s:g} s"
            elif aborted():
                outcome, message = RunOutcome.ABORTED, "ended by the operator"
            else:
                continue
            break
    finally:
        decide.stop()
        _hold(session)
    timings = decide.timings()
    return RunResult(
        outcome=outcome,
        message=message,
        last=watch.progress,
        observe=latency_statistics("observe", [t.observe_ms for t in timings]),
        send=latency_statistics("send", [t.send_ms for t in timings]),
        guard_counts=watch.guard_counts,
        refusals=decide.refusals(),
    )


def _hold(session: RobotSession) -> None:
    # a stopped robot stands; one that cannot be reached holds by itself when its plan runs out
    with contextlib.suppress(RoboticsError):
        session.hold()


class _Watch:
    """Boils the ticks so far down to what the operator sees."""

    def __init__(self, task: str, instruction: str, time_limit_s: float, first: RobotState):
        self._task, self._instruction, self._limit_s, self._first = task, instruction, time_limit_s, first
        self.success = False
        self.guard_counts: dict[str, int] = {}
        self.progress = self._progress([], None)

    def look(self, states: list[RobotState], decide: DecidingThread) -> None:
        self.success = any(state.task is not None and state.task.success for state in states)
        if states:
            before = self._first.guard_counts
            self.guard_counts = {
                kind: count - before.get(kind, 0)
                for kind, count in states[-1].guard_counts.items()
                if count > before.get(kind, 0)
            }
        self.progress = self._progress(states, decide)

    def _progress(self, states: list[RobotState], decide: DecidingThread | None) -> RunProgress:
        first, last = self._first, states[-1] if states else self._first
        timings = decide.timings() if decide else []
        return RunProgress(
            task=self._task,
            instruction=self._instruction,
            elapsed_s=(last.joints.time_ns - states[0].joints.time_ns) / 1e9 if states else 0.0,
            time_limit_s=self._limit_s,
            mode=last.mode,
            control_rate_hz=_rate(states),
            chunk=latency_statistics("chunk", [t.total_ms for t in timings]),
            act=latency_statistics("act", [t.act_ms for t in timings]),
            missed_deadlines=last.missed_deadlines - first.missed_deadlines,
            starvations=last.starvations - first.starvations,
            guard_interventions=sum(self.guard_counts.values()),
            progress=last.task.progress if last.task else 0.0,
            stage=last.task.stage if last.task else "",
        )


def _rate(states: list[RobotState], window_s: float = 2.0) -> float:
    """Executed control ticks a second of robot time: missed ones are missing."""
    if len(states) < 2:
        return 0.0
    end = states[-1].joints.time_ns
    recent = [s for s in states[-1000:] if s.joints.time_ns >= end - window_s * 1e9]
    span_s = (end - recent[0].joints.time_ns) / 1e9
    return (len(recent) - 1) / span_s if span_s > 0 else 0.0
