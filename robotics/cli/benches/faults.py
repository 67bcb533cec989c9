"""What a robot does under every fault that we can inject: held or not, time to slow down and to stand."""

import math
import sys
from dataclasses import dataclass

from robotics.bridge.faults.suite import ALL_FAULTS, FaultRow, run_faults
from robotics.cli.benches.measurement import Measurement
from robotics.cli.connect import parse_robot
from robotics.embodiments import load_embodiment


@dataclass(frozen=True)
class FaultMeasurement(Measurement):
    """The time to a stand [ms]; 0 where the robot had no reason to stop."""

    must: str = ""
    held: bool = True
    problem: str = ""
    report: str = ""
    slowing_ms: float | None = None
    slowing_ticks: int | None = None
    standstill_ms: float | None = None
    standstill_ticks: int | None = None
    recovered: bool | None = None


def measure(robot: str, quick: bool) -> list[Measurement]:
    """Weightless robots in real processes; prints a table in Markdown while it goes."""
    embodiment = load_embodiment(parse_robot(robot).value)
    period_ms = embodiment.control_period_ns * 1e-6
    faults = [fault for fault in ALL_FAULTS if fault.quick or not quick]
    print("| who | fault | must | held | slows after | stands after | seen | recovered |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    rows = run_faults(embodiment, faults, lambda row: print(_line(row, period_ms), flush=True))
    held = sum(row.held for row in rows)
    print(f"{held} of {len(rows)} held", file=sys.stderr, flush=True)
    return [_measurement(row, period_ms) for row in rows]


def _line(row: FaultRow, period_ms: float) -> str:
    fault, found = row.fault, row.finding
    recovered = {None: "", True: "yes", False: "NO"}[found.recovered]
    cells = [
        fault.party,
        fault.how,
        fault.must,
        "yes" if row.held else f"NO: {found.problem}",
        _span(found.slowing_s, period_ms),
        _span(found.standstill_s, period_ms),
        found.report,
        recovered,
    ]
    return "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |"


def _span(seconds: float | None, period_ms: float) -> str:
    if seconds is None:
        return ""
    ticks = _ticks(seconds, period_ms)
    return f"{seconds * 1e3:.0f} ms, {ticks} tick{'' if ticks == 1 else 's'}"


def _ticks(seconds: float | None, period_ms: float) -> int | None:
    """Control ticks that had begun by then."""
    return None if seconds is None else math.ceil(seconds * 1e3 / period_ms)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1e3, 1)


def _measurement(row: FaultRow, period_ms: float) -> FaultMeasurement:
    fault, found = row.fault, row.finding
    stand_ms = _milliseconds(found.standstill_s) or 0.0
    return FaultMeasurement(
        what=f"{fault.party}, {fault.how}",
        unit="ms",
        count=1,
        p50=stand_ms,
        p95=stand_ms,
        p99=stand_ms,
        max=stand_ms,
        note="held" if row.held else f"NOT HELD: {found.problem}",
        must=fault.must,
        held=row.held,
        problem=found.problem,
        report=found.report,
        slowing_ms=_milliseconds(found.slowing_s),
        slowing_ticks=_ticks(found.slowing_s, period_ms),
        standstill_ms=_milliseconds(found.standstill_s),
        standstill_ticks=_ticks(found.standstill_s, period_ms),
        recovered=found.recovered,
    )
