"""Pictures for clients on the robot's own machine: read where the cameras put them, never sent.

The server says by which process and descriptor the memory can be found, and what random token stands in
it. A client that may open it (the same user, the same machine) and finds the token there reads its
pictures from it; everybody else gets them over the wire. A forwarded port leads to another machine,
whose token this one's memory does not hold.
"""

import contextlib
import os
import secrets

from robotics.bridge.frame_store import FrameStore
from robotics.bridge.shared_memory import SharedMemory
from robotics.bridge.v1 import robot_service_pb2, types_pb2
from robotics.embodiment import Embodiment
from robotics.errors import RoboticsError
from robotics.observation import CameraFrame

MEMORY_NAME = "robot frames"
_TOKEN_SIZE = 16


def offer(memory: SharedMemory) -> robot_service_pb2.SharedFrames:
    """Mark the cameras' memory, and say how a client on this machine finds it."""
    token = secrets.token_bytes(_TOKEN_SIZE)
    place = FrameStore.COUNTERS_SIZE - _TOKEN_SIZE
    memory.bytes[place : place + _TOKEN_SIZE] = token
    return robot_service_pb2.SharedFrames(process_id=os.getpid(), descriptor=memory.descriptor, token=token)


class SharedFrames:
    """A client's view of the memory; read-only, thread-safe."""

    def __init__(self, memory: SharedMemory, embodiment: Embodiment):
        self._memory = memory
        self._store = FrameStore(memory, embodiment)

    @staticmethod
    def find(told: robot_service_pb2.SharedFrames, embodiment: Embodiment) -> "SharedFrames | None":
        """The memory that the server told of; None where it cannot be had here."""
        path = f"/proc/{told.process_id}/fd/{told.descriptor}"
        with contextlib.suppress(OSError):
            if not os.readlink(path).startswith(f"/memfd:{MEMORY_NAME} "):
                return None
            memory = SharedMemory(os.open(path, os.O_RDONLY | os.O_CLOEXEC), writable=False)
            place = FrameStore.COUNTERS_SIZE - _TOKEN_SIZE
            found = bytes(memory.bytes[place : place + _TOKEN_SIZE])
            if found == told.token and memory.size >= FrameStore.size_for(embodiment):
                return SharedFrames(memory, embodiment)
            memory.close()
        return None

    def read(self, message: types_pb2.CameraFrame) -> CameraFrame | None:
        """The picture that a message without pixels names; None where it is gone already."""
        found = self._store.read(message.camera, message.number)
        return None if found is None else found[0]

    def read_newest(self, message: types_pb2.CameraFrame) -> CameraFrame:
        """As `read`; where it is gone already the newest one.

        Raises:
            RoboticsError: There is none.
        """
        found = self._store.read(message.camera, message.number) or self._store.read_newest(message.camera)
        if found is None:
            raise RoboticsError(f"camera '{message.camera}' has no picture in the robot's shared memory")
        return found[0]
