"""A made-up robot in a process of its own: it feeds ticks and pictures through shared memory, on time.

`python -m robotics.cli.benches.feed` is that process. What a recorder costs can so be told from what
cameras and joints cost.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import numpy as np

from robotics.bridge.codec import decode_state, encode_state
from robotics.bridge.frame_store import FrameStore
from robotics.bridge.shared_memory import RecordRing, SharedMemory
from robotics.bridge.v1 import types_pb2
from robotics.embodiment import Embodiment, load_embodiment_file
from robotics.observation import CameraFrame, JointState
from robotics.session import RobotDescription, RobotMode, RobotState

_RING_BYTES = 4_000_000
_POLL_S = 0.004
_PICTURES = 25


class FedSession:
    """The part of a RobotSession that a recorder uses; the feeding process runs from `with` to its end."""

    def __init__(self, embodiment: Embodiment):
        self.embodiment = embodiment
        self._frames_memory = SharedMemory.create("bench frames", FrameStore.size_for(embodiment))
        self._states_memory = SharedMemory.create("bench states", _RING_BYTES)
        self._store = FrameStore(self._frames_memory, embodiment)
        self.lost_frames = 0
        """Pictures that were gone before they could be read here."""
        self._ended = False

    def __enter__(self) -> Self:
        descriptors = self._frames_memory.descriptor, self._states_memory.descriptor
        command = [sys.executable, "-m", __name__, str(self.embodiment.source), *map(str, descriptors)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=descriptors)
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended = True
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def describe(self) -> RobotDescription:
        return RobotDescription(self.embodiment, "bench", lockstep=False, simulated=True)

    @property
    def fed_frames(self) -> int:
        """Pictures that all cameras have taken so far."""
        return sum(self._store.newest(camera) for camera in self.embodiment.camera_names)

    def states(self) -> Iterator[RobotState]:
        ring = RecordRing(self._states_memory)
        while not self._ended:
            record = ring.read()
            if record is None:
                time.sleep(_POLL_S)
            else:
                yield decode_state(types_pb2.RobotState.FromString(record))

    def frames(self, cameras: tuple[str, ...]) -> Iterator[tuple[str, CameraFrame]]:
        seen = {camera: self._store.newest(camera) for camera in cameras}
        while not self._ended:
            for camera in cameras:
                newest = self._store.newest(camera)
                for number in range(seen[camera] + 1, newest + 1):
                    found = self._store.read(camera, number)
                    if found is None:
                        self.lost_frames += 1
                    else:
                        yield camera, found[0]
                seen[camera] = newest
            time.sleep(_POLL_S)


def make_pictures(height: int, width: int, count: int = _PICTURES) -> list[np.ndarray]:
    """Smooth colours with a sensor's noise, uint8 (height, width, 3) each."""
    import cv2

    random = np.random.default_rng(0)
    pictures = []
    for _ in range(count):
        colours = random.integers(0, 255, (height // 10, width // 10, 3), dtype=np.uint8)
        smooth = cv2.resize(colours, (width, height), interpolation=cv2.INTER_CUBIC)
        pictures.append(np.clip(smooth + random.normal(0, 2, smooth.shape), 0, 255).astype(np.uint8))
    return pictures


def make_state(embodiment: Embodiment, tick: int, time_ns: int) -> RobotState:
    """A tick of a robot that does as it is told."""
    values = embodiment.home + 0.1 * np.sin(0.02 * tick)
    return RobotState(
        joints=JointState(tick, time_ns, values, values, values),
        requested=values,
        applied=values,
        intended=values,
        mode=RobotMode.EXECUTING,
        plan_steps=0,
        chunk_id=1,
        instruction="bench",
        missed_deadlines=0,
        starvations=0,
    )


def _feed(embodiment: Embodiment, frames: SharedMemory, states: SharedMemory) -> None:
    """A tick and a picture of every camera each control period, until standard input ends."""
    import select

    store, ring = FrameStore(frames, embodiment), RecordRing(states)
    camera = embodiment.camera[0]
    pictures = make_pictures(camera.height, camera.width)
    period_ns, tick = embodiment.control_period_ns, 0
    next_ns = time.monotonic_ns()
    while not select.select([sys.stdin], [], [], 0.0)[0]:
        time.sleep(max(0.0, (next_ns - time.monotonic_ns()) * 1e-9))
        ring.write(encode_state(make_state(embodiment, tick, next_ns)).SerializeToString())
        for name in embodiment.camera_names:
            store.write(name, CameraFrame(pictures[tick % _PICTURES], next_ns), 0)
        tick += 1
        next_ns += period_ns


if __name__ == "__main__":
    _feed(
        load_embodiment_file(Path(sys.argv[1])),
        SharedMemory(int(sys.argv[2])),
        SharedMemory(int(sys.argv[3])),
    )
