"""Stops, endpoints, deadlines and time stamps against a robot in real time, in its three processes."""

import dataclasses
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator

import pytest
from contracts.fake_embodiment import fake_embodiment
from contracts.session_motion import events_of, ramp, send_ramp
from contracts.waiting import eventually

from robotics.action import ActionChunk
from robotics.bridge.client import GrpcSession
from robotics.bridge.processes import RobotProcesses
from robotics.bridge.server_settings import ServerSettings
from robotics.bridge.statuses import EStopNotClearedError
from robotics.errors import ChunkRefusedError, StoppedError
from robotics.motion_settings import AS_PLANNED, MotionSettings
from robotics.session import EventKind, RobotMode, RobotState

ROBOT = "contracts.fake_robot:FakeRobot"


@pytest.fixture(scope="module")
def processes() -> Iterator[RobotProcesses]:
    with RobotProcesses(fake_embodiment(), ROBOT, settings=ServerSettings(lease_duration_s=3.0)) as running:
        yield running
        assert running.failure == ""


@pytest.fixture
def session(processes: RobotProcesses) -> Iterator[GrpcSession]:
    with GrpcSession(processes.address, client_name="leader") as session:
        session.take_lease()
        if session.stop_status().is_stopped:
            session.release()
        session.reset("turn_left_arm", 0)
        yield session


def send_long_ramp(session: GrpcSession) -> None:
    send_ramp(session, steps=200, reach=0.5)
    eventually(lambda: session.state().mode is RobotMode.EXECUTING)


def until(states: Iterator[RobotState], happens) -> list[RobotState]:
    """The ticks up to the first for which it is true."""
    seen = []
    for state in states:
        seen.append(state)
        if happens(state):
            return seen
        assert len(seen) < 1500, "it did not happen"
    raise AssertionError("the stream ended")


def test_an_endpoint_that_joins_or_leaves_stops_a_moving_robot(session: GrpcSession):
    send_long_ramp(session)
    with session.become_endpoint("button") as endpoint:
        eventually(lambda: session.state().mode is RobotMode.PROTECTIVE_STOP)
        with pytest.raises(EStopNotClearedError, match="'button': it has not consented yet"):
            session.release()
        endpoint.consent()
        assert session.stop_status().is_stopped  # consent alone moves nothing
        session.release()
        send_long_ramp(session)
    eventually(lambda: session.state().mode is RobotMode.PROTECTIVE_STOP)
    assert "left while the robot moved" in session.state().stop_reason


def test_an_endpoints_emergency_stop_names_it_and_needs_its_consent(session: GrpcSession):
    with session.become_endpoint("red button") as endpoint:
        endpoint.consent()
        session.release()
        send_long_ramp(session)
        endpoint.stop("a hand is in the way")
        eventually(lambda: session.state().mode is RobotMode.EMERGENCY_STOP)
        with pytest.raises(StoppedError, match="'red button': a hand is in the way"):
            send_ramp(session)
        with pytest.raises(EStopNotClearedError):
            session.release()
        endpoint.consent()
        session.release()
        assert session.state().stop_reason == ""


def test_an_endpoint_whose_process_is_frozen_stops_the_robot(session: GrpcSession):
    code = textwrap.dedent(f"""
        import sys, time
        from robotics.bridge.client import GrpcSession
        session = GrpcSession({session.address!r}, client_name="button")
        endpoint = session.become_endpoint("frozen button", 0.4)
        endpoint.consent()
        print("ready", flush=True)
        time.sleep(60)
    """)
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        session.release()
        send_long_ramp(session)
        os.kill(child.pid, signal.SIGSTOP)
        states = until(session.states(), lambda state: state.mode is RobotMode.PROTECTIVE_STOP)
        assert "'frozen button' has been silent for more than 0.4 s" in states[-1].stop_reason
    finally:
        child.kill()
        child.wait()
    with pytest.raises(EStopNotClearedError, match="'frozen button'"):
        session.release()
    session.dismiss_endpoint("frozen button")
    session.release()
    send_long_ramp(session)


def test_a_frozen_leader_has_its_robot_hold_and_may_go_on(processes: RobotProcesses):
    code = textwrap.dedent(f"""
        import sys, time
        import numpy as np
        from robotics.action import ActionChunk
        from robotics.bridge.client import GrpcSession
        session = GrpcSession({processes.address!r}, client_name="sleeper")
        session.take_lease()
        embodiment = session.describe().embodiment
        plan = np.tile(embodiment.home, (900, 1))
        plan[:, 0] += np.linspace(0, 0.6, 900)
        def send():
            session.send(ActionChunk.answering(session.observe(), embodiment, plan))
        send()
        print("moving", flush=True)
        sys.stdin.readline()
        send()
        print("going on", flush=True)
        sys.stdin.readline()
    """)
    with GrpcSession(processes.address, client_name="watcher") as watcher:
        watcher.take_lease()
        if watcher.stop_status().is_stopped:
            watcher.release()
        watcher.reset("turn_left_arm", 0)
        states = watcher.states()
        child = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            assert child.stdout is not None and child.stdin is not None
            assert child.stdout.readline() == "moving\n"
            until(states, lambda state: state.mode is RobotMode.EXECUTING)
            os.kill(child.pid, signal.SIGSTOP)
            seen = until(states, lambda state: events_of([state], EventKind.FAULT))
            (fault,) = events_of(seen, EventKind.FAULT)
            assert fault.text == "nothing was heard of 'sleeper' for 0.5 s: holding"
            assert seen[-1].mode is not RobotMode.EXECUTING
            os.kill(child.pid, signal.SIGCONT)
            child.stdin.write("\n")
            child.stdin.flush()
            assert child.stdout.readline() == "going on\n"
            until(states, lambda state: state.mode is RobotMode.EXECUTING)
        finally:
            child.kill()
            child.wait()


def test_who_stamps_a_chunk_by_its_own_clock_must_know_the_robots(session: GrpcSession):
    observation, embodiment = session.observe(), session.describe().embodiment
    plan = ramp(embodiment, observation.joints.target, 20)
    soon = ActionChunk.answering(observation, embodiment, plan)
    soon = dataclasses.replace(soon, start_time_ns=observation.joints.time_ns + 500_000_000)
    with pytest.raises(ChunkRefusedError, match="compared with the robot's") as refused:
        session.send(soon)
    assert refused.value.status == "no_time_sync"
    assert session.time_sync().uncertainty_ns < embodiment.control_period_ns
    session.send(soon)
    with GrpcSession(session.address, client_name="next") as another:
        another.take_lease()  # what one leader knows another does not
        with pytest.raises(ChunkRefusedError):
            another.send(soon)


def test_motion_settings_end_with_the_lease(session: GrpcSession):
    session.set_motion(MotionSettings(speed=0.3, shadow=True))
    eventually(lambda: session.state().motion.shadow)
    with GrpcSession(session.address, client_name="next") as another:
        another.take_lease()
        eventually(lambda: another.state().motion == AS_PLANNED)


def test_a_robot_that_needs_a_button_starts_stopped():
    settings = ServerSettings(required_endpoints=1)
    with (
        RobotProcesses(fake_embodiment(), ROBOT, settings=settings) as processes,
        GrpcSession(processes.address) as session,
    ):
        eventually(lambda: session.state().mode is RobotMode.PROTECTIVE_STOP)
        with pytest.raises(EStopNotClearedError, match="0 of 1 required"):
            session.release()
        with session.become_endpoint("button") as endpoint:
            endpoint.consent()
            session.release()
            session.reset("turn_left_arm", 0)
            send_ramp(session)
