"""`robotics bench`: speeds and latencies of this machine, as a table and as JSON."""

import importlib
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import tyro

from robotics.cli.benches.measurement import Measurement
from robotics.cli.connect import UsageError, parse_robot
from robotics.errors import CheckpointError, UnknownNameError
from robotics.evaluation.environment import command_line, describe_environment

BENCHES = {
    "control": "real-time control at 50, 200 and 500 Hz: lateness of ticks, missed deadlines (3 x 10 min)",
    "bridge": "gRPC: commands and remote policies with peers beside them, observation, picture",
    "guard": "what the guard costs a control tick: plans that pass, and plans that it has to limit",
    "lockstep": "simulation in lockstep, times real time",
    "render": "one camera picture",
    "kinematics": "inverse kinematics, way home",
    "policy": "observation to action chunk",
    "data": "recording, training samples with LeRobot's beside them, sizes, opening (full: 15 min)",
}
ALONE = {
    "soak": "minutes of streaming: memory of each process, errors, missed deadlines (10 min)",
    "record": "the recorder at 4 x 480 x 640 and 50 Hz, with LeRobot beside it (15 min)",
    "crash": "a recording process killed at 200 random moments: what is lost (6 min)",
    "faults": "what a robot does under every fault that can be injected (6 minutes)",
    "reasoning": "how well and how fast a reasoner answers about scenes never seen (full: 30 minutes)",
    "quality": "which planted faults `data check` finds in demonstrations, and what it claims of clean ones",
}
"""Not part of `all`."""


@dataclass(frozen=True)
class Arguments:
    """Measure speeds on this machine: p50, p95, p99 and maximum, warm-up excluded.

    WHAT is one of: control, bridge, guard, lockstep, render, kinematics, policy, data, all; or soak, record,
    crash, faults, reasoning or quality, which are not part of all. Where ROBOTICS_PEERS_PYTHON names a
    Python that has lerobot and openpi-client, `bridge` measures their transports, too, `data` and `record`
    its datasets.

    Example:
      robotics bench control
      robotics bench all --quick --json bench.json
    """

    what: tyro.conf.Positional[str]
    """What to measure."""
    robot: str = "sim:aloha2"
    """sim:NAME or sim:my.toml."""
    data: Path | None = None
    """For `bench quality`: plant into the episodes of this dataset instead of made-up ones. For `bench
    reasoning`: a folder that `robotics scenes make` wrote, instead of scenes made for this run, or a public
    benchmark as published (docs/queries.md)."""
    reasoner: str = "embedded"
    """For `bench reasoning`: who answers."""
    gallery: Path | None = None
    """For `bench reasoning`: write a page with drawn answers to this file."""
    grasps: int = 0
    """For `bench reasoning`: carry out predicted grasps in physics, in so many scenes a row."""
    quick: bool = False
    """Fewer samples: seconds instead of minutes."""
    json: Path | None = None
    """Write table, environment and command to this file, too."""


def main(arguments: Arguments) -> int:
    benches = BENCHES | ALONE
    if arguments.what not in (*benches, "all"):
        raise UnknownNameError("bench", arguments.what, (*benches, "all"))
    if parse_robot(arguments.robot).kind != "sim":
        raise UsageError(f"bench starts its own robot: --robot sim:NAME, got {arguments.robot}")
    names = list(BENCHES) if arguments.what == "all" else [arguments.what]
    environment = describe_environment()
    rows: dict[str, list[Measurement]] = {}
    for name in names:
        print(f"measuring {name}: {benches[name]}", file=sys.stderr, flush=True)
        module = importlib.import_module(f"robotics.cli.benches.{name}")
        try:
            options: dict = {"data": arguments.data} if name in ("quality", "reasoning") else {}
            if name == "reasoning":
                options |= {
                    "reasoner": arguments.reasoner,
                    "gallery": arguments.gallery,
                    "grasps": arguments.grasps,
                }
            rows[name] = module.measure(arguments.robot, arguments.quick, **options)
        except CheckpointError as error:
            if len(names) == 1:
                raise
            print(f"skipped {name}: {error}", file=sys.stderr)
    if arguments.json:
        data = {
            "command": command_line(),
            "robot": arguments.robot,
            "quick": arguments.quick,
            "environment": environment,
            "measurements": {name: [asdict(row) for row in found] for name, found in rows.items()},
        }
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(data, indent=1) + "\n")
    _print(rows, environment)
    return 0 if all(getattr(row, "held", True) for found in rows.values() for row in found) else 1


def _print(rows: dict[str, list[Measurement]], environment: dict) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    from robotics.cli.progress import wide_console

    table = Table(box=SIMPLE)
    for heading in ("", "what", "unit", "n", "p50", "p95", "p99", "max", "note"):
        table.add_column(heading, justify="left" if heading in ("", "what", "unit", "note") else "right")
    for name, found in rows.items():
        for row in found:
            values = [f"{v:.3g}" if v < 100 else f"{v:.0f}" for v in (row.p50, row.p95, row.p99, row.max)]
            if row.count == 1:
                values = [values[0], "", "", ""]
            table.add_row(name, row.what, row.unit, str(row.count), *values, row.note)
    console = wide_console()
    console.print(table)
    console.print(
        f"{environment['processor']}, {environment['cores']} cores, load {environment['load_1min']}, "
        f"Python {environment['python']}, MuJoCo {environment['packages']['mujoco']}",
        highlight=False,
    )
