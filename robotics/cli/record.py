"""`robotics record`: demonstrations of a task, in lockstep as fast as the machine can, or in real time."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import tyro

from robotics.cli.connect import UsageError, parse_robot, use_keys, with_reasoner
from robotics.cli.progress import progress_bar
from robotics.cli.workplace import LockstepWorkplace, WorkplaceConfig
from robotics.embodiments import load_embodiment
from robotics.errors import RoboticsError, UnknownNameError
from robotics.evaluation.workers import WorkerPool

_HOPELESS = 40
"""So many attempts without a single success end the recording."""


@dataclass(frozen=True)
class Arguments:
    """Record successful demonstrations of one task into a dataset folder.

    Run it again to continue: what the dataset has is counted, and Ctrl-C loses only the episode in work.

    In lockstep (the default in simulation) each seed draws its own start and instruction; failures are not
    kept. In real time (--realtime, or a robot that runs) a policy or a person moves the robot, keys say how
    an episode went, and failures are kept, marked as failed.

    Example:
      robotics record --source expert --task put_in_bowl --episodes 100 --out data/put_in_bowl --workers 2
      robotics record --robot sim:franka_duo --source expert --task open_drawer --episodes 5 --out data/drawer
      robotics record --realtime --source teleop --task put_in_bowl --episodes 10 --out data/mine
      robotics record --robot HOST:50051 --source HOST:50061 --intervene teleop:gamepad --task tidy
          --instruction "tidy the table" --episodes 50 --out data/tidy
    """

    task: str
    """Task by name; `robotics task list` shows them."""
    out: Path
    """Dataset folder; made if it does not exist."""
    robot: str = "sim:aloha2"
    """sim:NAME or sim:my.toml; HOST:PORT for a robot that runs in real time."""
    source: str = "expert"
    """Who moves the arms: expert (lockstep only), planner, a checkpoint folder, replay:DATASET/EPISODE,
    HOST:PORT; in real time also teleop, teleop:terminal, teleop:window, teleop:gamepad. The pictures of a
    simulated robot that the planner moves are kept with their depth."""
    reasoner: str | None = None
    """Whom the planner asks: embedded (the default), gemini, vlm:FOLDER, or HOST:PORT."""
    episodes: int = 100
    """Successful episodes of this task that the dataset has at the end."""
    perturbation: float = 1.0
    """Exploration noise of the expert, times its usual amount; the dataset keeps what it intended, too."""
    workers: Annotated[int, tyro.conf.arg(aliases=["-w"])] = 1
    """Worker processes, one core each."""
    seed_start: int = 0
    """First seed. Seeds from a million on are for evaluation."""
    instruction: str | None = None
    """One instruction for every episode; by default each seed draws its own."""
    cameras: tuple[str, ...] = ()
    """Cameras to record; all of them by default."""
    realtime: bool = False
    """A simulated robot runs in real time, in processes of its own."""
    intervene: str | None = None
    """In real time: the teleoperator with which a person may take over from the policy (key c)."""
    time_limit: float | None = None
    """In real time: robot time of an episode [s]; by default the task's own, 120 for a person."""
    operator: str = ""
    """In real time: who is there; kept with every episode."""
    quiet: bool = False
    """In real time: no bell."""
    view: bool = False
    """In real time: serve a live page on this machine, with the arms in 3D, the cameras, and the keys as
    buttons."""
    port: int = 8080
    """Port of the live page."""
    keys: Path | None = None
    """Your keys for servers with TLS; by default the folder that ROBOTICS_KEYS names."""

    def __post_init__(self):
        if self.episodes < 1 or self.workers < 1:
            raise UsageError(
                f"wanted at least one episode and one worker, got {self.episodes} and {self.workers}"
            )
        if self.time_limit is not None and self.time_limit <= 0:
            raise UsageError(f"--time-limit wants more than 0 s, got {self.time_limit:g}")


@dataclass(frozen=True)
class Attempt:
    """What came of one seed."""

    success: bool
    ticks: int
    text: str


class RecordingWorkplace(LockstepWorkplace):
    """A lockstep session, a policy, and a writer; several processes may write into one dataset."""

    def __init__(self, config: WorkplaceConfig, out: Path):
        from demonstrations import DemonstrationDataset
        from robotics.cli.recording.calibration import calibrate

        super().__init__(config)
        embodiment = self.session.describe().embodiment
        # the parent has recovered what an earlier crash left; here others are at work in the staging folder
        self.dataset = DemonstrationDataset.open(out, embodiment, recover=False)
        self.writer = self.dataset.writer(embodiment, calibration=calibrate(embodiment, self.dataset))

    def close(self) -> None:
        self.writer.close()
        super().close()


def _record(workplace: RecordingWorkplace, seed: int, *, task: str, instruction: str | None) -> Attempt:
    from demonstrations.lockstep import record_lockstep

    episode = record_lockstep(
        workplace.session, workplace.policy(seed), workplace.writer, task, seed, instruction=instruction
    )
    return Attempt(episode.index is not None, episode.length, episode.outcome.text)


def main(arguments: Arguments) -> int:
    from demonstrations import DemonstrationDataset
    from robotics.cli.recording.coverage import print_coverage

    name = parse_robot(arguments.robot)
    use_keys(arguments.keys)
    if arguments.realtime or name.kind == "address":
        from robotics.cli.recording.realtime import record_in_real_time

        return record_in_real_time(arguments)
    if arguments.source.startswith("teleop") or arguments.intervene is not None:
        raise UsageError("a person acts in real time: add --realtime")
    embodiment = load_embodiment(name.value)
    for camera in arguments.cameras:
        embodiment.get_camera(camera)
    source = with_reasoner(arguments.source, arguments.reasoner)
    config = WorkplaceConfig(arguments.robot, source, arguments.perturbation)
    _check(config, arguments)
    dataset = DemonstrationDataset.open_or_create(
        arguments.out, embodiment, *([arguments.cameras] if arguments.cameras else [])
    )
    # a hidden episode's seed is used, too: it would come out the same again
    used = {entry.seed for entry in dataset.committed_entries if entry.task == arguments.task}
    kept = len(dataset.demonstrations(arguments.task))
    if kept >= arguments.episodes:
        print(f"{arguments.out} has {kept} episodes of {arguments.task} already")
        return 0
    if kept:
        print(
            f"{arguments.out} has {kept} of {arguments.episodes} episodes of {arguments.task}; recording on"
        )
    failed = _record_until(arguments, config, kept, used)
    dataset.refresh()
    session = f"{arguments.episodes - kept} success, {len(failed)} failure (not kept)"
    print_coverage(dataset, arguments.task, session, failed.values(), True, embodiment, failed)
    return 0


def _record_until(
    arguments: Arguments, config: WorkplaceConfig, kept: int, used: set[int | None]
) -> dict[int, str]:
    """Seed after seed until the dataset has enough; returns the seeds that failed, and why."""
    work = partial(_record, task=arguments.task, instruction=arguments.instruction)
    workers = min(arguments.workers, arguments.episodes - kept)
    failed: dict[int, str] = {}
    seed = arguments.seed_start
    with (
        progress_bar(arguments.task, arguments.episodes, kept) as update,
        WorkerPool(partial(RecordingWorkplace, config, arguments.out), work, workers) as pool,
    ):
        recorded = 0
        while kept + recorded < arguments.episodes:
            # never more at work than still wanted, so that the kept seeds do not depend on who is faster
            while pool.outstanding < min(2 * workers, arguments.episodes - kept - recorded):
                if seed not in used:
                    pool.submit(seed)
                seed += 1
            done, attempt = pool.next_result()
            if attempt.success:
                recorded += 1
            else:
                failed[done] = attempt.text
            update(kept + recorded, f"{len(failed)} failed" if failed else "")
            if recorded == 0 and len(failed) >= _HOPELESS:
                raise RoboticsError(f"{len(failed)} attempts and no success; the last: {attempt.text}")
    return failed


def _check(config: WorkplaceConfig, arguments: Arguments) -> None:
    """Meet bad input here, in one line, before any worker starts."""
    workplace = LockstepWorkplace(config)
    try:
        tasks = [task.name for task in workplace.session.describe().tasks]
        if arguments.task not in tasks:
            raise UnknownNameError("task", arguments.task, tasks)
        workplace.session.reset(arguments.task, arguments.seed_start, arguments.instruction)
        workplace.policy(arguments.seed_start)
    finally:
        workplace.close()
