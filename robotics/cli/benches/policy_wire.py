"""A remote policy's exchange, observation with pictures to action chunk, beside what others use for it.

`python -m robotics.cli.benches.policy_wire` serves the policy that answers at once.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from robotics.action import ActionChunk
from robotics.bridge.policy_service import PolicyServer, RemotePolicy
from robotics.cli.benches.measurement import Measurement, distribution, ratio, timed
from robotics.observation import CameraFrame, JointState, Observation

PEERS_PYTHON = "ROBOTICS_PEERS_PYTHON"
"""Environment variable: a Python that has `lerobot` and `openpi-client`, which are not ours to install."""
_SCRIPTS = Path(__file__).parents[3] / "docs" / "peers"
_PEERS = {
    "LeRobot's async inference (gRPC, pickle)": "lerobot_exchange.py",
    "openpi's websocket (msgpack)": "openpi_exchange.py",
}
_DIMENSION, _HORIZON = 14, 50
_CAMERAS = ("overhead", "wrist_left", "wrist_right")


def compare(quick: bool) -> list[Measurement]:
    """14 joints and three raw pictures of 224 x 224 there, 50 steps back; rounds by turns, each a process."""
    rounds, count = (3, 30) if quick else (10, 100)
    sides: dict[str, _Script] = {}
    for name, script in _PEERS.items():
        peer = _Script.start(os.environ.get(PEERS_PYTHON, ""), script)
        if peer is not None:
            sides[name] = peer
    times: dict[str, list[float]] = {name: [] for name in sides}
    ours: list[float] = []
    server = subprocess.Popen(
        [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout
        policy = RemotePolicy(server.stdout.readline().strip())
        observation = make_observation()
        for index in range(rounds + 1):
            found = timed(lambda: policy.act(observation), count, warm_up=0)
            others = {name: side.exchange(count) for name, side in sides.items()}
            if index:  # the first round warms up
                ours += found
                for name, values in others.items():
                    times[name] += values
        policy.close()
    finally:
        server.communicate()
        for side in sides.values():
            side.close()
    row = distribution(
        "remote policy: observation to chunk", "ms", ours, "3 x 224 x 224 x 3 raw, 50 x 14 back"
    )
    rows = [row]
    for name in _PEERS:
        peer = distribution(
            name, "ms", times.get(name, []), "the same" if name in times else "peer not installed"
        )
        rows.append(peer)
        if peer.count:
            rows.append(ratio(f"ours over {name}", row, peer))
    return rows


class _Script:
    """A peer's client, which starts its own server."""

    def __init__(self, process: "subprocess.Popen[str]"):
        self._process = process

    @staticmethod
    def start(python: str, script: str) -> "_Script | None":
        """None where that Python lacks what the script needs."""
        if not python or not (_SCRIPTS / script).is_file():
            return None
        try:
            process = subprocess.Popen(
                [python, str(_SCRIPTS / script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        except FileNotFoundError:
            return None
        peer = _Script(process)
        try:
            peer.exchange(1)
        except (BrokenPipeError, json.JSONDecodeError):
            process.communicate()
            return None
        return peer

    def exchange(self, count: int) -> list[float]:
        """Times of so many exchanges [ms]."""
        assert self._process.stdin and self._process.stdout
        print(count, file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


class InstantPolicy:
    """Implements Policy; stays where it is."""

    name, cameras, replan_steps = "instant", _CAMERAS, _HORIZON

    def reset(self) -> None:
        """It remembers nothing."""

    def act(self, observation: Observation) -> ActionChunk:
        return ActionChunk(
            positions=np.tile(observation.joints.position, (_HORIZON, 1)),
            start_time_ns=observation.joints.time_ns,
            period_ns=20_000_000,
            clock_id=observation.clock_id,
            fingerprint="bench",
        )


def make_observation() -> Observation:
    """As the peers' scripts make theirs."""
    rng = np.random.default_rng(0)
    position, zeros = rng.normal(size=_DIMENSION), np.zeros(_DIMENSION)
    images = {
        name: CameraFrame(rng.integers(0, 255, (224, 224, 3), np.uint8), 1_000_000_000) for name in _CAMERAS
    }
    return Observation(
        clock_id="bench",
        joints=JointState(50, 1_000_000_000, position, zeros, position),
        plan=np.empty((0, _DIMENSION)),
        images=images,
        instruction="hand over the red cube",
    )


def _serve() -> None:
    server = PolicyServer(InstantPolicy, "127.0.0.1:0")
    print(server.address, flush=True)
    sys.stdin.read()  # until whoever started it is done, or gone
    server.close()


if __name__ == "__main__":
    _serve()
