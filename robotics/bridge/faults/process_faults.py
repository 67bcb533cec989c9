"""Faults of the robot's own processes, of its machine and of its cameras."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from robotics.bridge.faults.breaking_robot import DriverNotes
from robotics.bridge.faults.finding import Fault, Finding, first_problem
from robotics.bridge.faults.scene import Scene
from robotics.bridge.faults.stub_client import StubClient
from robotics.embodiment import Embodiment
from robotics.errors import ChunkRefusedError, RoboticsError
from robotics.session import RobotMode

_END_TIMEOUT_S = 15.0
_BURN = "while True: pass"


def _signal(scene: Scene, role: str, number: signal.Signals) -> None:
    os.kill(scene.processes.process_ids[role], number)


def freeze_server(scene: Scene) -> Finding:
    """Control holds by itself; what lay in the server's queues when it thaws moves nothing."""
    scene.move()

    def freeze() -> None:
        _signal(scene, "server", signal.SIGSTOP)
        time.sleep(1.3)  # the watcher hears nothing meanwhile, and all of it afterwards
        _signal(scene, "server", signal.SIGCONT)

    found = scene.expect_stop(freeze, "the server process does not answer", within_s=0.7)
    return replace(found, recovered=scene.recovers())


def freeze_control(scene: Scene) -> Finding:
    """It goes on where it was: at rest, without a plan that is as old as the freeze."""
    scene.move()

    def freeze() -> None:
        _signal(scene, "control", signal.SIGSTOP)
        time.sleep(1.0)
        _signal(scene, "control", signal.SIGCONT)

    found = scene.expect_stop(freeze, "control was held up for", within_s=1.3)
    return replace(found, recovered=scene.recovers())


def starve(scene: Scene) -> Finding:
    """Twice as many burners as processors, for two seconds of motion."""
    scene.move()
    burners = [subprocess.Popen([sys.executable, "-c", _BURN]) for _ in range(2 * (os.cpu_count() or 1))]
    since = len(scene.watcher.states)
    try:
        time.sleep(2.0)
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()
    states = scene.watcher.states[since:]
    missed = states[-1].missed_deadlines - states[0].missed_deadlines
    gaps = sum(b.joints.tick - a.joints.tick - 1 for a, b in itertools.pairwise(states))
    modes = {state.mode.value for state in states}
    report = f"{missed} missed deadlines in {len(states) + gaps} ticks; {', '.join(sorted(modes))}"
    return Finding("" if missed == gaps else f"{gaps} ticks are missing, {missed} counted", report)


def let_wall_clock_jump(scene: Scene) -> Finding:
    """In the control process, whose every reading of it from Python is an hour off, to and fro."""
    scene.move()
    found = scene.expect_motion(lambda: scene.order("clock wrong"))
    return replace(found, report=found.report or "nothing happened")


# Faults with a robot of their own


def freeze_camera(embodiment: Embodiment) -> Finding:
    """Pictures stop: the motion goes on, but nobody is given an old picture to decide on."""
    with Scene(embodiment, cameras=True) as scene:
        scene.move()
        camera = embodiment.camera_names[0]

        def look() -> str:
            try:
                scene.leader.observe([camera])
                return "a picture was given"
            except RoboticsError as error:
                return str(error)

        def freeze() -> str:
            _signal(scene, "camera", signal.SIGSTOP)
            time.sleep(2.3)
            return look()

        found = scene.expect_motion(freeze)
        _signal(scene, "camera", signal.SIGCONT)
        time.sleep(0.5)
        recovered = look() == "a picture was given"
        limits = scene.check_limits(0)
    wrong = "" if "does not answer" in found.report else found.report
    return replace(found, problem=first_problem(found.problem, wrong, limits), recovered=recovered)


def _ends(
    role: str, cameras: bool, moves_after: Callable[[DriverNotes, int], str]
) -> Callable[[Embodiment], Finding]:
    """A process is killed at full speed; the robot must end and say why."""

    def inject(embodiment: Embodiment) -> Finding:
        with Scene(embodiment, cameras) as scene:
            plan = scene.move()
            since = len(scene.watcher.states)
            start_ns = time.monotonic_ns()
            _signal(scene, role, signal.SIGKILL)
            ended = scene.processes.wait(_END_TIMEOUT_S)
            failure = scene.processes.failure
            scene.processes.close()
            notes = scene.notes
            slowing_s, standstill_s = driver_stop(notes, plan.positions, start_ns, scene)
            problem = first_problem(
                "" if ended else "the robot did not end",
                moves_after(notes, start_ns),
                "" if failure == f"the {role} process ended by SIGKILL" else f"it was said: '{failure}'",
                scene.check_limits(since),
            )
        return Finding(problem, failure, slowing_s, standstill_s)

    return inject


def driver_stop(
    notes: DriverNotes, plan: np.ndarray, start_ns: int, scene: Scene
) -> tuple[float | None, float | None]:
    """When, after `start_ns`, targets left the plan, shape (steps, action_dim), and when they stood [s]."""
    servo_ticks = scene.embodiment.servo_rate_hz // scene.embodiment.control_rate_hz
    known = {row.tobytes() for row in plan}
    after = [i for i, time_ns in enumerate(notes.time_ns) if time_ns >= start_ns]
    slowing_s = standstill_s = None
    for i in after:
        # the last target of a tick is the plan's own row
        on_plan = any(row.tobytes() in known for row in notes.targets[i : i + servo_ticks])
        if slowing_s is None and not on_plan:
            slowing_s = (notes.time_ns[i] - start_ns) * 1e-9
        if standstill_s is None and i and (notes.targets[i] == notes.targets[i - 1]).all():
            standstill_s = (notes.time_ns[i] - start_ns) * 1e-9
    return slowing_s, standstill_s


def _comes_to_rest(notes: DriverNotes, start_ns: int) -> str:
    if not notes.holds:
        return "the driver was not told to hold"
    return "" if (notes.targets[-1] == notes.targets[-2]).all() else "the last targets still moved"


def _writes_nothing_more(notes: DriverNotes, start_ns: int) -> str:
    late = int((notes.time_ns > start_ns + 50_000_000).sum())
    return f"{late} targets were written afterwards" if late else ""


def restart(embodiment: Embodiment) -> Finding:
    """A client of a robot that was restarted shows what it had of the one before."""
    with Scene(embodiment) as before, StubClient(before.address) as client:
        lease, old = client.take("leader"), before.observe_chunk()
    with Scene(embodiment) as after, StubClient(after.address) as client:
        after.rest()
        answers = [client.send(lease, old)]
        try:
            after.leader.send(old)
            answers.append("accepted")
        except ChunkRefusedError as error:
            answers.append(error.status)
        stamped = replace(after.observe_chunk(), start_time_ns=old.start_time_ns)
        try:
            after.leader.send(stamped)
            answers.append("accepted")
        except ChunkRefusedError as error:
            answers.append(error.status)
        moved = any(state.mode is RobotMode.EXECUTING for state in after.watcher.states)
    wanted = ["LEASE_WRONG_EPOCH", "wrong_clock", "voided"]
    problem = first_problem(
        "it moved" if moved else "",
        "" if answers == wanted else f"wanted {wanted}, got {answers}",
    )
    return Finding(problem, ", ".join(answers))


FAULTS = (
    Fault("process", "stuck: server frozen", "control brakes at 0.5 s, holds", freeze_server, quick=True),
    Fault(
        "process", "stuck: control frozen for 1 s", "its plan is void afterwards", freeze_control, quick=True
    ),
    Fault("machine", "slow: burners on all processors", "missed ticks counted, limits kept", starve),
    Fault("clock", "wrong: wall clock of control jumps", "goes on bit for bit", let_wall_clock_jump),
    Fault(
        "process",
        "off: server killed",
        "brakes, holds, all end",
        _ends("server", False, _comes_to_rest),
        own_robot=True,
        quick=True,
    ),
    Fault(
        "process",
        "off: control killed",
        "no target more, all end (the arm keeps its last)",
        _ends("control", False, _writes_nothing_more),
        own_robot=True,
    ),
    Fault(
        "camera",
        "off: camera process killed",
        "brakes, holds, all end",
        _ends("camera", True, _comes_to_rest),
        own_robot=True,
    ),
    Fault("process", "wrong: restarted", "old lease, clock and time are refused", restart, own_robot=True),
    Fault(
        "camera", "stuck: frozen", "motion goes on; no old picture is given", freeze_camera, own_robot=True
    ),
)
