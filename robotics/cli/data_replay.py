"""`robotics data replay`: a recorded episode is sent back to a robot, through the guard."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import tyro

from robotics.cli.connect import UsageError, connect, parse_robot, use_keys
from robotics.cli.data_shared import new_table, open_dataset, open_episode

if TYPE_CHECKING:
    from demonstrations.replaying import Deviation, ReplayReport


@dataclass(frozen=True)
class Arguments:
    """Send what was applied in an episode to a robot again, open loop, through the guard as always.

    In simulation the world starts from the episode's seed and the task is judged again; exit code 0 only
    if it succeeds, or fails as it did then. A real robot goes home first, without collision, then slowly
    to the start posture, in a straight line that nobody has checked: stand by its emergency stop. The space
    bar is one, too.

    Example:
      robotics data replay data/put_in_bowl 3
      robotics data replay data/put_in_bowl 3 --robot localhost:50051 --speed 0.5
    """

    dataset: tyro.conf.Positional[Path]
    """Dataset folder."""
    episode: tyro.conf.Positional[int]
    """Number of the episode."""
    robot: str = "sim:aloha2"
    """sim:NAME or sim:my.toml replays in lockstep; HOST:PORT uses a robot that runs."""
    speed: float = 1.0
    """Speed override, more than 0 and at most 1: everything happens so much slower."""
    version: int | None = None
    """An older version; `robotics data versions` lists them."""
    keys: Path | None = None
    """Your keys for servers with TLS; by default the folder that ROBOTICS_KEYS names."""

    def __post_init__(self):
        if not 0.0 < self.speed <= 1.0:
            raise UsageError(f"--speed wants more than 0 and at most 1, got {self.speed:g}")


def main(arguments: Arguments) -> int:
    from demonstrations.replay import ReplayPolicy
    from demonstrations.replaying import replay_in_lockstep, replay_in_real_time, starts_at_its_seed
    from robotics.operator.keys import KeyWatcher

    dataset = open_dataset(arguments.dataset, arguments.version)
    episode = open_episode(dataset, arguments.episode)
    use_keys(arguments.keys)
    session = connect(arguments.robot, lockstep=parse_robot(arguments.robot).kind == "sim")
    try:
        policy = ReplayPolicy(episode, session.describe().embodiment)
        if session.describe().simulated and not starts_at_its_seed(policy):
            print(
                "note: its beginning was cut off, and the simulated world starts as the whole episode did",
                file=sys.stderr,
            )
        if session.describe().lockstep:
            report = replay_in_lockstep(session, policy, arguments.speed)
        else:
            with KeyWatcher({" ": lambda: session.stop("space bar")}) as keys:
                if keys.is_watching:
                    print("keys        space: emergency stop", file=sys.stderr)
                report = replay_in_real_time(session, policy, arguments.speed)
    finally:
        session.close()
    _print(report)
    recorded = episode.metadata.success
    if report.success is None:
        return 0 if report.complete else 1
    was = {True: "success", False: "failure", None: "not judged"}[recorded]
    print(f"task        {'success' if report.success else 'failure'}; recorded: {was}")
    return 0 if report.success or report.success == recorded else 1


def _print(report: "ReplayReport") -> None:
    from robotics.cli.progress import wide_console

    table = new_table(("absolute differences", "mean", "p95", "max", "of"), ("mean", "p95", "max"))
    _add_row(table, "commands, now to then", report.commands)
    _add_row(table, "motion, now to then", report.motion)
    _add_row(table, "motion to command, now", report.tracking)
    _add_row(table, "motion to command, then", report.tracking_then)
    if table.row_count:
        wide_console().print(table)
        print("in rad, grippers in openings")
    print(f"executed    {report.rows} of {report.length} ticks, approach {report.approach_s:.1f} s")
    if report.guard_counts:
        print(f"guard       {', '.join(f'{kind} {count}' for kind, count in report.guard_counts.items())}")
    if report.ended_by:
        print(f"ended by    {report.ended_by}")


def _add_row(table, title: str, deviation: "Deviation | None") -> None:
    if deviation is not None:
        values = (deviation.mean, deviation.p95, deviation.max)
        table.add_row(title, *(f"{value:.6f}" for value in values), deviation.where)
