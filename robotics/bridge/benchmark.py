"""Measures the bridge in its real set-up, three processes in real time, with a robot that weighs nothing.

`python -m robotics.bridge.benchmark [--quick]` prints the figures as JSON.
"""

import json
import sys
import threading
import time
from collections.abc import Sequence

import numpy as np

from robotics.action import ActionChunk
from robotics.bridge.client import GrpcSession
from robotics.bridge.processes import RobotProcesses
from robotics.embodiment import Embodiment
from robotics.embodiments import load_embodiment
from robotics.observation import CameraFrame
from robotics.session import RobotState

_HORIZON = 50


class WeightlessRobot:
    """A Robot that is where its target is: what is measured is the bridge, not a driver or physics."""

    def __init__(self, embodiment: Embodiment):
        self.embodiment = embodiment
        self._position = embodiment.home.copy()
        self._velocity = np.zeros_like(self._position)

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        return self._position, self._velocity

    def write(self, target: np.ndarray) -> None:
        self._position = np.array(target)

    def hold(self) -> None:
        """It does not move by itself."""

    def close(self) -> None:
        """It has nothing to close."""


class NoiseCameraRig:
    """A CameraRig whose pictures cost nothing to take."""

    def __init__(self, embodiment: Embodiment):
        random = np.random.default_rng(0)
        self._images = {
            camera.name: random.integers(0, 255, (camera.height, camera.width, 3), np.uint8)
            for camera in embodiment.camera
        }

    def capture(self, camera: str, time_ns: int) -> CameraFrame:
        return CameraFrame(self._images[camera], time_ns)

    def close(self) -> None:
        """It has nothing to close."""


def run(
    quick: bool,
    embodiment: str = "aloha2",
    robot_factory: str = f"{__name__}:WeightlessRobot",
    camera_factory: str | None = f"{__name__}:NoiseCameraRig",
) -> dict:
    """Stream chunks of 50 steps while the state is read beside it.

    Args:
        quick: 3 s instead of 30 s.
        embodiment: A built-in one, or a TOML file.
        robot_factory: As for `RobotProcesses`.
        camera_factory: As for `RobotProcesses`.

    Returns:
        Figures, all in ms unless the name says otherwise. A command's acknowledgement comes with the
        control tick that first executes it: `command_to_acknowledgement` is the round trip,
        `wait_for_tick` the part of it in which the chunk lay in the robot until its tick began,
        `transport` the rest. `lateness` is how late control ticks begin.
    """
    # the module may run as __main__, which the processes would not find
    robot_factory = robot_factory.replace("__main__:", "robotics.bridge.benchmark:")
    camera_factory = camera_factory and camera_factory.replace("__main__:", "robotics.bridge.benchmark:")
    described = load_embodiment(embodiment)
    with (
        RobotProcesses(described, robot_factory, camera_factory) as processes,
        GrpcSession(processes.address, client_name="benchmark") as session,
    ):
        listener = _Listener(session)
        figures = _measure(session, 3.0 if quick else 30.0, described.camera_names if camera_factory else ())
        states, arrivals_ns = listener.stop()
        return {
            "embodiment": described.name,
            "control_rate_hz": described.control_rate_hz,
            "servo_rate_hz": described.servo_rate_hz,
            "cameras": len(described.camera) if camera_factory else 0,
            "notes": processes.notes,
            **figures,
            **_stream_figures(states, arrivals_ns),
        }


class _Listener:
    """Reads the state stream on a thread of its own."""

    def __init__(self, session: GrpcSession):
        self._states: list[RobotState] = []
        self._arrivals_ns: list[int] = []
        self._stream = session.states()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        for state in self._stream:
            self._arrivals_ns.append(time.monotonic_ns())
            self._states.append(state)
            if self._stopped.is_set():
                return

    def stop(self) -> tuple[list[RobotState], list[int]]:
        """The states so far, and when each of them arrived [ns]."""
        self._stopped.set()
        self._thread.join()
        return self._states, self._arrivals_ns


def _measure(session: GrpcSession, duration_s: float, cameras: Sequence[str]) -> dict:
    embodiment = session.describe().embodiment
    round_trips, waits, observations, pictures = [], [], [], []
    ends_s = time.monotonic() + duration_s
    while time.monotonic() < ends_s:
        started_ns = time.monotonic_ns()
        observation = session.observe()
        observed_ns = time.monotonic_ns()
        # small and smooth, so that the guard has nothing to correct
        steps = observation.joints.target + np.linspace(0, 1e-3, _HORIZON)[:, None]
        chunk = ActionChunk.answering(observation, embodiment, np.minimum(steps, embodiment.position_upper))
        sent_ns = time.monotonic_ns()
        _, waited_ns = session.send_and_wait(chunk)
        round_trips.append(time.monotonic_ns() - sent_ns)
        waits.append(waited_ns)
        observations.append(observed_ns - started_ns)
        if cameras:
            started_ns = time.monotonic_ns()
            session.observe(cameras)
            pictures.append(time.monotonic_ns() - started_ns)
    figures = {
        "command_to_acknowledgement": _distribution(round_trips),
        "wait_for_tick": _distribution(waits),
        "transport": _distribution(np.subtract(round_trips, waits)),
        "observation": _distribution(observations),
    }
    if pictures:
        figures["observation_with_pictures"] = _distribution(pictures)
    return figures


def _stream_figures(states: list[RobotState], arrivals_ns: list[int]) -> dict:
    times_ns = np.array([state.joints.time_ns for state in states])
    span_s = (times_ns[-1] - times_ns[0]) * 1e-9
    lateness = [row for state in states for row in state.statistics if row.stage == "lateness"]
    return {
        "state_stream_rate_hz": round((len(states) - 1) / span_s, 2),
        "tick_to_state_arrival": _distribution(np.array(arrivals_ns) - times_ns),
        "lateness": {
            "count": sum(row.count for row in lateness),
            "p50_ms": round(float(np.median([row.p50_ms for row in lateness])), 3),
            "max_ms": round(max(row.max_ms for row in lateness), 3),
        },
        "missed_deadlines": states[-1].missed_deadlines - states[0].missed_deadlines,
    }


def _distribution(durations_ns: Sequence[int] | np.ndarray) -> dict:
    """Percentiles in ms; the first tenth is warm-up."""
    kept = np.asarray(durations_ns)[len(durations_ns) // 10 :] * 1e-6
    p50, p95, p99 = np.percentile(kept, (50, 95, 99))
    figures = {"p50_ms": p50, "p95_ms": p95, "p99_ms": p99, "max_ms": kept.max()}
    return {"count": len(kept)} | {name: round(float(value), 3) for name, value in figures.items()}


if __name__ == "__main__":
    json.dump(run("--quick" in sys.argv), sys.stdout, indent=2)
    print()
