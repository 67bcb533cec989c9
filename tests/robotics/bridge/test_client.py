"""The session over gRPC is a robot session, and behaves exactly as the session in process."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from contracts.fake_robot import FakeCameraRig, FakeRobot
from contracts.session_contract import TASK, RobotSessionContract, events_of, ramp, send_ramp
from contracts.waiting import eventually

from robotics.action import ActionChunk
from robotics.bridge.client import GrpcSession
from robotics.bridge.local_session import LocalSession
from robotics.bridge.server import LockstepServer
from robotics.bridge.server_settings import ServerSettings
from robotics.bridge.time_sync import TimeSyncError
from robotics.embodiments import load_embodiment
from robotics.errors import ConnectionFailedError, LeaseError, StoppedError
from robotics.session import Event, EventKind, RobotSession, RobotState


@pytest.fixture
def server() -> Iterator[LockstepServer]:
    serving = LockstepServer(lambda: LocalSession(FakeRobot(), FakeCameraRig()))
    yield serving
    serving.close()


@pytest.fixture
def session(server: LockstepServer) -> Iterator[GrpcSession]:
    with GrpcSession(server.address, client_name="anna") as connected:
        yield connected


@pytest.fixture
def other(server: LockstepServer) -> Iterator[GrpcSession]:
    with GrpcSession(server.address, client_name="bert") as connected:
        yield connected


class TestGrpcSession(RobotSessionContract):
    @pytest.fixture
    def session(self, server: LockstepServer):
        with GrpcSession(server.address) as connected:
            yield connected


def drive(session: RobotSession, task: str) -> tuple[list[RobotState], list[np.ndarray]]:
    """Plans that replace each other, jump and run out; a stop, an annotation and a second episode."""
    embodiment = session.describe().embodiment
    random = np.random.default_rng(7)
    states, plans = [], []
    for seed in (3, 4):
        session.reset(task, seed)
        for _ in range(6):
            observation = session.observe()
            plans.append(observation.plan)
            goal = observation.joints.target + random.uniform(-0.2, 0.2, embodiment.action_dim)
            goal = np.clip(goal, embodiment.position_lower, embodiment.position_upper)
            positions = np.linspace(observation.joints.target, goal, 25)
            session.send(ActionChunk.answering(observation, embodiment, positions, positions + 0.01))
            states.extend(session.advance(15))
        session.annotate(Event(EventKind.NOTE, "half way"))
        states.extend(session.advance(20))
        session.stop("enough")
        states.extend(session.advance(5))
        session.release()
    return states, plans


def assert_same_trajectories(left: Sequence[RobotState], right: Sequence[RobotState]) -> None:
    """Equal to the last bit, but for the wall time that stages took and who is named in a stop."""
    assert len(left) == len(right)
    for a, b in zip(left, right, strict=True):
        for name in ("requested", "applied", "intended"):
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
        for name in ("position", "velocity", "target"):
            np.testing.assert_array_equal(getattr(a.joints, name), getattr(b.joints, name))
        assert (a.joints.tick, a.joints.time_ns) == (b.joints.tick, b.joints.time_ns)
        for name in ("mode", "plan_steps", "chunk_id", "instruction", "guard_counts", "starvations", "task"):
            assert getattr(a, name) == getattr(b, name)
        told = [(e.kind, e.time_ns, dict(e.data)) for e in a.events]
        assert told == [(e.kind, e.time_ns, dict(e.data)) for e in b.events]


def test_a_session_in_process_and_one_over_grpc_give_equal_trajectories(session: GrpcSession):
    local = LocalSession(FakeRobot(), FakeCameraRig())
    local_states, local_plans = drive(local, TASK)
    wire_states, wire_plans = drive(session, TASK)
    assert_same_trajectories(local_states, wire_states)
    for a, b in zip(local_plans, wire_plans, strict=True):
        np.testing.assert_array_equal(a, b)
    assert len({state.applied.tobytes() for state in wire_states}) > 100


def test_trajectories_are_equal_with_physics_too():
    from sim.robot import SimulatedRobot

    embodiment = load_embodiment("aloha2")
    local_states, _ = drive(LocalSession(SimulatedRobot(embodiment)), "put_in_bowl")
    server = LockstepServer(lambda: LocalSession(SimulatedRobot(embodiment)))
    with GrpcSession(server.address) as session:
        wire_states, _ = drive(session, "put_in_bowl")
    server.close()
    assert_same_trajectories(local_states, wire_states)


def test_pictures_are_equal_and_jpeg_is_offered(server: LockstepServer, session: GrpcSession):
    local = LocalSession(FakeRobot(), FakeCameraRig())
    local.reset(TASK, 1)
    session.reset(TASK, 1)
    cameras = local.describe().embodiment.camera_names
    mine, theirs = local.observe(cameras).images, session.observe(cameras).images
    assert list(mine) == list(theirs)
    for camera in cameras:
        np.testing.assert_array_equal(mine[camera].image, theirs[camera].image)
        assert theirs[camera].image.flags.writeable
    with GrpcSession(server.address, jpeg_quality=95) as slow:
        image = slow.observe(["overhead"]).images["overhead"].image
        assert np.abs(image.astype(int) - mine["overhead"].image).mean() < 3


# Who leads


def test_a_second_client_is_refused_and_told_who_leads(session: GrpcSession, other: GrpcSession):
    session.reset(TASK, 0)
    for command in (
        lambda: other.reset(TASK, 0),
        lambda: other.advance(1),
        lambda: send_ramp(other),
        other.hold,
        other.release,
        lambda: other.annotate(Event(EventKind.INSTRUCTION, "dance")),
    ):
        with pytest.raises(LeaseError, match="'anna' leads the robot"):
            command()
    assert other.lease_owner() == "anna"


def test_looking_noting_and_stopping_need_no_lease(session: GrpcSession, other: GrpcSession):
    session.reset(TASK, 0)
    assert other.state().instruction == other.observe(["overhead"]).instruction
    other.annotate(Event(EventKind.NOTE, "nice"))
    other.stop("too close")
    states = session.advance(1)
    (note,) = events_of(states, EventKind.NOTE)
    assert note.text == "nice"
    with pytest.raises(StoppedError, match=r"too close.*bert"):
        send_ramp(session)


def test_an_emergency_stop_latches_over_the_wire_until_the_leader_releases_it(session, other):
    session.reset(TASK, 0)
    send_ramp(session)
    session.advance(10)
    other.stop("hand in the way")
    session.advance(30)
    with pytest.raises(StoppedError):
        session.reset(TASK, 0)
    session.release()
    send_ramp(session)
    assert session.advance(5)[-1].plan_steps == 45


def test_the_lease_goes_to_the_next_client_when_the_first_closes(session: GrpcSession, other: GrpcSession):
    session.reset(TASK, 0)
    send_ramp(session)
    session.close()
    assert len(other.observe().plan) == 0
    other.advance(1)
    assert other.lease_owner() == "bert"


def test_a_taken_lease_drops_the_plan_and_is_told_to_everybody(session: GrpcSession, other: GrpcSession):
    session.reset(TASK, 0)
    send_ramp(session)
    session.advance(10)
    assert other.take_lease() == "anna"
    assert len(other.observe().plan) == 0
    (note,) = events_of(other.advance(1), EventKind.NOTE)
    assert "'bert' took the lease from 'anna'" in note.text
    with pytest.raises(LeaseError, match="'bert' leads"):
        session.advance(1)


def test_a_robot_that_runs_in_lockstep_says_what_it_cannot_do(session: GrpcSession):
    with pytest.raises(TimeSyncError, match="lockstep"):
        session.time_sync()
    assert list(session.states()) == [] and list(session.frames(["overhead"])) == []


# Clients that are lost

CLIENT = """
import sys, time, numpy as np
from robotics.action import ActionChunk
from robotics.bridge.client import GrpcSession
session = GrpcSession(sys.argv[1], client_name="lost")
if sys.argv[2] == "lockstep":
    session.reset("turn_left_arm", 0)
observation, embodiment = session.observe(), session.describe().embodiment
positions = np.tile(observation.joints.target, (500, 1))
positions[:, 0] += np.linspace(0, 1, 500)
session.send(ActionChunk.answering(observation, embodiment, positions))
print("sent", flush=True)
time.sleep(600)
"""


@pytest.fixture
def start_client():
    clients = []

    def start(address: str, mode: str = "lockstep") -> subprocess.Popen:
        client = subprocess.Popen(
            [sys.executable, "-c", CLIENT, address, mode], stdout=subprocess.PIPE, text=True
        )
        clients.append(client)
        assert client.stdout is not None and client.stdout.readline() == "sent\n"
        return client

    yield start
    for client in clients:
        client.kill()
        client.wait()
        client.stdout.close()


def test_a_killed_client_s_plan_is_dropped(server: LockstepServer, start_client):
    client = start_client(server.address)
    with GrpcSession(server.address) as watcher:
        assert len(watcher.observe().plan) == 500
        client.kill()
        eventually(lambda: len(watcher.observe().plan) == 0)


def test_a_frozen_client_s_lease_expires_its_plan_is_dropped_and_another_can_lead(start_client):
    server = LockstepServer(lambda: LocalSession(FakeRobot()), settings=ServerSettings(lease_duration_s=0.5))
    try:
        client = start_client(server.address)
        client.send_signal(signal.SIGSTOP)
        with GrpcSession(server.address) as watcher:
            eventually(lambda: len(watcher.observe().plan) == 0)
            states = watcher.advance(1)
            (fault,) = events_of(states, EventKind.FAULT)
            assert "lease of 'lost' expired" in fault.text
    finally:
        server.close()


def test_a_client_learns_that_its_lease_expired_and_may_then_lead_again(monkeypatch):
    monkeypatch.setattr("robotics.bridge.held_lease._RETAINS_PER_DEADLINE", 0.2)  # far too seldom
    server = LockstepServer(lambda: LocalSession(FakeRobot()), settings=ServerSettings(lease_duration_s=0.2))
    try:
        with GrpcSession(server.address, client_name="anna") as session:
            session.reset(TASK, 0)
            eventually(lambda: session.lease_owner() == "")
            with pytest.raises(LeaseError, match="lease of 'anna' expired"):
                session.advance(1)
            session.advance(1)
    finally:
        server.close()


# Addresses


def test_an_address_where_nobody_listens_is_said_in_one_line():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(ConnectionFailedError) as failed:
            GrpcSession(address)
    assert address in str(failed.value) and "\n" not in str(failed.value)


def test_a_server_that_is_gone_is_said_in_one_line(server: LockstepServer, session: GrpcSession):
    session.reset(TASK, 0)
    send_ramp(session)
    server.close()
    for call in (session.state, session.observe, lambda: session.advance(1), session.hold, session.stop):
        with pytest.raises(ConnectionFailedError, match=server.address) as failed:
            call()
        assert "\n" not in str(failed.value)
    embodiment = session.describe().embodiment
    chunk = ActionChunk(ramp(embodiment, embodiment.home, 5), 0, 1, "", "")
    with pytest.raises(ConnectionFailedError):
        session.send(chunk)


def test_a_client_s_name_says_program_user_and_process(server: LockstepServer):
    with GrpcSession(server.address) as session:
        session.advance(1)
        assert f"process {os.getpid()}" in session.lease_owner()
