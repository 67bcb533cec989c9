"""`robotics run`: give a robot an instruction in words and watch it work."""

import os
import sys
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import tyro

from robotics.cli.connect import (
    UsageError,
    close_policy,
    connect,
    is_planner,
    make_policy,
    use_keys,
    with_reasoner,
)
from robotics.errors import RoboticsError
from robotics.evaluation.environment import command_line, describe_environment
from robotics.evaluation.video import film_cameras
from robotics.motion_settings import AS_PLANNED, ChunkStrategy, MotionSettings
from robotics.operator.artifacts import write_film, write_joint_plot, write_report
from robotics.operator.black_box import BlackBox
from robotics.operator.choose_task import start_episode
from robotics.operator.delayed_policy import DelayedPolicy
from robotics.operator.home import move_home
from robotics.operator.keys import KeyWatcher
from robotics.operator.live_terminal import LiveTerminal
from robotics.operator.run import RunOutcome, RunProgress, RunResult, run, warm_up
from robotics.policy import Policy
from robotics.session import Event, EventKind, RobotSession
from robotics.task import EpisodeSetup


@dataclass(frozen=True)
class Arguments:
    """Let a policy follow an instruction, in real time, until the judge says success or time is over.

    Leaves a film, a plot of commanded against measured joints and report.json in the --out folder.
    Exit code 0 only if the task succeeded. Ctrl-C: the arms hold.

    Example:
      robotics run "put the red cube in the left bowl"
      robotics run "put the red cube in the left bowl" --policy planner
      robotics run "open the drawer" --robot localhost:50051 --policy localhost:50061 --seed 7 --view
    """

    instruction: tyro.conf.Positional[str]
    """What to do, in words."""
    robot: str = "sim:aloha2"
    """sim:NAME or sim:my.toml starts a simulated robot; HOST:PORT uses one that runs."""
    policy: str = "shipped"
    """A checkpoint folder, planner, HOST:PORT, replay:DATASET/EPISODE, or the checkpoint that ships for this
    robot."""
    reasoner: str | None = None
    """Whom the planner asks: embedded (the default), gemini, vlm:FOLDER, or HOST:PORT."""
    task: str | None = None
    """Task that judges; by default the one that the instruction fits."""
    seed: int = 1_000_000
    """Start of the simulated world; from a million on no demonstration began like it."""
    time_limit: float | None = None
    """Robot time [s]; by default the task's own, 60 on a real robot."""
    out: Path | None = None
    """Folder of film, plot and report; runs/run-DATE by default."""
    speed: float = 1.0
    """Speed override, 0 .. 1: plans are followed so much slower."""
    shadow: bool = False
    """The policy runs and its plans are shown and recorded, but nothing moves."""
    strategy: Literal["splice", "hold", "ensemble"] = "splice"
    """What a new chunk does to the plan in force: replace it, follow it, or be averaged with it."""
    policy_delay: float = 0.0
    """Keep every chunk back for so long [s], to see what latency does."""
    policy_jitter: float = 0.0
    """Up to so much longer, at random [s]."""
    view: bool = False
    """Serve a live page on this machine: arms in 3D, cameras, instruction box, STOP button."""
    port: int = 8080
    """Port of the live page."""
    keys: Path | None = None
    """Your keys for servers with TLS; by default the folder that ROBOTICS_KEYS names."""

    def __post_init__(self):
        if not 0.0 < self.speed <= 1.0:
            raise UsageError(f"--speed wants more than 0 and at most 1, got {self.speed:g}")
        if self.policy_delay < 0 or self.policy_jitter < 0:
            raise UsageError(
                f"--policy-delay and --policy-jitter want 0 or more, got {self.policy_delay:g} "
                f"and {self.policy_jitter:g} s"
            )


def main(arguments: Arguments) -> int:
    out = arguments.out or Path("runs", f"run-{datetime.now():%Y%m%d-%H%M%S}")
    _say(f"robot   {arguments.robot}")
    use_keys(arguments.keys)
    name = with_reasoner(arguments.policy, arguments.reasoner)
    session = connect(arguments.robot, depth=is_planner(name))
    policy: Policy | None = None
    try:
        if session.describe().lockstep:
            raise UsageError(f"{arguments.robot} runs in lockstep; `run` wants a robot in real time")
        _leave_a_core_for_the_robot()
        policy = make_policy(name, session)
        if arguments.policy_delay or arguments.policy_jitter:
            policy = DelayedPolicy(policy, arguments.policy_delay, arguments.policy_jitter, arguments.seed)
        _say(f"policy  {policy.name}, first chunk in {warm_up(session, policy):.1f} s")
        if arguments.view:
            from robotics.cli.run_with_view import run_with_page

            return run_with_page(arguments, session, policy, out)
        result = run_once(arguments, arguments.instruction, session, policy, out)
        return 0 if result.outcome is RunOutcome.SUCCESS else 1
    finally:
        close_policy(policy)
        session.close()


def _leave_a_core_for_the_robot() -> None:
    """Before torch is loaded; what the user has set stays.

    A team of threads waits for its slowest: one that shares its core with control, cameras and server makes
    inference slower than it is with a thread less.
    """
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 2) - 1)))


def run_once(
    arguments: Arguments,
    instruction: str,
    session: RobotSession,
    policy: Policy,
    out: Path,
    on_progress=lambda progress: None,
    aborted=lambda: False,
) -> RunResult:
    """One instruction from home to home, with everything that it leaves behind."""
    description = session.describe()
    embodiment = description.embodiment
    if description.simulated:
        setup = start_episode(session, instruction, arguments.task, arguments.seed)
        limits = {task.name: task.time_limit_s for task in description.tasks}
        time_limit_s = arguments.time_limit or limits[setup.task]
    else:
        move_home(session)
        session.annotate(Event(EventKind.INSTRUCTION, instruction))
        setup = EpisodeSetup(task="", seed=0, instruction=instruction)
        time_limit_s = arguments.time_limit or 60.0
    box = BlackBox(session, film_cameras(embodiment.camera_names) if embodiment.camera else ())
    policy.reset()
    ended = threading.Event()
    keys = KeyWatcher({" ": lambda: session.stop("space bar"), "q": ended.set})
    session.set_motion(MotionSettings(arguments.speed, arguments.shadow, ChunkStrategy(arguments.strategy)))
    try:
        with keys, LiveTerminal() as terminal:
            if keys.is_watching:
                _say("keys    space: emergency stop, q: end the run")

            def show(progress: RunProgress) -> None:
                terminal.show(progress)
                on_progress(progress)

            result = run(
                session,
                policy,
                box,
                task=setup.task,
                instruction=setup.instruction,
                time_limit_s=time_limit_s,
                on_progress=show,
                aborted=lambda: ended.is_set() or aborted(),
            )
    finally:
        box.close()
    _print_outcome(result)
    if result.outcome is RunOutcome.STOPPED:
        _say("arms    stopped; `robotics stop --release` lets a robot that runs on move again")
    elif result.outcome is not RunOutcome.FAILED:
        session.set_motion(AS_PLANNED)
        _go_home(session)
    _leave(out, box, result, setup, session, policy, arguments)
    return result


def _go_home(session: RobotSession) -> None:
    """After the run; where there is no way home the arms hold, and film and report are still written."""
    try:
        move_home(session)
        _say("arms    home")
    except RoboticsError as error:
        _say(f"arms    hold where they are, not at home: {error}")


def _leave(
    out: Path,
    box: BlackBox,
    result: RunResult,
    setup: EpisodeSetup,
    session: RobotSession,
    policy: Policy,
    arguments: Arguments,
) -> None:
    embodiment = session.describe().embodiment
    states = box.states()
    if not states:
        return
    out.mkdir(parents=True, exist_ok=True)
    tracking = write_joint_plot(out / "joints.png", states, embodiment)
    filmed = write_film(out / "run.mp4", box.pictures(), states, embodiment)
    conditions = {
        "command": command_line(),
        "robot": arguments.robot,
        "embodiment": embodiment.name,
        "interface_fingerprint": embodiment.interface_fingerprint,
        "policy": policy.name,
        "seed": setup.seed,
        "speed": arguments.speed,
        "shadow": arguments.shadow,
        "strategy": arguments.strategy,
        "policy_delay_s": arguments.policy_delay,
        "policy_jitter_s": arguments.policy_jitter,
        "ticks": len(states),
        "nominal_control_rate_hz": embodiment.control_rate_hz,
    }
    write_report(out / "report.json", result, tracking, conditions, describe_environment())
    _say(f"film    {out / 'run.mp4'}" if filmed else "film    none: no camera pictures arrived")
    _say(f"plot    {out / 'joints.png'}")
    _say(f"report  {out / 'report.json'}")


def _print_outcome(result: RunResult) -> None:
    last = result.last
    word = "SUCCESS" if result.outcome is RunOutcome.SUCCESS else f"NOT DONE ({result.outcome.value})"
    _say(
        f"{word} after {last.elapsed_s:.1f} s: {result.message}; control {last.control_rate_hz:.1f} Hz, "
        f"{last.missed_deadlines} missed deadlines, {last.starvations} starvations, inference p95 "
        f"{last.act.p95_ms:.0f} ms, chunk p95 {last.chunk.p95_ms:.0f} ms"
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
