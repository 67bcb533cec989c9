"""What minutes of streaming do to a robot's processes: memory, errors, missed deadlines."""

import os
import time
from pathlib import Path

import numpy as np

from robotics.cli.benches.busy_robot import BusyRobot
from robotics.cli.benches.measurement import Measurement, single
from robotics.cli.connect import parse_robot
from robotics.embodiments import load_embodiment

_SERVO_RATE_HZ = 200
_WARM_UP_S = 10.0
"""Until buffers and heaps have found their size."""
_LOOK_EVERY_S = 1.0


def measure(robot: str, quick: bool) -> list[Measurement]:
    """States, pictures and commands stream for 1 or 10 minutes at a servo rate of 200 Hz."""
    seconds = 60.0 if quick else 600.0
    with BusyRobot(load_embodiment(parse_robot(robot).value), _SERVO_RATE_HZ) as busy:
        time.sleep(_WARM_UP_S)
        before = busy.session.state()
        counted = busy.states, busy.frames, busy.commands
        processes = {**busy.processes.process_ids, "client": os.getpid()}
        memory: dict[str, list[float]] = {role: [] for role in processes}
        times_s, end_s = [], time.monotonic() + seconds
        while time.monotonic() < end_s:
            times_s.append(time.monotonic())
            for role, process_id in processes.items():
                memory[role].append(_resident_mb(process_id))
            time.sleep(_LOOK_EVERY_S)
        after = busy.session.state()
        counted = np.subtract((busy.states, busy.frames, busy.commands), counted)
    rows = [
        single(
            f"{role}: resident memory grows by",
            "MB/min",
            float(np.polyfit(times_s, values, 1)[0]) * 60.0,
            f"{values[0]:.1f} MB at first, {values[-1]:.1f} MB at last, {max(values):.1f} MB at most",
        )
        for role, values in memory.items()
    ]
    states, frames, commands = (int(value) for value in counted)
    ticks = after.joints.tick - before.joints.tick
    return [
        *rows,
        single("errors", "1", len(busy.errors), "; ".join(busy.errors)),
        single(
            "missed deadlines",
            "1",
            after.missed_deadlines - before.missed_deadlines,
            f"of {ticks} control ticks",
        ),
        single("starvations", "1", after.starvations - before.starvations),
        single("states received", "1", states, f"in {seconds:g} s"),
        single("pictures received", "1", frames),
        single("chunks acknowledged", "1", commands),
    ]


def _resident_mb(process_id: int) -> float:
    """Memory of a process that is in RAM, shared memory left out [MB]."""
    fields = Path(f"/proc/{process_id}/statm").read_text().split()
    return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGESIZE") / 1e6
