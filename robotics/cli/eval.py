"""`robotics eval`: how often a policy succeeds, over seeded episodes in lockstep simulation."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import tyro

from robotics.cli.connect import UsageError, is_address, parse_robot, use_keys, with_reasoner
from robotics.cli.workplace import LockstepWorkplace, WorkplaceConfig, workplace_opener
from robotics.errors import UnknownNameError
from robotics.evaluation.environment import command_line, describe_environment
from robotics.evaluation.episode import EpisodePlan, EpisodeResult
from robotics.evaluation.film import film_episode
from robotics.evaluation.runner import EvaluationConfig, run_episodes
from robotics.evaluation.summary import as_json
from robotics.evaluation.workers import WorkerPool
from robotics.motion_settings import ChunkStrategy, MotionSettings


@dataclass(frozen=True)
class Arguments:
    """Run seeded episodes of a policy, faster than real time, and report how often it succeeds.

    The same seeds give the same result whatever the number of workers. Leaves report.html, results.json
    and videos of failures in the --out folder.

    Example:
      robotics eval --policy policies/checkpoints/aloha2 --task put_in_bowl --episodes 50 --workers 2
      robotics eval --policy expert --robot sim:franka_duo --episodes 100 --json experts.json
      robotics eval --policy runs/train/mine --task hand_over_cube --policy-delay 0 5 10 --policy-jitter 2
    """

    policy: str
    """expert, planner, a checkpoint folder, or HOST:PORT."""
    reasoner: str | None = None
    """Whom the planner asks: embedded (the default), gemini, vlm:FOLDER, or HOST:PORT."""
    robot: str = "sim:aloha2"
    """sim:NAME or sim:my.toml."""
    task: tuple[str, ...] = ()
    """Tasks by name; all of them by default."""
    episodes: int = 20
    """Episodes a task."""
    workers: Annotated[int, tyro.conf.arg(aliases=["-w"])] = 1
    """Worker processes, one core each."""
    seed_start: int = 1_000_000
    """First seed; demonstrations are recorded from seed 0 on, so that these are unseen."""
    instruction: str | None = None
    """One instruction for every episode; by default each seed draws its own."""
    shuffle_instructions: bool = False
    """Tell the policy the instruction of another episode: success should fall to chance."""
    policy_delay: tuple[int, ...] = (0,)
    """Control ticks from an observation to the arrival of its chunk; several are evaluated in turn."""
    policy_jitter: int = 0
    """Up to so many ticks more, drawn for each chunk."""
    strategy: Literal["splice", "hold", "ensemble"] = "splice"
    """What a new chunk does to the plan in force: replace it, follow it, or be averaged with it."""
    time_limit: float | None = None
    """Robot time [s] an episode; by default each task's own."""
    perturbation: float = 0.0
    """Exploration noise of the expert, as a multiple of its usual amount."""
    videos: int = 3
    """Failures a task that are filmed."""
    film_successes: bool = False
    """Film the first successes of each task, too."""
    out: Path | None = None
    """Folder of the report; runs/eval-DATE by default."""
    json: Path | None = None
    """Write the results to this file, too."""
    keys: Path | None = None
    """Your keys for servers with TLS; by default the folder that ROBOTICS_KEYS names."""

    def __post_init__(self):
        if self.episodes < 1 or self.workers < 1:
            raise UsageError(
                f"wanted at least one episode and one worker, got {self.episodes} and {self.workers}"
            )
        if not self.policy_delay or min(*self.policy_delay, self.policy_jitter) < 0:
            raise UsageError(
                f"--policy-delay and --policy-jitter want 0 or more ticks, got "
                f"{' '.join(map(str, self.policy_delay)) or 'nothing'} and {self.policy_jitter}"
            )
        if len(set(self.policy_delay)) < len(self.policy_delay):
            raise UsageError(f"--policy-delay names a delay twice: {' '.join(map(str, self.policy_delay))}")


def main(arguments: Arguments) -> int:
    if parse_robot(arguments.robot).kind != "sim":
        raise UsageError(f"eval runs lockstep simulations: --robot sim:NAME, got {arguments.robot}")
    use_keys(arguments.keys)
    policy = with_reasoner(arguments.policy, arguments.reasoner)
    workplace = WorkplaceConfig(arguments.robot, policy, arguments.perturbation)
    tasks = _check(workplace, arguments)
    out = arguments.out or Path("runs", f"eval-{datetime.now():%Y%m%d-%H%M%S}")
    sweep = []
    for delay in arguments.policy_delay:
        alone = len(arguments.policy_delay) == 1
        if not alone:
            print(f"chunks arrive {_delay_text(delay, arguments)}")
        sweep.append(_evaluate(arguments, workplace, tasks, delay, out if alone else out / f"delay-{delay}"))
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        data = sweep[0] if len(sweep) == 1 else {"sweep": sweep}
        arguments.json.write_text(json.dumps(data, indent=1) + "\n")
    if len(sweep) > 1:
        _print_sweep(sweep, arguments)
    return 0


def _delay_text(delay: int, arguments: Arguments) -> str:
    jitter = f" .. {delay + arguments.policy_jitter}" if arguments.policy_jitter else ""
    return f"{delay}{jitter} ticks late"


def _evaluate(
    arguments: Arguments, workplace: WorkplaceConfig, tasks: tuple[str, ...], delay: int, out: Path
) -> dict:
    """One evaluation with its report in `out`; returns what results.json holds."""
    config = EvaluationConfig(
        tasks=tasks,
        episodes=arguments.episodes,
        seed_start=arguments.seed_start,
        instruction=arguments.instruction,
        shuffle_instructions=arguments.shuffle_instructions,
        policy_delay_steps=delay,
        policy_jitter_steps=arguments.policy_jitter,
        motion=MotionSettings(strategy=ChunkStrategy(arguments.strategy)),
        time_limit_s=arguments.time_limit,
    )
    out.mkdir(parents=True, exist_ok=True)
    results = _run(workplace, config, arguments.workers)
    conditions = {
        "policy": workplace.policy,
        "robot": arguments.robot,
        "tasks": list(tasks),
        "episodes_per_task": arguments.episodes,
        "seeds": f"{config.seed_start} .. {config.seed_start + config.episodes - 1}",
        "instruction": arguments.instruction or "drawn by the seed",
        "shuffle_instructions": arguments.shuffle_instructions,
        "policy_delay_steps": delay,
        "policy_jitter_steps": arguments.policy_jitter,
        "strategy": arguments.strategy,
        "expert_perturbation": arguments.perturbation,
        "workers": arguments.workers,
        "command": command_line(),
    }
    data = as_json(results, conditions, describe_environment())
    _print(data)
    (out / "results.json").write_text(json.dumps(data, indent=1) + "\n")
    videos = _film(workplace, config, results, arguments, out)
    from robotics.evaluation.report import write_report

    write_report(out / "report.html", data, videos)
    print(f"report: {out / 'report.html'}")
    return data


def _check(config: WorkplaceConfig, arguments: Arguments) -> tuple[str, ...]:
    """Meet bad input here, in one line, before any worker starts; returns the tasks."""
    workplace = LockstepWorkplace(config)
    try:
        existing = [task.name for task in workplace.session.describe().tasks]
        for task in arguments.task:
            if task not in existing:
                raise UnknownNameError("task", task, existing)
        tasks = arguments.task or tuple(existing)
        for task in tasks if arguments.instruction else tasks[:1]:
            workplace.session.reset(task, arguments.seed_start, arguments.instruction)
        if not is_address(arguments.policy) or arguments.workers == 1:
            workplace.policy(arguments.seed_start)
        return tasks
    finally:
        workplace.close()


def _run(workplace: WorkplaceConfig, config: EvaluationConfig, workers: int) -> list[EpisodeResult]:
    from robotics.cli.progress import progress_bar

    plans = config.plans()
    done = successes = 0
    with progress_bar("episodes", len(plans)) as update:

        def on_result(result: EpisodeResult) -> None:
            nonlocal done, successes
            done += 1
            successes += result.success
            update(done, f"{successes} of {done} succeeded")

        return run_episodes(workplace_opener(workplace), plans, min(workers, len(plans)), on_result)


def _film(
    workplace: WorkplaceConfig,
    config: EvaluationConfig,
    results: list[EpisodeResult],
    arguments: Arguments,
    out: Path,
) -> dict[tuple[str, int], str]:
    """Run some episodes once more, with pictures; returns (task, seed) -> video beside the report."""
    from robotics.cli.progress import progress_bar

    wanted = []
    for task in config.tasks:
        of_task = [r for r in results if r.task == task]
        wanted += [(r.task, r.seed) for r in of_task if not r.success][: arguments.videos]
        if arguments.film_successes:
            wanted += [(r.task, r.seed) for r in of_task if r.success][: arguments.videos]
    if not wanted:
        return {}
    jobs = [
        (plan, out / "videos" / f"{plan.task}-{plan.seed}.mp4")
        for plan in config.plans()
        if (plan.task, plan.seed) in wanted
    ]
    videos = {}
    with (
        progress_bar("filming", len(jobs)) as update,
        WorkerPool(
            workplace_opener(workplace), _film_in_workplace, min(arguments.workers, len(jobs))
        ) as pool,
    ):
        for (plan, path), _ in pool.map_unordered(iter(jobs)):
            videos[plan.task, plan.seed] = f"videos/{path.name}"
            update(len(videos))
    return videos


def _film_in_workplace(workplace: LockstepWorkplace, job: tuple[EpisodePlan, Path]) -> None:
    plan, path = job
    film_episode(workplace.session, workplace.policy(plan.seed), plan, path)


def _print_sweep(sweep: list[dict], arguments: Arguments) -> None:
    """Success by task, one row a delay."""
    from rich.box import SIMPLE
    from rich.table import Table

    from robotics.cli.progress import wide_console

    table = Table(box=SIMPLE, title="success by delay between policy and robot")
    table.add_column("chunks arrive")
    for row in sweep[0]["tasks"]:
        table.add_column(row["task"], justify="right", no_wrap=True)
    for data in sweep:
        delay = data["conditions"]["policy_delay_steps"]
        cells = [
            f"{100 * row['success_rate']:.1f} % ({100 * row['interval_95'][0]:.0f}-"
            f"{100 * row['interval_95'][1]:.0f})"
            for row in data["tasks"]
        ]
        table.add_row(_delay_text(delay, arguments), *cells)
    wide_console().print(table)


def _print(data: dict) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    from robotics.cli.progress import wide_console

    table = Table(box=SIMPLE)
    headings = ("task", "success", "95 % interval", "progress", "act p50/p95/p99 [ms]", "x real time")
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "task" else "right", no_wrap=True)
    rows = [*data["tasks"], data["overall"]] if len(data["tasks"]) > 1 else data["tasks"]
    for row in rows:
        low, high = row["interval_95"]
        act = row["act"]
        table.add_row(
            row["task"],
            f"{row['successes']}/{row['episodes']} = {100 * row['success_rate']:.1f} %",
            f"{100 * low:.1f} .. {100 * high:.1f} %",
            f"{row['mean_progress']:.2f}",
            f"{act['p50_ms']:.1f} / {act['p95_ms']:.1f} / {act['p99_ms']:.1f}",
            f"{row['real_time_factor']:.1f}",
        )
    console = wide_console()
    console.print(table)
    for error in sorted({e["error"] for e in data["episodes"] if e["error"]})[:5]:
        console.print(f"[red]episode ended by:[/] {error}")
