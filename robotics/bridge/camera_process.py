"""The camera process: takes or draws the pictures of every camera at its rate, into shared memory."""

import os
import sys
import time
from typing import Any, cast

from robotics.bridge.child import Parent, load_factory, run_child
from robotics.bridge.codec import decode_setup
from robotics.bridge.control_link import World, read_world
from robotics.bridge.frame_store import FrameStore
from robotics.bridge.latest_value import LatestValue
from robotics.bridge.shared_memory import SharedMemory
from robotics.bridge.v1 import types_pb2
from robotics.clock import NS_PER_S
from robotics.embodiment import Embodiment, load_embodiment_file
from robotics.robot import CameraRig, SimulatedCameraRig

_LONGEST_SLEEP_NS = NS_PER_S // 10
_WORLD_LOOK_PERIOD_S = 1e-3


class CameraBeat:
    """Says which cameras are due; deadlines are absolute, and a missed one is left out, not made up for."""

    def __init__(self, embodiment: Embodiment, now_ns: int):
        self._period_ns = {camera.name: round(NS_PER_S / camera.rate_hz) for camera in embodiment.camera}
        self._due_ns = dict.fromkeys(self._period_ns, now_ns)

    def next_ns(self) -> int:
        """When the next camera is due."""
        return min(self._due_ns.values())

    def take_due(self, now_ns: int) -> list[str]:
        """Cameras that are due now."""
        due = [camera for camera, due_ns in self._due_ns.items() if due_ns <= now_ns]
        for camera in due:
            period_ns = self._period_ns[camera]
            self._due_ns[camera] += ((now_ns - self._due_ns[camera]) // period_ns + 1) * period_ns
        return due


class SceneFollower:
    """Keeps a simulated rig in the episode and moment of the control process."""

    def __init__(self, rig: SimulatedCameraRig, value: LatestValue):
        self._rig = rig
        self._value = value
        self._shown: World | None = None

    def follow(self) -> World | None:
        """The moment that the rig shows now; None where there is none or none newer than the last."""
        world = read_world(self._value)
        if world is None or (self._shown is not None and world.time_ns == self._shown.time_ns):
            return None
        if self._shown is None or world.episode != self._shown.episode:
            setup = decode_setup(types_pb2.EpisodeSetup.FromString(world.setup))
            self._rig.reset(setup.task, setup.seed, setup.instruction)
            # making the scene may have taken seconds
            newest = read_world(self._value) or world
            if newest.episode != world.episode:
                return None
            world = newest
        self._rig.set_world_state(world.state)
        self._shown = world
        return world


def main(configuration: dict[str, Any], parent: Parent) -> None:
    """Capture until the parent ends."""
    embodiment = load_embodiment_file(configuration["embodiment"])
    rig: CameraRig = load_factory(configuration["camera_factory"])(embodiment)
    store = FrameStore(SharedMemory(configuration["frames"]), embodiment)
    follower = None
    if hasattr(rig, "set_world_state"):
        value = LatestValue(SharedMemory(configuration["world"]))
        follower = SceneFollower(cast(SimulatedCameraRig, rig), value)
    beat = CameraBeat(embodiment, time.monotonic_ns())
    first = set(embodiment.camera_names)
    try:
        while not parent.ended.is_set():
            left_ns = beat.next_ns() - time.monotonic_ns()
            if left_ns > 0:
                time.sleep(min(left_ns, _LONGEST_SLEEP_NS) / NS_PER_S)
                continue
            time_ns, episode = time.monotonic_ns(), 0
            if follower is not None:
                world = follower.follow()
                if world is None:  # a control tick is due as well, or the control process is at a reset
                    time.sleep(_WORLD_LOOK_PERIOD_S)
                    continue
                time_ns, episode = world.time_ns, world.episode
            due = beat.take_due(time.monotonic_ns())
            for camera in due:
                store.write(camera, rig.capture(camera, time_ns), episode)
            os.eventfd_write(configuration["frames_ready"], 1)
            if first:
                first.difference_update(due)
                if not first:
                    parent.report("ready")
    finally:
        rig.close()


if __name__ == "__main__":
    sys.exit(run_child(main))
