"""Every fault there is, one after the other: whether what must hold held, and when the robot stood."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from robotics.bridge.faults import (
    client_faults,
    driver_faults,
    estop_faults,
    lease_faults,
    message_faults,
    policy_faults,
    process_faults,
)
from robotics.bridge.faults.finding import Fault, Finding, first_problem
from robotics.bridge.faults.scene import Scene
from robotics.embodiment import Embodiment
from robotics.errors import RoboticsError

ALL_FAULTS: tuple[Fault, ...] = (
    *client_faults.FAULTS,
    *policy_faults.FAULTS,
    *lease_faults.FAULTS,
    *estop_faults.FAULTS,
    *message_faults.FAULTS,
    *driver_faults.FAULTS,
    *process_faults.FAULTS,
)


@dataclass(frozen=True)
class FaultRow:
    """One fault and what it did."""

    fault: Fault
    finding: Finding
    took_s: float

    @property
    def held(self) -> bool:
        return not self.finding.problem


def run_faults(
    embodiment: Embodiment,
    faults: Sequence[Fault] = ALL_FAULTS,
    on_row: Callable[[FaultRow], object] = lambda row: None,
) -> list[FaultRow]:
    """Inject faults into a weightless robot of this embodiment, in its real processes at full speed.

    Limits of position, velocity, acceleration and jerk are checked for each from before the fault until
    the robot has recovered, on every target that reached the driver.

    Args:
        on_row: Told of each fault when it is over.
    """
    rows: list[FaultRow] = []
    scene: Scene | None = None
    try:
        # those that share a robot first, so that at most one robot of ours runs at a time
        for fault in sorted(faults, key=lambda fault: fault.own_robot):
            started_s = time.monotonic()
            if fault.own_robot and scene is not None:
                scene.close()
                scene = None
            if not fault.own_robot and scene is None:
                scene = Scene(embodiment)
            finding = _inject(fault, scene or embodiment)
            rows.append(FaultRow(fault, finding, time.monotonic() - started_s))
            on_row(rows[-1])
            if scene is not None and (finding.problem or scene.processes.failure):
                scene.close()  # the next fault must not suffer from this one
                scene = None
    finally:
        if scene is not None:
            scene.close()
    return rows


def _inject(fault: Fault, subject: Scene | Embodiment) -> Finding:
    if not isinstance(subject, Scene):
        try:
            return fault.inject(subject)
        except RoboticsError as error:
            return Finding(str(error))
    since = len(subject.watcher.states)
    try:
        found = fault.inject(subject)
    except RoboticsError as error:
        found = Finding(str(error))
    finally:
        subject.repair()
    problem = first_problem(
        found.problem,
        subject.processes.failure,
        "it did not recover" if found.recovered is False else "",
        subject.check_limits(since),
    )
    return Finding(problem, found.report, found.slowing_s, found.standstill_s, found.recovered)
