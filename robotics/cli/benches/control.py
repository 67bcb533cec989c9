"""How well the real-time control keeps its beat while pictures are drawn and streamed."""

import threading
import time

import numpy as np

from robotics.action import ActionChunk
from robotics.cli.benches.measurement import Measurement, distribution, single
from robotics.cli.connect import connect
from robotics.errors import RoboticsError
from robotics.session import RobotSession, RobotState


def measure(robot: str, quick: bool) -> list[Measurement]:
    """Both arms sway for a minute, new chunks at 4 Hz, all cameras streaming."""
    seconds = 6.0 if quick else 60.0
    session = connect(robot)
    try:
        embodiment = session.describe().embodiment
        session.reset(session.describe().tasks[0].name, 0)
        states: list[RobotState] = []
        pictures: list[str] = []
        threading.Thread(target=_keep_states, args=(session, states), daemon=True).start()
        threading.Thread(target=_count_pictures, args=(session, pictures), daemon=True).start()
        time.sleep(1.0)
        before, pictures_before = session.state(), len(pictures)
        _sway(session, seconds)
        after, pictures_after = session.state(), len(pictures)
        during = [s for s in states if before.joints.tick <= s.joints.tick <= after.joints.tick]
        stages = {s.stage: s for state in during for s in state.statistics}
        ticks = after.joints.tick - before.joints.tick
        results = [
            single("ticks", "1", ticks, f"{seconds:g} s at {embodiment.control_rate_hz} Hz"),
            single("missed deadlines", "1", after.missed_deadlines - before.missed_deadlines),
            single("starvations", "1", after.starvations - before.starvations),
            single("pictures", "1/s", (pictures_after - pictures_before) / seconds, "all cameras, streamed"),
        ]
        for stage in stages.values():
            results.append(
                Measurement(
                    f"stage {stage.stage}",
                    "ms",
                    stage.count,
                    stage.p50_ms,
                    stage.p95_ms,
                    stage.p99_ms,
                    stage.max_ms,
                    "as the control process counts it",
                )
            )
        error = [float(np.abs(s.joints.position - s.joints.target).max()) for s in during]
        results.append(distribution("largest tracking error", "rad", error, "sway of 0.1 rad"))
        return results
    finally:
        session.close()


def _keep_states(session: RobotSession, states: list[RobotState]) -> None:
    try:
        for state in session.states():
            states.append(state)
    except RoboticsError:
        return


def _count_pictures(session: RobotSession, pictures: list[str]) -> None:
    try:
        for name, _ in session.frames(session.describe().embodiment.camera_names):
            pictures.append(name)
    except RoboticsError:
        return


def _sway(session: RobotSession, seconds: float) -> None:
    embodiment = session.describe().embodiment
    period_s = embodiment.control_period_ns / 1e9
    start = session.state()
    begin_ns, home = start.joints.time_ns, start.applied
    grippers = list(embodiment.gripper_indices.values())
    end = time.monotonic() + seconds
    due = time.monotonic()
    while time.monotonic() < end:
        observation = session.observe()
        time_s = (observation.joints.time_ns - begin_ns) / 1e9 + period_s * np.arange(50)
        swing = 0.1 * (1 - np.cos(np.minimum(time_s, 1e9) * 1.5)) / 2
        targets = np.repeat(home[None], 50, axis=0)
        targets += np.sign(-home - 1e-9)[None] * swing[:, None]  # towards the middle of the range
        targets[:, grippers] = home[grippers]
        session.send(ActionChunk.answering(observation, embodiment, targets))
        due += 0.25
        time.sleep(max(0.0, due - time.monotonic()))
