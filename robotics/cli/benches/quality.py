"""Which planted faults `robotics data check` finds, and what it claims where nothing was planted."""

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from demonstrations import DemonstrationDataset
from demonstrations.quality.planted.dataset_faults import DATASET_FAULTS
from demonstrations.quality.planted.faults import EPISODE_FAULTS
from demonstrations.quality.planted.suite import PlantedFault, PlantedSuite
from robotics.cli.benches.measurement import Measurement, single
from robotics.cli.connect import parse_robot
from robotics.embodiments import load_embodiment


@dataclass(frozen=True)
class PlantedMeasurement(Measurement):
    """A count of what went wrong; not held where there is any."""

    held: bool = True


def measure(robot: str, quick: bool, data: Path | None = None) -> list[Measurement]:
    """Plant faults into made-up recordings of the robot, or into recorded ones; prints a Markdown table.

    Args:
        data: A recorded dataset of that robot; faults of datasets as a whole are then left out.
    """
    embodiment = load_embodiment(parse_robot(robot).value)
    recorded = None if data is None else DemonstrationDataset.open(data, embodiment, recover=False)
    faults = (
        EPISODE_FAULTS[:: 5 if quick else 1],
        () if recorded is not None else DATASET_FAULTS[:: 5 if quick else 1],
    )
    with tempfile.TemporaryDirectory() as folder:
        suite = PlantedSuite(Path(folder), embodiment, recorded)
        clean = suite.clean_quality
        alarms = [str(f) for f in (*clean.findings, *(f for e in clean.episodes for f in e.findings))]
        print("| planted | check | found | in words | other findings |\n|---|---|---|---|---|", flush=True)
        started = time.perf_counter()
        rows = list(suite.run_all(*faults, tell=lambda row: print(_line(row, folder), flush=True)))
        seconds = time.perf_counter() - started
    missed = sum(not row.found for row in rows)
    beside = sum(len(row.false_alarms) for row in rows)
    print(
        f"{len(rows) - missed} of {len(rows)} planted faults found, {beside} false alarms beside them; "
        f"{len(alarms)} findings in {len(clean.episodes)} episodes without a planted fault",
        file=sys.stderr,
        flush=True,
    )
    return [
        single("planted", "faults", len(rows)),
        _count("not found", "faults", missed, "; ".join(row.name for row in rows if not row.found)),
        _count(
            "false alarms beside them", "findings", beside, "; ".join(a for r in rows for a in r.false_alarms)
        ),
        # recorded episodes may have faults of their own
        _count(
            "findings without a planted fault",
            "findings",
            len(alarms),
            "; ".join(alarms),
            recorded is not None,
        ),
        single("to plant and check them", "s", seconds),
    ]


def _count(what: str, unit: str, number: int, note: str, held: bool = False) -> PlantedMeasurement:
    value = float(number)
    return PlantedMeasurement(what, unit, 1, value, value, value, value, note, held or not number)


def _line(row: PlantedFault, folder: str) -> str:
    others = "; ".join((*(f"{name} (a consequence)" for name in row.consequences), *row.false_alarms))
    text = row.text.replace(f"{folder}/", "")  # a folder of this minute only
    cells = [row.name, row.check, "yes" if row.found else "NO", text, others]
    return "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |"
