"""How well real-time control keeps its beat at several servo rates while pictures stream to a client."""

import time

import numpy as np

from robotics.cli.benches.busy_robot import BusyRobot
from robotics.cli.benches.measurement import Measurement, distribution, single
from robotics.cli.connect import parse_robot
from robotics.embodiment import Embodiment
from robotics.embodiments import load_embodiment

_SERVO_RATES_HZ = (50, 200, 500)
_WARM_UP_S = 2.0


def measure(robot: str, quick: bool) -> list[Measurement]:
    """A weightless robot at each rate, 20 s or 10 minutes; cameras of 480 x 640 at 30 Hz, chunks at 4 Hz."""
    embodiment = load_embodiment(parse_robot(robot).value)
    rows = [_measure_rate(embodiment, rate, 20.0 if quick else 600.0) for rate in _SERVO_RATES_HZ]
    return [row for found in rows for row in found]


def _measure_rate(embodiment: Embodiment, servo_rate_hz: int, seconds: float) -> list[Measurement]:
    with BusyRobot(embodiment, servo_rate_hz) as busy:
        time.sleep(_WARM_UP_S)
        before, frames, started_s = busy.session.state(), busy.frames, time.monotonic()
        time.sleep(seconds)
        after, frames = busy.session.state(), busy.frames - frames
        took_s = time.monotonic() - started_s
        rights = next((note for note in busy.processes.notes if "SCHED_FIFO" in note), "")
    lateness = busy.lateness_ms(before.joints.time_ns, after.joints.time_ns)
    label = f"{servo_rate_hz} Hz"
    missed_ticks = int((lateness >= 1e3 / servo_rate_hz).sum())
    return [
        distribution(f"{label}: a servo tick is late by", "ms", np.maximum(lateness, 0.0).tolist(), rights),
        single(f"{label}: servo ticks late by a period", "1", missed_ticks, f"of {len(lateness)}"),
        single(
            f"{label}: control ticks missed",
            "1",
            after.missed_deadlines - before.missed_deadlines,
            "of 20 ms",
        ),
        single(f"{label}: starvations", "1", after.starvations - before.starvations),
        single(
            f"{label}: pictures",
            "1/s",
            frames / took_s,
            f"{len(embodiment.camera)} cameras at 30 Hz wanted; {len(busy.errors)} errors",
        ),
    ]
