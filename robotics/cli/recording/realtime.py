"""`robotics record` in real time: a robot that runs, somebody who moves it, a recorder beside them."""

import itertools
import queue
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

from robotics.cli.connect import UsageError, close_policy, connect, is_planner, make_policy, with_reasoner
from robotics.cli.recording.calibration import calibrate
from robotics.cli.recording.coverage import model_here, print_coverage, session_line
from robotics.cli.recording.sink import RecorderSink
from robotics.cli.recording.viewing import show_pictures
from robotics.embodiment import Embodiment
from robotics.errors import UnknownNameError
from robotics.operator.attempt import Attempt, CollectConfig, Ending
from robotics.operator.collect import Collecting
from robotics.operator.collect_status import CollectDisplay, TerminalDisplay
from robotics.operator.keys import KeyWatcher
from robotics.operator.robot_watch import RobotWatch
from robotics.operator.run import warm_up
from robotics.operator.session_keys import SESSION_BUTTONS, SESSION_KEY_HELP, SESSION_KEYS, STOP_KEY
from robotics.policy import Policy
from robotics.session import RobotDescription, RobotSession
from robotics.teleoperator import TeleoperatorEvent

if TYPE_CHECKING:
    from demonstrations.dataset import DemonstrationDataset
    from policies.teleoperation.open_teleoperator import OpenTeleoperator
    from robotics.cli.record import Arguments

_PERSON_LIMIT_S = 120.0
_REAL_LIMIT_S = 60.0


def record_in_real_time(arguments: "Arguments") -> int:
    """Record until enough episodes succeeded; returns the exit code."""
    if arguments.source == "expert":
        raise UsageError(
            "the expert reads the state of a lockstep simulation: leave --realtime away, "
            "or take --source teleop, a checkpoint, replay:DATASET/EPISODE or HOST:PORT"
        )
    if arguments.intervene is not None and is_teleoperator(arguments.source):
        raise UsageError("--intervene is for a policy; a teleoperator has control already")
    source = with_reasoner(arguments.source, arguments.reasoner)
    session = connect(arguments.robot, depth=is_planner(source))
    try:
        return _record(arguments, session)
    finally:
        session.close()


def _successes(dataset: "DemonstrationDataset", task: str) -> int:
    return sum(e.task == task and bool(e.success) and not e.truncated for e in dataset.entries)


def is_teleoperator(source: str) -> bool:
    return source == "teleop" or source.startswith("teleop:")


def _record(arguments: "Arguments", session: RobotSession) -> int:
    from demonstrations.recorder import Recorder

    description = session.describe()
    _check(arguments, description)
    dataset = _open(arguments, description.embodiment)
    kept = _successes(dataset, arguments.task) if dataset is not None else 0
    if kept >= arguments.episodes:
        print(f"{arguments.out} has {kept} episodes of {arguments.task} already")
        return 0
    display: CollectDisplay = TerminalDisplay(quiet=arguments.quiet)
    for line in dataset.recovered if dataset is not None else ():
        display.say(f"recovered: {line}")
    heard: queue.SimpleQueue[TeleoperatorEvent] = queue.SimpleQueue()
    with ExitStack() as stack:
        hand = _open_hand(arguments, session, stack)
        if hand is not None and hand.show_picture is not None:
            show_pictures(session, hand.show_picture)
        if arguments.view:
            display = _open_page(arguments, session, heard, display, stack)
        policy = _open_policy(arguments, session, hand, stack, display)
        dataset = dataset or _create(arguments, description.embodiment)  # now that all else is well
        recorder = stack.enter_context(
            Recorder(
                session,
                dataset,
                follow_events=False,
                operator=arguments.operator,
                source=policy.name,
                calibration=calibrate(description.embodiment, dataset),
                extra={
                    "robot": arguments.robot,
                    "source": arguments.source,
                    "intervene": arguments.intervene,
                },
            )
        )
        sink = RecorderSink(recorder, description.simulated, description.embodiment.control_rate_hz)
        collecting = Collecting(
            session,
            RobotWatch(session, lambda: ""),
            policy,
            sink,
            display,
            _configure(arguments, description, kept),
            listen=lambda: _said(heard, hand),
            person=hand.policy if hand is not None and hand.policy is not policy else None,
        )
        keys = KeyWatcher(_key_actions(heard, hand, session))
        stack.enter_context(keys)
        _greet(display, keys, hand, arguments, kept)
        attempts = collecting.run(_seeds(arguments, dataset))
    return _report(arguments, dataset, attempts, description)


def _report(
    arguments: "Arguments",
    dataset: "DemonstrationDataset",
    attempts: list[Attempt],
    description: RobotDescription,
) -> int:
    """What the dataset covers now; 1 where episodes are missing although nobody quit."""
    dataset.refresh()
    print(file=sys.stderr)
    print_coverage(
        dataset,
        arguments.task,
        session_line(attempts),
        (attempt.text for attempt in attempts if attempt.ending is Ending.FAILURE),
        description.simulated,
        model_here(arguments.robot, description),
    )
    enough = _successes(dataset, arguments.task) >= arguments.episodes
    return 0 if enough or any(attempt.ending is Ending.QUIT for attempt in attempts) else 1


def _check(arguments: "Arguments", description: RobotDescription) -> None:
    for camera in arguments.cameras:
        description.embodiment.get_camera(camera)
    if description.lockstep:
        raise UsageError(
            f"{arguments.robot} runs in lockstep; recording in real time wants one that does not"
        )
    if description.simulated:
        names = [task.name for task in description.tasks]
        if arguments.task not in names:
            raise UnknownNameError("task", arguments.task, names)
    elif arguments.instruction is None:
        raise UsageError("a real robot draws no instruction: give --instruction 'what to do, in words'")
    if not sys.stdin.isatty() and not description.simulated:
        raise UsageError("a real robot wants a person at a terminal: run it there")


def _open(arguments: "Arguments", embodiment: Embodiment) -> "DemonstrationDataset | None":
    """The dataset that is there already, recovered; None where there is none."""
    from demonstrations import DemonstrationDataset

    if not (arguments.out / "dataset.json").exists():
        return None
    return DemonstrationDataset.open(arguments.out, embodiment)


def _create(arguments: "Arguments", embodiment: Embodiment) -> "DemonstrationDataset":
    from demonstrations import DemonstrationDataset

    return DemonstrationDataset.create(arguments.out, embodiment, arguments.cameras or None)


def _open_hand(arguments: "Arguments", session: RobotSession, stack: ExitStack) -> "OpenTeleoperator | None":
    """The person's device, to drive or to intervene; None where nobody wants one."""
    name = arguments.source if is_teleoperator(arguments.source) else arguments.intervene
    if name is None:
        return None
    from policies.teleoperation import open_teleoperator

    embodiment = session.describe().embodiment
    hand = open_teleoperator(name, embodiment, SESSION_KEYS, lambda: session.stop("space bar"))
    if hand.needs_terminal and not sys.stdin.isatty():
        raise UsageError(
            f"{name} reads a terminal's keys, and there is none: use teleop:gamepad, or a terminal"
        )
    stack.callback(hand.policy.close)
    return hand


def _open_page(
    arguments: "Arguments",
    session: RobotSession,
    heard: "queue.SimpleQueue[TeleoperatorEvent]",
    display: CollectDisplay,
    stack: ExitStack,
) -> CollectDisplay:
    from robotics.cli.recording.viewing import PageDisplay
    from robotics.operator.live_page import LivePage

    buttons = {text: lambda said=said: heard.put(said) for text, said in SESSION_BUTTONS.items()}
    page = LivePage(session, lambda text: None, port=arguments.port, buttons=buttons)
    stack.callback(page.close)
    display.say(f"live page: {page.address}")
    return PageDisplay(display, page)


def _open_policy(
    arguments: "Arguments",
    session: RobotSession,
    hand: "OpenTeleoperator | None",
    stack: ExitStack,
    display: CollectDisplay,
) -> Policy:
    if is_teleoperator(arguments.source):
        assert hand is not None
        return hand.policy
    policy = make_policy(with_reasoner(arguments.source, arguments.reasoner), session)
    stack.callback(close_policy, policy)
    display.say(f"policy     {policy.name}, first chunk in {warm_up(session, policy):.1f} s")
    return policy


def _configure(arguments: "Arguments", description: RobotDescription, kept: int) -> CollectConfig:
    by_person = is_teleoperator(arguments.source)
    limits = {task.name: task.time_limit_s for task in description.tasks}
    usual_s = _PERSON_LIMIT_S if by_person else limits.get(arguments.task, _REAL_LIMIT_S)
    return CollectConfig(
        task=arguments.task,
        instruction=arguments.instruction,
        wanted=arguments.episodes,
        kept=kept,
        attended=by_person or not description.simulated,
        time_limit_s=arguments.time_limit or usual_s,
    )


def _seeds(arguments: "Arguments", dataset: "DemonstrationDataset") -> Iterator[int]:
    """From the first one on, but for those that the dataset has."""
    # a hidden episode's seed is used, too: it would come out the same again
    used = {entry.seed for entry in dataset.committed_entries if entry.task == arguments.task}
    return (seed for seed in itertools.count(arguments.seed_start) if seed not in used)


def _key_actions(
    heard: "queue.SimpleQueue[TeleoperatorEvent]", hand: "OpenTeleoperator | None", session: RobotSession
) -> dict[str, Callable[[], None]]:
    actions: dict[str, Callable[[], None]] = {
        key: lambda said=said: heard.put(said) for key, said in SESSION_KEYS.items()
    }
    actions[STOP_KEY] = lambda: session.stop("space bar")
    return actions | (hand.terminal_keys if hand is not None else {})


def _said(
    heard: "queue.SimpleQueue[TeleoperatorEvent]", hand: "OpenTeleoperator | None"
) -> list[TeleoperatorEvent]:
    said = list(hand.policy.poll_events()) if hand is not None else []
    while not heard.empty():
        said.append(heard.get())
    return said


def _greet(
    display: CollectDisplay,
    keys: KeyWatcher,
    hand: "OpenTeleoperator | None",
    arguments: "Arguments",
    kept: int,
) -> None:
    if kept:
        display.say(f"{arguments.out} has {kept} of {arguments.episodes}; recording on")
    for line in (
        *(hand.help_lines if hand is not None else ()),
        *(SESSION_KEY_HELP if keys.is_watching else ()),
    ):
        display.say(line)
