"""Which planted faults `robotics data check` finds, and what it claims where nothing was planted."""

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from demonstrations.quality.planted.dataset_faults import DATASET_FAULTS
from demonstrations.quality.planted.faults import EPISODE_FAULTS
from demonstrations.quality.planted.suite import PlantedFault, PlantedSuite
from robotics.cli.benches.measurement import Measurement, single
from robotics.cli.connect import parse_robot
from robotics.embodiments import load_embodiment


@dataclass(frozen=True)
class PlantedMeasurement(Measurement):
    """1 where the fault was found and nothing else claimed."""

    held: bool = True
    check: str = ""
    found: bool = True
    false_alarms: tuple[str, ...] = ()


def measure(robot: str, quick: bool) -> list[Measurement]:
    """Made-up recordings of the robot; prints a table in Markdown while it goes."""
    embodiment = load_embodiment(parse_robot(robot).value)
    step = 5 if quick else 1
    with tempfile.TemporaryDirectory() as folder:
        suite = PlantedSuite(Path(folder), embodiment)
        clean = suite.check_clean()
        alarms = [str(f) for f in (*clean.findings, *(f for e in clean.episodes for f in e.findings))]
        print("| planted | check | found | in words | other findings |\n|---|---|---|---|---|", flush=True)
        started = time.perf_counter()
        rows = list(
            suite.run_all(
                EPISODE_FAULTS[::step], DATASET_FAULTS[::step], lambda r: print(_line(r), flush=True)
            )
        )
        seconds = time.perf_counter() - started
    found = sum(row.found for row in rows)
    false_alarms = sum(len(row.false_alarms) for row in rows)
    print(
        f"{found} of {len(rows)} planted faults found, {false_alarms} false alarms beside them; "
        f"{len(alarms)} false alarms in {len(clean.episodes)} clean episodes",
        file=sys.stderr,
        flush=True,
    )
    return [
        single("planted faults found", f"of {len(rows)}", found),
        single("false alarms beside planted faults", "findings", false_alarms),
        PlantedMeasurement(
            "false alarms in clean episodes",
            "findings",
            len(clean.episodes),
            *(float(len(alarms)),) * 4,
            "; ".join(alarms),
            held=not alarms,
        ),
        single("to plant and check them", "s", seconds),
        *(_measurement(row) for row in rows if not row.held),
    ]


def _line(row: PlantedFault) -> str:
    others = "; ".join((*(f"{name} (a consequence)" for name in row.consequences), *row.false_alarms))
    cells = [row.name, row.check, "yes" if row.found else "NO", row.text, others]
    return "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |"


def _measurement(row: PlantedFault) -> PlantedMeasurement:
    note = "not found" if not row.found else "; ".join(row.false_alarms)
    return PlantedMeasurement(
        row.name, "found", 1, *(float(row.found),) * 4, note, False, row.check, row.found, row.false_alarms
    )
