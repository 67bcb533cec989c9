"""Starts a robot in real time: control, cameras and server, three processes on shared memory."""

import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from robotics.bridge.child import GRACE_S
from robotics.bridge.control_link import COMMAND_RING_SIZE, REPORT_RING_SIZE, WORLD_SIZE
from robotics.bridge.frame_store import FrameStore
from robotics.bridge.server_settings import ServerSettings, encode_settings
from robotics.bridge.shared_frames import MEMORY_NAME
from robotics.bridge.shared_memory import SharedMemory
from robotics.embodiment import Embodiment
from robotics.errors import RoboticsError

_START_TIMEOUT_S = 90.0
_WAKES = ("commands_ready", "states_ready", "frames_ready")
"""eventfds by which the children wake each other."""
_log = logging.getLogger(__name__)


@dataclass
class _Child:
    role: str
    process: subprocess.Popen[bytes]
    reports: int
    """Read end of its report pipe."""
    ready: bool = False
    unfinished_line: bytes = field(default=b"", repr=False)
    error: str = ""


class RobotProcesses:
    """Runs until `close`, or until one of them dies; then the others end too, and the robot holds.

    No process outlives this one, however it ends: when it is gone, control decelerates within limits
    and holds. Ctrl-C does not reach the children; whoever made this object decides.
    """

    def __init__(
        self,
        embodiment: Embodiment,
        robot_factory: str,
        camera_factory: str | None = None,
        address: str = "127.0.0.1:0",
        settings: ServerSettings | None = None,
    ):
        """Start them; return once clients can connect.

        Args:
            robot_factory: "module:callable" that makes a Robot of an Embodiment, in the control process.
            camera_factory: "module:callable" that makes a CameraRig of an Embodiment, in the camera
                process; without it no pictures are taken.
            address: HOST:PORT, on loopback unless there are keys; port 0 lets the system choose.

        Raises:
            RoboticsError: In one line, why it does not start.
        """
        self.address = ""
        """HOST:PORT of the server."""
        self.notes: list[str] = []
        """What a user should know, such as which real-time rights were granted."""
        self._failure = ""
        self._changed = threading.Condition()
        self._closing = False
        self._children: list[_Child] = []
        self._lifeline_read, self._lifeline = os.pipe()
        encoded = encode_settings(settings or ServerSettings())
        self._start(embodiment, robot_factory, camera_factory, address, encoded)
        self._watching = threading.Thread(target=self._watch, name="robot processes", daemon=True)
        self._watching.start()
        try:
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise

    def _start(
        self,
        embodiment: Embodiment,
        robot_factory: str,
        camera_factory: str | None,
        address: str,
        settings: dict[str, Any],
    ) -> None:
        memories = {
            "commands": SharedMemory.create("robot commands", COMMAND_RING_SIZE),
            "states": SharedMemory.create("robot states", REPORT_RING_SIZE),
            "world": SharedMemory.create("robot world", WORLD_SIZE),
            "frames": SharedMemory.create(MEMORY_NAME, FrameStore.size_for(embodiment)),
        }
        descriptors = {name: memory.descriptor for name, memory in memories.items()}
        for name in _WAKES:
            descriptors[name] = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        configuration = {
            "embodiment": str(embodiment.source),
            "robot_factory": robot_factory,
            "camera_factory": camera_factory,
            "address": address,
            "settings": settings,
            "lifeline": self._lifeline_read,
            "parent": os.getpid(),
            **descriptors,
        }
        roles = ["control", "server", *(["camera"] if camera_factory else [])]
        try:
            for role in roles:
                self._children.append(_start_child(role, configuration, list(descriptors.values())))
        finally:
            # the children have their own
            os.close(self._lifeline_read)
            for name in _WAKES:
                os.close(descriptors[name])
            for memory in memories.values():
                memory.close()

    def _wait_until_ready(self) -> None:
        deadline_s = time.monotonic() + _START_TIMEOUT_S
        with self._changed:
            while not self._failure and not all(child.ready for child in self._children):
                if not self._changed.wait(deadline_s - time.monotonic()):
                    late = ", ".join(child.role for child in self._children if not child.ready)
                    raise RoboticsError(f"the robot does not start: still waiting for {late}")
        if self._failure:
            raise RoboticsError(f"the robot does not start: {self._failure}")

    @property
    def failure(self) -> str:
        """One line, which process ended and why; '' while all run."""
        return self._failure

    @property
    def process_ids(self) -> dict[str, int]:
        """Process id by role: control, server, camera."""
        return {child.role: child.process.pid for child in self._children}

    # The watching thread

    def _watch(self) -> None:
        """Reads what the children report; a pipe that ends is a child that has died."""
        with selectors.DefaultSelector() as selector:
            for child in self._children:
                selector.register(child.reports, selectors.EVENT_READ, child)
            while selector.get_map():
                for key, _ in selector.select():
                    data = os.read(key.fd, 65536)
                    if data:
                        self._hear(key.data, data)
                    else:
                        selector.unregister(key.fd)
                        os.close(key.fd)
                        self._bury(key.data)

    def _hear(self, child: _Child, data: bytes) -> None:
        *lines, child.unfinished_line = (child.unfinished_line + data).split(b"\n")
        with self._changed:
            for line in lines:
                report = json.loads(line)
                kind, text = report["kind"], report["text"]
                if kind == "ready":
                    child.ready = True
                    self.address = text or self.address
                elif kind == "note":
                    self.notes.append(f"{child.role}: {text}")
                else:
                    child.error = text
            self._changed.notify_all()

    def _bury(self, child: _Child) -> None:
        code = child.process.wait()
        with self._changed:
            if not self._closing and not self._failure:
                ended = f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
                self._failure = child.error or f"the {child.role} process {ended}"
                _log.error("the robot stops: %s", self._failure)
                self._end_children()
            self._changed.notify_all()

    def _end_children(self) -> None:
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until a process dies or `close` is called elsewhere; False after `timeout_s`."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._failure) or self._closing, timeout_s)

    def close(self) -> None:
        """End them; the robot decelerates within limits and holds."""
        with self._changed:
            self._closing = True
            self._end_children()
            self._changed.notify_all()
        for child in self._children:
            try:
                child.process.wait(2 * GRACE_S)
            except subprocess.TimeoutExpired:  # not even its own watchdog could end it
                child.process.kill()
                child.process.wait()
        self._watching.join()

    def __enter__(self) -> "RobotProcesses":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _start_child(role: str, configuration: dict, descriptors: list[int]) -> _Child:
    """Start `robotics.bridge.ROLE_process` with the descriptors; it reports through a pipe."""
    reports_read, reports = os.pipe()
    configuration = {**configuration, "reports": reports}
    environment = dict(os.environ)
    # factories are found as here, also from a folder that was put on the path by hand
    environment["PYTHONPATH"] = os.pathsep.join(path or os.getcwd() for path in sys.path)
    if role == "control":
        # its arithmetic is small; more threads would only add jitter
        environment.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", f"robotics.bridge.{role}_process", json.dumps(configuration)],
            stdin=subprocess.DEVNULL,
            env=environment,
            pass_fds=(*descriptors, configuration["lifeline"], reports),
            start_new_session=True,
        )
    except BaseException:
        os.close(reports_read)
        raise
    finally:
        os.close(reports)
    return _Child(role, process, reports_read)
