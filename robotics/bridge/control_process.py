"""The control process: control loop and driver, or physics. No gRPC, no images, no torch in it."""

import contextlib
import sys
import time
from collections import deque
from typing import Any, NamedTuple

from robotics.bridge.child import Parent, load_factory, run_child
from robotics.bridge.codec import decode_chunk, decode_event, decode_motion, encode_setup, encode_state
from robotics.bridge.control import ControlLoop
from robotics.bridge.control_link import Command, CommandKind, ControlSide, World, write_world
from robotics.bridge.embodiment_codec import encode_description
from robotics.bridge.latest_value import LatestValue
from robotics.bridge.local_session import software_version
from robotics.bridge.realtime import enter_realtime, run_realtime
from robotics.bridge.shared_memory import SharedMemory
from robotics.bridge.statuses import OK, status_of
from robotics.bridge.v1 import simulation_service_pb2, types_pb2
from robotics.clock import MonotonicClock
from robotics.embodiment import load_embodiment_file
from robotics.session import Event, EventKind, RobotDescription, RobotMode, RobotState
from robotics.task import EpisodeSetup

_SERVER_SILENCE_NS = 500_000_000
"""A server that is silent for longer has died or hangs: nobody could stop the robot, so it holds."""
_QUIET_NS = 1_000_000
"""So long before a deadline no chunk is taken: decoding one must not make the tick late."""
_ACCEPTED = OK.SerializeToString()


class _Outcome(NamedTuple):
    """What became of a command."""

    request_id: int
    posted_ns: int
    decode_ns: int
    status: bytes
    payload: bytes


class CommandDesk:
    """Puts the server's commands into the control loop between ticks, and reports after each tick."""

    def __init__(self, loop: ControlLoop, link: ControlSide, world: LatestValue):
        self._loop = loop
        self._link = link
        self._world = world
        self._episode = 0
        self._setup = b""
        self._kept: deque[Command] = deque()
        self._outcomes: list[_Outcome] = []
        self._decode_ns = 0
        self._due_ns = 0
        self._server_lost = False

    def wait(self, duration_s: float) -> None:
        """Sleep for so long at most; a command that arrives early enough is executed at once."""
        listen_s = duration_s - _QUIET_NS * 1e-9
        if listen_s <= 0.0:
            time.sleep(duration_s)
        elif self._kept or self._link.wait(listen_s):
            self.take_commands()

    def take_commands(self) -> None:
        """Execute what has arrived, but a reset, which has to wait until a tick is due."""
        self._fetch()
        while self._kept and self._kept[0].kind is not CommandKind.RESET:
            self._take(self._kept.popleft())
        self._loop.prepare()

    def before_tick(self) -> None:
        """A tick is due: execute every command that has arrived.

        Where all that came at the last moment are chunks, they are left for the tick after this one.
        """
        self._fetch()
        self._due_ns = self._loop.clock.now_ns()
        freshest_ns = self._loop.next_time_ns - _QUIET_NS
        if any(c.kind is not CommandKind.SEND or c.posted_ns < freshest_ns for c in self._kept):
            while self._kept:
                self._take(self._kept.popleft())
        self._watch_server()

    def _fetch(self) -> None:
        while (command := self._link.next_command()) is not None:
            self._kept.append(command)

    def _take(self, command: Command) -> None:
        status, payload, self._decode_ns = _ACCEPTED, b"", 0
        try:
            payload = self._execute(command)
        except Exception as error:  # a command must never end the loop; the sender learns what it did
            status = status_of(error).SerializeToString()
        self._outcomes.append(
            _Outcome(command.request_id, command.posted_ns, self._decode_ns, status, payload)
        )

    def _execute(self, command: Command) -> bytes:
        loop, payload = self._loop, command.payload
        match command.kind:
            case CommandKind.SEND:
                started_ns = time.perf_counter_ns()
                chunk = decode_chunk(types_pb2.ActionChunk.FromString(payload))
                self._decode_ns = time.perf_counter_ns() - started_ns
                loop.submit(chunk)
            case CommandKind.HOLD:
                loop.hold()
            case CommandKind.STOP:
                loop.stop(payload.decode())
            case CommandKind.PROTECTIVE_STOP:
                loop.protective_stop(payload.decode())
            case CommandKind.SET_MOTION:
                loop.set_motion(decode_motion(types_pb2.MotionSettings.FromString(payload)))
            case CommandKind.RELEASE:
                loop.release()
            case CommandKind.ANNOTATE:
                loop.annotate(decode_event(types_pb2.Event.FromString(payload)))
            case CommandKind.RESET:
                request = simulation_service_pb2.ResetRequest.FromString(payload)
                instruction = request.instruction if request.HasField("instruction") else None
                return self.reset(request.task, request.seed, instruction)
        return b""

    def reset(self, task: str, seed: int, instruction: str | None) -> bytes:
        """Start an episode; the cameras follow with the next tick. Returns its EpisodeSetup message."""
        setup: EpisodeSetup = self._loop.reset(task, seed, instruction)
        self._episode += 1
        self._setup = encode_setup(setup).SerializeToString()
        return self._setup

    def _watch_server(self) -> None:
        silent = self._link.server_silent_ns > _SERVER_SILENCE_NS
        if silent and not self._server_lost and self._loop.mode is RobotMode.EXECUTING:
            self._server_lost = True
            self._loop.hold()
            self._loop.annotate(Event(EventKind.FAULT, "the server process does not answer: holding"))
        elif not silent:
            self._server_lost = False

    def on_tick(self, state: RobotState) -> None:
        """Report the tick, then what became of the commands before it."""
        if self._loop.simulation is not None:
            world_state = self._loop.simulation.world_state()
            write_world(self._world, World(self._episode, state.joints.time_ns, self._setup, world_state))
        self._link.report(
            self._episode,
            encode_state(state).SerializeToString(),
            self._loop.remaining_plan(state.joints.tick),
        )
        for outcome in self._outcomes:
            waited_ns = max(0, self._due_ns - outcome.posted_ns)
            self._link.reply(
                outcome.request_id, waited_ns, outcome.decode_ns, outcome.status, outcome.payload
            )
        self._outcomes.clear()
        self._link.wake()

    def on_failure(self, error: Exception) -> None:
        """Tell who reads the state stream why it ends; the process ends with the same error."""
        self.on_tick(self._loop.fail(f"control failed: {type(error).__name__}: {error}"))


def main(configuration: dict[str, Any], parent: Parent) -> None:
    """Build the robot, then keep the beat until the parent ends."""
    embodiment = load_embodiment_file(configuration["embodiment"])
    robot = load_factory(configuration["robot_factory"])(embodiment)
    try:
        loop = ControlLoop(robot, MonotonicClock())
        link = ControlSide(
            SharedMemory(configuration["commands"]),
            SharedMemory(configuration["states"]),
            configuration["states_ready"],
            configuration["commands_ready"],
        )
        desk = CommandDesk(loop, link, LatestValue(SharedMemory(configuration["world"])))
        tasks = () if loop.simulation is None else tuple(loop.simulation.tasks())
        description = RobotDescription(
            embodiment=embodiment,
            clock_id=loop.clock.clock_id,
            lockstep=False,
            simulated=loop.simulation is not None,
            tasks=tasks,
            software_version=software_version(),
        )
        if tasks:
            # so that there is a world to look at before a client asks for an episode
            desk.reset(tasks[0].name, seed=0, instruction=None)
        link.describe(encode_description(description).SerializeToString())
        if loop.guard.collision is None:
            parent.report("note", f"collisions are not watched: '{embodiment.name}' has no model file")
        parent.report("note", enter_realtime())
        parent.report("ready")
        try:
            run_realtime(loop, parent.ended.is_set, desk.on_tick, desk.before_tick, desk.wait)
        except Exception as error:
            with contextlib.suppress(Exception):  # told is what failed first
                desk.on_failure(error)
            raise
    finally:
        robot.close()


if __name__ == "__main__":
    sys.exit(run_child(main))
