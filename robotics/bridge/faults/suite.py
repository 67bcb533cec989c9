"""Every fault there is, one after the other: whether what must hold held, and when the robot stood."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

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


class FaultRun:
    """Injects one fault after the other; those that do not end their robot share it.

    Limits of position, velocity, acceleration and jerk are checked for each from before the fault until
    the robot has recovered, on every target that reached the driver.
    """

    def __init__(self, embodiment: Embodiment, patience_s: float = 0.0):
        """
        Args:
            patience_s: How much later than it must a robot may slow down [s], for busy machines.
        """
        self._embodiment = embodiment
        self._patience_s = patience_s
        self._scene: Scene | None = None

    def inject(self, fault: Fault) -> FaultRow:
        """Into a weightless robot in its real processes, at full speed."""
        started_s = time.monotonic()
        if fault.own_robot:
            self.close()  # so that at most one robot of ours runs at a time
            try:
                finding = fault.inject(self._embodiment)
            except RoboticsError as error:
                finding = Finding(str(error))
        else:
            if self._scene is None:
                self._scene = Scene(self._embodiment, patience_s=self._patience_s)
            finding = _inject(fault, self._scene)
            if finding.problem or self._scene.processes.failure:
                self.close()  # the next fault must not suffer from this one
        return FaultRow(fault, finding, time.monotonic() - started_s)

    def close(self) -> None:
        if self._scene is not None:
            self._scene.close()
            self._scene = None

    def __enter__(self) -> "FaultRun":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def run_faults(
    embodiment: Embodiment,
    faults: Sequence[Fault] = ALL_FAULTS,
    on_row: Callable[[FaultRow], object] = lambda row: None,
) -> list[FaultRow]:
    """Inject all these faults, those that share a robot first.

    Args:
        on_row: Told of each fault when it is over.
    """
    rows: list[FaultRow] = []
    with FaultRun(embodiment) as run:
        for fault in sorted(faults, key=lambda fault: fault.own_robot):
            rows.append(run.inject(fault))
            on_row(rows[-1])
    return rows


def _inject(fault: Fault, scene: Scene) -> Finding:
    since = len(scene.watcher.states)
    try:
        found = fault.inject(scene)
    except RoboticsError as error:
        found = Finding(str(error))
    finally:
        scene.repair()
    problem = first_problem(
        found.problem,
        scene.processes.failure,
        "it did not recover" if found.recovered is False else "",
        scene.check_limits(since),
    )
    return replace(found, problem=problem)
