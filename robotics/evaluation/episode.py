"""One seeded episode in lockstep: reset, then observe, act, send and advance until success or time-out."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from robotics.errors import ChunkRefusedError, RoboticsError, UnknownNameError
from robotics.motion_settings import AS_PLANNED, MotionSettings
from robotics.policy import Policy
from robotics.session import RobotSession, RobotState, release_if_stopped
from robotics.task import EpisodeSetup


@dataclass(frozen=True)
class EpisodePlan:
    """Which episode to run, and under what conditions."""

    task: str
    seed: int
    instruction: str | None = None
    """The goal; None lets the seed draw it."""
    shuffle_seed: int | None = None
    """The policy hears the instruction of this seed's episode instead; the judge keeps the true goal."""
    policy_delay_steps: int = 0
    """Control ticks that pass between an observation and the arrival of its chunk."""
    policy_jitter_steps: int = 0
    """Up to so many ticks more, drawn for each chunk by the seed."""
    motion: MotionSettings = AS_PLANNED
    time_limit_s: float | None = None
    """Robot time [s]; None takes the task's own limit."""

    def __post_init__(self):
        for name in ("policy_delay_steps", "policy_jitter_steps"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} wants 0 or more, got {getattr(self, name)}")

    def delays(self) -> Iterator[int]:
        """Of one chunk after another [ticks], without end."""
        rng = np.random.default_rng([self.seed, self.policy_jitter_steps])
        while True:
            yield self.policy_delay_steps + int(rng.integers(self.policy_jitter_steps + 1))


@dataclass(frozen=True)
class EpisodeResult:
    """What came out of one episode."""

    task: str
    seed: int
    instruction: str
    """The goal that was judged."""
    heard: str
    """What the policy was told; another than `instruction` only where instructions are shuffled."""
    success: bool
    progress: float
    """0..1 at the end."""
    best_progress: float
    """0..1, the highest of the episode."""
    stage: str
    """Stage that was being worked on at the end."""
    duration_s: float
    """Robot time [s]."""
    wall_s: float
    """Wall time [s], reset excluded, inference and rendering included."""
    act_ms: tuple[float, ...]
    """Wall time of each `act` [ms]."""
    observe_ms: tuple[float, ...]
    """Wall time of each `observe` [ms], rendering included."""
    starvations: int
    """Times that the plan ran out."""
    guard_counts: dict[str, int] = field(default_factory=dict)
    """Interventions of the guard by kind."""
    error: str = ""
    """Why the episode ended early, such as a refused chunk; the episode has failed then."""


def run_episode(
    session: RobotSession,
    policy: Policy,
    plan: EpisodePlan,
    on_states: Callable[[Sequence[RobotState]], None] = lambda states: None,
    advance_at_most: int = 1_000_000,
) -> EpisodeResult:
    """Run one episode of a lockstep session.

    Args:
        on_states: Gets every control tick, oldest first, as it is executed.
        advance_at_most: Calls `on_states` after so many ticks at the latest, for those who look in between.

    Raises:
        UnknownNameError: No such task, or an instruction that no goal of it fits.
    """
    limit_s = plan.time_limit_s or _time_limit_s(session, plan.task)
    setup, heard = _begin(session, plan)
    policy.reset()
    delays = plan.delays()
    period_ns = session.describe().embodiment.control_period_ns
    ticks_left = max(1, round(limit_s * 1e9 / period_ns))
    first = last = session.state()
    best, success, error = 0.0, False, ""
    act_ms: list[float] = []
    observe_ms: list[float] = []
    ticks = 0
    started = time.perf_counter()

    def advance(wanted: int) -> None:
        nonlocal ticks, last, best, success
        end = min(ticks + wanted, ticks_left)
        while ticks < end and not success:
            states = session.advance(min(end - ticks, advance_at_most))
            last = states[-1]
            for state in states:
                # ticks of the same advance after the success do not count: how many there are is chance
                ticks += not success
                if state.task is not None:
                    best = max(best, state.task.progress)
                    success = success or state.task.success
            on_states(states)

    while ticks < ticks_left and not success:
        t0 = time.perf_counter()
        observation = session.observe(policy.cameras)
        t1 = time.perf_counter()
        if heard is not None:
            observation = replace(observation, instruction=heard)
        try:
            chunk = policy.act(observation)
            act_ms.append((time.perf_counter() - t1) * 1e3)
            observe_ms.append((t1 - t0) * 1e3)
            delay = min(next(delays), max(chunk.horizon - 1, 0))
            advance(delay)
            if success or ticks >= ticks_left:
                break
            session.send(chunk)
        except ChunkRefusedError as refused:
            error = f"{refused.status}: {refused}"
            break
        except RoboticsError as failed:
            error = f"{type(failed).__name__}: {failed}"
            break
        advance(max(1, min(policy.replan_steps, chunk.horizon) - delay))
    task = last.task
    return EpisodeResult(
        task=plan.task,
        seed=plan.seed,
        instruction=setup.instruction,
        heard=setup.instruction if heard is None else heard,
        success=success,
        progress=1.0 if success else (task.progress if task else 0.0),
        best_progress=1.0 if success else best,
        stage=task.stage if task else "",
        duration_s=ticks * period_ns / 1e9,
        wall_s=time.perf_counter() - started,
        act_ms=tuple(act_ms),
        observe_ms=tuple(observe_ms),
        starvations=last.starvations - first.starvations,
        guard_counts={
            kind: count - first.guard_counts.get(kind, 0)
            for kind, count in last.guard_counts.items()
            if count > first.guard_counts.get(kind, 0)
        },
        error=error,
    )


def _begin(session: RobotSession, plan: EpisodePlan) -> tuple[EpisodeSetup, str | None]:
    """Start the episode; also what the policy hears, where that is not its instruction."""
    release_if_stopped(session)
    heard = None
    if plan.shuffle_seed is not None:
        heard = session.reset(plan.task, plan.shuffle_seed).instruction
    setup = session.reset(plan.task, plan.seed, plan.instruction)
    session.set_motion(plan.motion)
    return setup, heard


def _time_limit_s(session: RobotSession, task: str) -> float:
    tasks = {t.name: t for t in session.describe().tasks}
    if task not in tasks:
        raise UnknownNameError("task", task, tasks)
    return tasks[task].time_limit_s
