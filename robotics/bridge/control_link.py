"""What server and control process say to each other over shared memory: commands in, reports out."""

import os
import select
import struct
import time
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from robotics.bridge.latest_value import LatestValue
from robotics.bridge.shared_memory import RecordRing, SharedMemory

COMMAND_RING_SIZE = 8 << 20
REPORT_RING_SIZE = 8 << 20
WORLD_SIZE = 1 << 20
_COMMAND = struct.Struct("=BQq")  # kind, request id, posted at [ns]
_STATE = struct.Struct("=BQI")  # kind, episode, length of the state; the plan follows it
_REPLY = struct.Struct("=BQqqqI")
"""kind, request id, waited, decode, replied at [ns], length of the status; the payload follows it"""
_WORLD = struct.Struct("=QqI")  # episode, robot time [ns], length of the setup; the world state follows it
_DESCRIPTION = b"\x03"


class CommandKind(IntEnum):
    """What the server asks of the control process; in brackets the payload."""

    SEND = 1
    """[ActionChunk]"""
    HOLD = 2
    STOP = 3
    """[reason, UTF-8]"""
    RELEASE = 4
    ANNOTATE = 5
    """[Event]"""
    RESET = 6
    """[ResetRequest]; the reply carries an EpisodeSetup."""
    PROTECTIVE_STOP = 7
    """[reason, UTF-8]"""
    SET_MOTION = 8
    """[MotionSettings]"""


class Command(NamedTuple):
    """One request of the server."""

    kind: CommandKind
    request_id: int
    posted_ns: int
    """The machine's monotonic clock."""
    payload: bytes


class StateReport(NamedTuple):
    """One control tick."""

    episode: int
    """Simulated episodes since start."""
    state: bytes
    """RobotState."""
    plan: np.ndarray
    """From the tick of the state on, flat."""


class Reply(NamedTuple):
    """The answer to one command."""

    request_id: int
    waited_ns: int
    """From posted to taken [ns]."""
    decode_ns: int
    """Making the chunk of its message took [ns]; 0 where the command was none."""
    replied_ns: int
    """The machine's monotonic clock."""
    status: bytes
    """Status."""
    payload: bytes


class Description(NamedTuple):
    """The first report."""

    message: bytes
    """DescribeResponse."""


class World(NamedTuple):
    """What a simulated camera needs to draw."""

    episode: int
    time_ns: int
    setup: bytes
    """EpisodeSetup."""
    state: np.ndarray
    """As `SimulatedRobot.world_state`."""


class ControlSide:
    """The control process's end; it never waits for the server but in `wait`."""

    def __init__(self, commands: SharedMemory, reports: SharedMemory, wake_server: int, woken: int):
        """`wake_server` and `woken` are eventfds; the server writes the latter after each command."""
        self._commands = RecordRing(commands)
        self._reports = RecordRing(reports)
        self._wake_server = wake_server
        self._woken = woken
        self.lost_reports = 0
        """Reports that were too large, or found the ring full because the server does not read."""

    def next_command(self) -> Command | None:
        record = self._commands.read()
        if record is None:
            return None
        kind, request_id, posted_ns = _COMMAND.unpack_from(record)
        return Command(CommandKind(kind), request_id, posted_ns, record[_COMMAND.size :])

    def wait(self, duration_s: float) -> bool:
        """Sleep for so long at most; True as soon as there may be a command."""
        if not select.select((self._woken,), (), (), duration_s)[0]:
            return False
        os.eventfd_read(self._woken)
        return True

    @property
    def server_silent_ns(self) -> int:
        """Time since the server was last alive."""
        return time.monotonic_ns() - self._commands.last_beat_ns

    def describe(self, message: bytes) -> None:
        self._write(_DESCRIPTION, message)

    def report(self, episode: int, state: bytes, plan: np.ndarray) -> None:
        self._write(_STATE.pack(1, episode, len(state)), state, plan.tobytes())

    def reply(self, request_id: int, waited_ns: int, decode_ns: int, status: bytes, payload: bytes) -> None:
        header = _REPLY.pack(2, request_id, waited_ns, decode_ns, time.monotonic_ns(), len(status))
        self._write(header, status, payload)

    def _write(self, *parts: bytes) -> None:
        try:
            written = self._reports.write(*parts)
        except ValueError:  # larger than the ring takes: one report less, where an end would drop the arms
            written = False
        self.lost_reports += not written

    def wake(self) -> None:
        """Let the server read what was reported."""
        os.eventfd_write(self._wake_server, 1)


class ServerSide:
    """The server's end."""

    def __init__(self, commands: SharedMemory, reports: SharedMemory, wake_control: int):
        """`wake_control` is an eventfd."""
        self._wake_control = wake_control
        self._commands = RecordRing(commands)
        self._reports = RecordRing(reports)
        self._request_id = 0

    def beat(self) -> None:
        """The server is alive."""
        self._commands.beat(time.monotonic_ns())

    def post(self, kind: CommandKind, payload: bytes) -> int | None:
        """The request id; None where the control process is so far behind that there is no room."""
        self._request_id += 1
        header = _COMMAND.pack(kind, self._request_id, time.monotonic_ns())
        if not self._commands.write(header, payload):
            return None
        os.eventfd_write(self._wake_control, 1)
        return self._request_id

    def next_report(self) -> StateReport | Reply | Description | None:
        record = self._reports.read()
        if record is None:
            return None
        if record[0] == 1:
            _, episode, length = _STATE.unpack_from(record)
            middle = _STATE.size + length
            return StateReport(episode, record[_STATE.size : middle], np.frombuffer(record[middle:], float))
        if record[0] == 2:
            _, request_id, waited_ns, decode_ns, replied_ns, length = _REPLY.unpack_from(record)
            middle = _REPLY.size + length
            status, payload = record[_REPLY.size : middle], record[middle:]
            return Reply(request_id, waited_ns, decode_ns, replied_ns, status, payload)
        return Description(record[1:])


def write_world(value: LatestValue, world: World) -> None:
    """Show the cameras a moment of the simulation."""
    header = _WORLD.pack(world.episode, world.time_ns, len(world.setup))
    value.write(header, world.setup, np.ascontiguousarray(world.state, float).tobytes())


def read_world(value: LatestValue) -> World | None:
    """The newest moment of the simulation; None before the first."""
    raw = value.read()
    if raw is None:
        return None
    episode, time_ns, length = _WORLD.unpack_from(raw)
    middle = _WORLD.size + length
    return World(episode, time_ns, raw[_WORLD.size : middle], np.frombuffer(raw[middle:], float).copy())
