"""Many seeded episodes over worker processes; what comes out depends on the seeds alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from robotics.evaluation.episode import EpisodePlan, EpisodeResult, run_episode
from robotics.evaluation.statistics import derangement
from robotics.evaluation.workers import WorkerPool
from robotics.motion_settings import AS_PLANNED, MotionSettings
from robotics.policy import Policy
from robotics.session import RobotSession


class Workplace(Protocol):
    """A lockstep session, and the policy for each of its episodes."""

    @property
    def session(self) -> RobotSession: ...

    def policy(self, seed: int) -> Policy:
        """The policy for the episode of that seed: its own randomness must come from the seed alone."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class EvaluationConfig:
    """Which episodes an evaluation runs."""

    tasks: tuple[str, ...]
    episodes: int
    """Episodes a task."""
    seed_start: int = 1_000_000
    """First seed; far above the seeds that demonstrations use, so that evaluation sees unseen starts."""
    instruction: str | None = None
    """One goal for every episode; None lets each seed draw its own."""
    shuffle_instructions: bool = False
    """The policy hears another episode's instruction: what still succeeds, succeeds without language."""
    policy_delay_steps: int = 0
    """Control ticks between an observation and the arrival of its chunk."""
    policy_jitter_steps: int = 0
    """Up to so many ticks more, drawn for each chunk."""
    motion: MotionSettings = AS_PLANNED
    time_limit_s: float | None = None
    """Robot time [s]; None takes each task's own limit."""

    def plans(self) -> list[EpisodePlan]:
        """Every episode, tasks in order, seeds ascending."""
        other = derangement(self.episodes, self.seed_start)
        return [
            EpisodePlan(
                task=task,
                seed=self.seed_start + i,
                instruction=self.instruction,
                shuffle_seed=self.seed_start + int(other[i]) if self.shuffle_instructions else None,
                policy_delay_steps=self.policy_delay_steps,
                policy_jitter_steps=self.policy_jitter_steps,
                motion=self.motion,
                time_limit_s=self.time_limit_s,
            )
            for task in self.tasks
            for i in range(self.episodes)
        ]


def _run_in_workplace(workplace: Workplace, plan: EpisodePlan) -> EpisodeResult:
    return run_episode(workplace.session, workplace.policy(plan.seed), plan)


def run_episodes(
    open_workplace: Callable[[], Workplace],
    plans: Sequence[EpisodePlan],
    workers: int,
    on_result: Callable[[EpisodeResult], None] = lambda result: None,
) -> list[EpisodeResult]:
    """Run episodes; the results come in the order of the plans, however many workers there are.

    Args:
        open_workplace: Picklable; called once a worker.
        on_result: Gets each result as it comes, for a progress bar.
    """
    results: dict[tuple[str, int], EpisodeResult] = {}
    with WorkerPool(open_workplace, _run_in_workplace, workers) as pool:
        for plan, result in pool.map_unordered(iter(plans)):
            results[plan.task, plan.seed] = result
            on_result(result)
    return [results[plan.task, plan.seed] for plan in plans]
