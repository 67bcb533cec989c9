"""Faults of the driver in the control process: it fails, hangs, is slow, or measures what cannot be."""

import time
from collections.abc import Callable
from dataclasses import replace

from robotics.bridge.faults.finding import Fault, Finding, first_problem, report_of
from robotics.bridge.faults.scene import Scene
from robotics.embodiment import Embodiment
from robotics.errors import RoboticsError
from robotics.session import RobotMode

_END_TIMEOUT_S = 15.0
_SERVER_NOTICES_S = 3.0


def _fails(order: str, error: str, told_to_hold: bool) -> Callable[[Embodiment], Finding]:
    """The driver raises at full speed: a last tick says so, the robot is told to hold, and all ends."""

    def inject(embodiment: Embodiment) -> Finding:
        with Scene(embodiment) as scene:
            scene.move()
            since, start_ns = len(scene.watcher.states), time.monotonic_ns()
            scene.order(order)
            ended = scene.processes.wait(_END_TIMEOUT_S)
            scene.processes.close()
            scene.watcher.wait_for(lambda state: False, 0, 5.0)  # until the stream ends
            failure, notes, states = scene.processes.failure, scene.notes, scene.watcher.states
            last = states[-1]
            told = any(f"control failed: {error}" in event.text for event in last.events)
            # the last tick says that nothing more was applied; what comes before it was
            states.pop()
            problem = first_problem(
                "" if ended else "the robot did not end",
                "" if error in failure else f"it was said: '{failure}'",
                "" if told else "no tick told of it",
                "" if last.mode is RobotMode.PROTECTIVE_STOP else f"it ended {last.mode.value}",
                "" if notes.holds or not told_to_hold else "the driver was not told to hold",
                scene.check_limits(since),
            )
            stopped_s = (notes.time_ns[-1] - start_ns) * 1e-9
        return Finding(problem, f"{report_of([last])}; {failure}", max(0.0, stopped_s))

    return inject


def hang(scene: Scene) -> Finding:
    """A write does not return; the server notices, and when it returns the old plan is void."""
    scene.move()
    heard: list[str] = []

    def hang_and_return() -> None:
        scene.order("write stuck")
        ends_s = time.monotonic() + _SERVER_NOTICES_S
        while not heard and time.monotonic() < ends_s:
            time.sleep(0.05)
            try:
                scene.leader.state()
            except RoboticsError as error:
                heard.append(str(error))
        scene.watcher.wait_for(lambda state: False, len(scene.watcher.states), 1.0)  # its stream ends
        heard.append(str(scene.watcher.failure))
        scene.repair()
        scene.watch_again()

    found = scene.expect_stop(hang_and_return, within_s=4.0)
    noticed = len(heard) == 2 and all("control process does not answer" in line for line in heard)
    return replace(
        found,
        problem=first_problem(found.problem, "" if noticed else f"the server said {heard}"),
        report=f"{heard[0] if heard else ''}; {found.report}",
        recovered=scene.recovers(),
    )


def _measures(order: str, told: str, within_s: float) -> Callable[[Scene], Finding]:
    def inject(scene: Scene) -> Finding:
        scene.move()
        found = scene.expect_stop(lambda: scene.order(order), told, within_s, mode=RobotMode.PROTECTIVE_STOP)
        scene.repair()
        return replace(found, recovered=scene.recovers())

    return inject


def _lags(order: str) -> Callable[[Scene], Finding]:
    """It may cost ticks, which are counted, and no limit."""

    def inject(scene: Scene) -> Finding:
        scene.move()
        since = len(scene.watcher.states)
        scene.order(order)
        scene.watcher.wait_for(lambda state: True, since + 75)
        scene.repair()
        states = scene.watcher.states[since:]
        missed = states[-1].missed_deadlines - states[0].missed_deadlines
        gaps = states[-1].joints.tick - states[0].joints.tick - (len(states) - 1)
        modes = sorted({state.mode.value for state in states})
        report = f"{missed} missed deadlines in {len(states) + gaps} ticks; {', '.join(modes)}"
        return Finding("" if missed == gaps else f"{gaps} ticks are missing, {missed} counted", report)

    return inject


_ENDS = "a FAULT tick, hold, all end"
FAULTS = (
    Fault(
        "driver",
        "stuck: readings do not change",
        "protective stop in 0.5 s",
        _measures("read stuck", "have not changed", 0.8),
        quick=True,
    ),
    Fault(
        "driver",
        "garbage: readings are NaN",
        "protective stop at once",
        _measures("read garbage", "at nan", 0.2),
    ),
    Fault("driver", "stuck: a write hangs", "server says so in 2 s; plan void afterwards", hang),
    Fault("driver", "slow: each write takes 4 ms", "missed ticks counted, limits kept", _lags("write slow")),
    Fault(
        "driver",
        "intermittent: each 20th write takes 50 ms",
        "missed ticks counted, limits kept",
        _lags("write intermittent"),
    ),
    Fault(
        "driver",
        "off: write raises",
        _ENDS,
        _fails("write off", "OSError: bus gone", True),
        own_robot=True,
        quick=True,
    ),
    Fault(
        "driver",
        "off: read raises",
        _ENDS,
        _fails("read off", "OSError: no answer on the bus", True),
        own_robot=True,
    ),
    Fault(
        "driver",
        "off: write and hold raise",
        "a FAULT tick, all end",
        _fails("write and hold off", "OSError: bus gone", False),
        own_robot=True,
    ),
)
