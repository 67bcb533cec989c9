"""Episode results boiled down to one row a task and one for all, ready for a table or for JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from robotics.evaluation.episode import EpisodeResult
from robotics.evaluation.statistics import latency_statistics, wilson_interval
from robotics.session import LatencyStatistics


@dataclass(frozen=True)
class TaskSummary:
    """How one task (or all of them) went."""

    task: str
    episodes: int
    successes: int
    success_rate: float
    interval_95: tuple[float, float]
    """Wilson interval of the success probability."""
    mean_progress: float
    """0..1 at the end of an episode."""
    mean_duration_s: float
    """Robot time of the successful episodes [s]; 0 where none succeeded."""
    act: LatencyStatistics
    """Policy inference."""
    observe: LatencyStatistics
    """Observation, rendering included."""
    real_time_factor: float
    """Robot time over wall time of one worker: resets excluded, inference and rendering included."""
    starvations: int
    guard_counts: dict[str, int]


def summarise(task: str, results: Sequence[EpisodeResult]) -> TaskSummary:
    """One row of the table."""
    successes = sum(result.success for result in results)
    guard_counts: dict[str, int] = {}
    for result in results:
        for kind, count in result.guard_counts.items():
            guard_counts[kind] = guard_counts.get(kind, 0) + count
    wall_s = sum(result.wall_s for result in results)
    durations = [result.duration_s for result in results if result.success]
    return TaskSummary(
        task=task,
        episodes=len(results),
        successes=successes,
        success_rate=successes / len(results) if results else 0.0,
        interval_95=wilson_interval(successes, len(results)),
        mean_progress=float(np.mean([r.progress for r in results])) if results else 0.0,
        mean_duration_s=float(np.mean(durations)) if durations else 0.0,
        act=latency_statistics("act", [ms for r in results for ms in r.act_ms]),
        observe=latency_statistics("observe", [ms for r in results for ms in r.observe_ms]),
        real_time_factor=sum(r.duration_s for r in results) / wall_s if wall_s else 0.0,
        starvations=sum(r.starvations for r in results),
        guard_counts=guard_counts,
    )


def summarise_by_task(results: Sequence[EpisodeResult]) -> list[TaskSummary]:
    """One row a task, in order of appearance."""
    tasks = dict.fromkeys(result.task for result in results)
    return [summarise(task, [r for r in results if r.task == task]) for task in tasks]


def as_json(
    results: Sequence[EpisodeResult], conditions: dict[str, Any], environment: dict[str, Any]
) -> dict[str, Any]:
    """The evaluation as plain data.

    Args:
        conditions: What was evaluated and how: command, policy, embodiment, ...
        environment: The machine and the versions.
    """
    by_task = summarise_by_task(results)
    episodes = []
    for result in results:
        row = asdict(result)
        for key in ("act_ms", "observe_ms"):
            row[key] = [round(ms, 3) for ms in row[key]]
        episodes.append(row)
    return {
        "conditions": conditions,
        "environment": environment,
        "overall": asdict(summarise("all", results)),
        "mean_of_tasks": float(np.mean([s.success_rate for s in by_task])) if by_task else 0.0,
        "tasks": [asdict(summary) for summary in by_task],
        "episodes": episodes,
    }
