"""The control process executes what arrives before a tick, answers after it, and never trusts the server."""

import os

import numpy as np
import pytest
from contracts.fake_robot import TASKS, FakeRobot
from contracts.session_contract import ramp

from robotics.action import ActionChunk
from robotics.bridge.codec import decode_setup, decode_state, encode_chunk, encode_event
from robotics.bridge.control import ControlLoop
from robotics.bridge.control_link import (
    CommandKind,
    ControlSide,
    Reply,
    ServerSide,
    StateReport,
    read_world,
)
from robotics.bridge.control_process import CommandDesk
from robotics.bridge.latest_value import LatestValue
from robotics.bridge.shared_memory import SharedMemory
from robotics.bridge.v1 import simulation_service_pb2, types_pb2
from robotics.clock import SteppedClock
from robotics.session import Event, EventKind, RobotMode, RobotState

PERIOD_NS = 20_000_000


class Wired:
    """A control loop behind shared memory, whose server is this test."""

    def __init__(self, report_ring_size: int = 1 << 20):
        self.commands = SharedMemory.create("commands", 1 << 20)
        self.reports = SharedMemory.create("reports", report_ring_size)
        self.world = LatestValue(SharedMemory.create("world", 1 << 16))
        self.woken = 0
        self.robot, self.clock = FakeRobot(), SteppedClock()
        self.loop = ControlLoop(self.robot, self.clock)
        commands_ready = os.eventfd(0, os.EFD_NONBLOCK)
        self.link = ControlSide(self.commands, self.reports, wake_server=-1, woken=commands_ready)
        self.link.wake = self._wake
        self.server = ServerSide(self.commands, self.reports, wake_control=commands_ready)
        self.server.beat()
        self.desk = CommandDesk(self.loop, self.link, self.world)

    def _wake(self) -> None:
        self.woken += 1

    def tick(self) -> RobotState:
        """One control tick as the real-time runner does it; what has arrived was early enough."""
        self.desk.wait(0.0015)
        self.desk.before_tick()
        if self.loop.next_time_ns > self.clock.now_ns():
            self.clock.advance(self.loop.next_time_ns - self.clock.now_ns())
        state = self.loop.tick(lambda _: self.robot.step(self.loop.servo_period_ns))
        self.clock.advance(PERIOD_NS)
        self.desk.on_tick(state)
        return state

    def heard(self) -> list:
        """Every report since the last call."""
        return list(iter(self.server.next_report, None))

    def post_ramp(self, steps: int = 50) -> int | None:
        chunk = ActionChunk(
            ramp(self.loop.embodiment, self.loop.last_target, steps),
            self.loop.next_time_ns,
            PERIOD_NS,
            self.clock.clock_id,
            self.loop.embodiment.interface_fingerprint,
        )
        return self.server.post(CommandKind.SEND, encode_chunk(chunk).SerializeToString())


@pytest.fixture
def wired() -> Wired:
    return Wired()


def code_of(reply: Reply) -> int:
    return types_pb2.Status.FromString(reply.status).code


def test_the_answer_to_a_chunk_follows_the_state_of_the_tick_that_executes_it(wired: Wired):
    request_id = wired.post_ramp()
    wired.tick()
    report, reply = wired.heard()
    assert isinstance(report, StateReport) and isinstance(reply, Reply)
    state = decode_state(types_pb2.RobotState.FromString(report.state))
    assert state.mode is RobotMode.EXECUTING and state.plan_steps == 49
    assert report.plan.size == 50 * 14
    np.testing.assert_array_equal(report.plan[:14], state.requested)
    assert reply.request_id == request_id and code_of(reply) == types_pb2.STATUS_CODE_OK
    assert wired.woken == 1


def test_commands_of_one_tick_are_executed_in_order(wired: Wired):
    ids = [wired.post_ramp(), wired.server.post(CommandKind.HOLD, b""), wired.post_ramp(7)]
    state = wired.tick()
    replies = [r for r in wired.heard() if isinstance(r, Reply)]
    assert [reply.request_id for reply in replies] == ids
    assert state.plan_steps == 6


def test_stop_release_and_annotations_reach_the_loop(wired: Wired):
    wired.server.post(CommandKind.STOP, "händ".encode())
    assert wired.tick().mode is RobotMode.EMERGENCY_STOP
    wired.server.post(CommandKind.RELEASE, b"")
    event = encode_event(Event(EventKind.INSTRUCTION, "lift")).SerializeToString()
    wired.server.post(CommandKind.ANNOTATE, event)
    state = wired.tick()
    assert state.mode is RobotMode.HOLDING and state.instruction == "lift"


def test_a_reset_is_answered_by_its_setup_and_shown_to_the_cameras(wired: Wired):
    request = simulation_service_pb2.ResetRequest(task=TASKS[1].name, seed=3)
    wired.server.post(CommandKind.RESET, request.SerializeToString())
    state = wired.tick()
    report, reply = wired.heard()
    setup = decode_setup(types_pb2.EpisodeSetup.FromString(reply.payload))
    assert (setup.task, setup.seed, setup.instruction) == (TASKS[1].name, 3, state.instruction)
    world = read_world(wired.world)
    assert world is not None and world.episode == report.episode == 1
    assert world.time_ns == state.joints.time_ns and world.setup == reply.payload
    assert world.state.shape == (14,)


@pytest.mark.parametrize(
    "kind", [CommandKind.SEND, CommandKind.ANNOTATE, CommandKind.RESET, CommandKind.STOP]
)
def test_a_payload_that_makes_no_sense_is_refused_and_the_beat_goes_on(wired: Wired, kind: CommandKind):
    wired.server.post(kind, b"\xff\xfe\xfd")
    wired.tick()
    _, reply = wired.heard()
    assert code_of(reply) != types_pb2.STATUS_CODE_OK
    wired.tick()
    assert len(wired.heard()) == 1


def test_a_server_that_falls_silent_in_motion_leaves_a_robot_that_holds_and_says_so(wired: Wired):
    wired.post_ramp(200)
    assert wired.tick().mode is RobotMode.EXECUTING
    wired.commands.words[16] = 1  # its last sign of life was at the machine's start
    states = [wired.tick() for _ in range(30)]
    assert states[-1].mode is RobotMode.HOLDING and states[-1].starvations == 0
    faults = [event for state in states for event in state.events if event.kind is EventKind.FAULT]
    assert [fault.text for fault in faults] == ["the server process does not answer: holding"]


def test_a_server_that_does_not_read_stops_nothing_and_the_loss_is_counted():
    wired = Wired(report_ring_size=4096)
    states = [wired.tick() for _ in range(50)]
    assert [state.joints.tick for state in states] == list(range(50))
    assert wired.link.lost_reports > 20
    assert len(wired.heard()) + wired.link.lost_reports == 50


def test_a_report_that_is_too_large_is_lost_and_ends_nothing():
    wired = Wired(report_ring_size=1 << 14)
    wired.loop.annotate(Event(EventKind.NOTE, "n" * 20_000))
    wired.tick()
    assert wired.link.lost_reports == 1
    wired.tick()
    assert [type(report) for report in wired.heard()] == [StateReport]


def test_a_driver_that_fails_is_told_in_a_last_tick():
    wired = Wired()
    state = wired.tick()
    wired.desk.on_failure(OSError("bus gone"))
    last = decode_state(types_pb2.RobotState.FromString(wired.heard()[-1].state))
    assert last.joints.tick == state.joints.tick + 1
    assert last.mode is RobotMode.PROTECTIVE_STOP
    assert last.stop_reason == "control failed: OSError: bus gone"
    assert [event.kind for event in last.events] == [EventKind.FAULT, EventKind.STOP]
    np.testing.assert_array_equal(last.applied, state.applied)
