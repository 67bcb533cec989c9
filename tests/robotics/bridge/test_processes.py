"""A robot in real time is three processes that start together, serve, and end together, whatever happens."""

import itertools
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from contracts.fake_embodiment import FAKE_EMBODIMENT_FILE, fake_embodiment
from contracts.fake_robot import TASKS, joint_as_pixel
from contracts.session_contract import assert_within_limits, events_of, ramp, send_ramp
from contracts.waiting import eventually

from robotics.action import ActionChunk
from robotics.bridge.client import GrpcSession
from robotics.bridge.processes import RobotProcesses
from robotics.bridge.server_settings import ServerSettings
from robotics.bridge.statuses import NotSupportedError
from robotics.embodiment import Embodiment
from robotics.errors import ChunkRefusedError, ConnectionFailedError, RoboticsError, StoppedError
from robotics.session import Event, EventKind, RobotMode, RobotState

ROBOT = "contracts.fake_robot:FakeRobot"
CAMERAS = "contracts.fake_robot:FakeCameraRig"
TASK = TASKS[0].name


@pytest.fixture(scope="module")
def processes() -> Iterator[RobotProcesses]:
    with RobotProcesses(
        fake_embodiment(), ROBOT, CAMERAS, settings=ServerSettings(lease_duration_s=1.0)
    ) as running:
        yield running
        assert running.failure == ""


@pytest.fixture
def session(processes: RobotProcesses) -> Iterator[GrpcSession]:
    with GrpcSession(processes.address, client_name="anna") as connected:
        connected.reset(TASK, 0)
        yield connected


def is_running(process_id: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # it may go while it is being read
        return False


def test_it_says_what_real_time_rights_it_has(processes: RobotProcesses):
    said = [note.removeprefix("control: ") for note in processes.notes if note.startswith("control: ")]
    assert any("SCHED_FIFO" in note and "memory" in note for note in said)
    assert any("collisions are not watched" in note for note in said)  # this robot has no model
    assert set(processes.process_ids) == {"control", "server", "camera"}


def assert_within_limits_while_consecutive(embodiment: Embodiment, states: Sequence[RobotState]) -> None:
    """As `assert_within_limits`; a busy machine may miss ticks, across which nothing can be said."""
    run = [states[0]]
    for state in states[1:]:
        if state.joints.tick != run[-1].joints.tick + 1:
            assert_within_limits(embodiment, run)
            run = []
        run.append(state)
    assert_within_limits(embodiment, run)


def test_a_chunk_is_executed_in_real_time_step_by_step(session: GrpcSession):
    states = session.states()
    observation, embodiment = session.observe(), session.describe().embodiment
    positions = ramp(embodiment, observation.joints.target, 60)
    acknowledged, waited_ns = session.send_and_wait(ActionChunk.answering(observation, embodiment, positions))
    assert acknowledged.mode is RobotMode.EXECUTING and waited_ns > 0
    seen = list(itertools.islice(states, 100))
    ticks = [state.joints.tick for state in seen]
    assert ticks == sorted(set(ticks))
    moving = [state for state in seen if state.mode is RobotMode.EXECUTING]
    assert observation.joints.tick < moving[0].joints.tick <= acknowledged.joints.tick
    for step, state in enumerate(moving):  # the robot stood still before: nothing is skipped
        np.testing.assert_array_equal(state.requested, positions[step])
        assert state.plan_steps == 59 - step
    assert_within_limits_while_consecutive(embodiment, seen)
    np.testing.assert_array_equal(seen[-1].applied, positions[-1])
    stages = {row.stage for state in seen for row in state.statistics}
    assert {"read", "write", "lateness"} <= stages


def test_an_observation_carries_the_plan_from_its_tick_on(session: GrpcSession):
    first, embodiment = session.observe(), session.describe().embodiment
    positions = ramp(embodiment, first.joints.target, 200)
    session.send(ActionChunk.answering(first, embodiment, positions))
    later = session.observe()
    np.testing.assert_array_equal(later.plan, positions[len(positions) - len(later.plan) :])
    assert 0 < len(later.plan) <= 200
    # the row after the tick's own is what the next tick asks for
    following = next(state for state in session.states() if state.joints.tick > later.joints.tick)
    ticks = following.joints.tick - later.joints.tick
    np.testing.assert_array_equal(following.requested, later.plan[ticks])


def test_refusals_and_stops_arrive_as_in_lockstep(session: GrpcSession):
    observation, embodiment = session.observe(), session.describe().embodiment
    with pytest.raises(ChunkRefusedError) as refused:
        session.send(ActionChunk.answering(observation, embodiment, np.full((5, 14), np.nan)))
    assert refused.value.status == "not_finite"
    session.stop("hand")
    with pytest.raises(StoppedError, match="hand"):
        send_ramp(session)
    with pytest.raises(StoppedError):
        session.reset(TASK, 0)
    session.release()
    send_ramp(session)
    with pytest.raises(NotSupportedError, match="real time"):
        session.advance(1)


def test_pictures_follow_the_arms_and_a_reset(session: GrpcSession):
    assert_pictures_follow(session)


def test_pictures_over_the_wire_do_so_too(processes: RobotProcesses):
    with GrpcSession(processes.address, share_memory=False) as remote:
        remote.reset(TASK, 0)
        assert_pictures_follow(remote)


def test_a_client_on_this_machine_gets_the_pixels_that_the_wire_would_bring(processes: RobotProcesses):
    with (
        GrpcSession(processes.address) as local,
        GrpcSession(processes.address, share_memory=False) as remote,
    ):
        assert local._shared is not None and remote._shared is None
        mine = {frame.capture_time_ns: frame for _, frame in itertools.islice(local.frames(["overhead"]), 5)}
        observed = local.observe(["overhead"]).images["overhead"]
        assert observed.image.flags.writeable
        theirs = remote.observe(["overhead"]).images["overhead"]
        assert observed.image.shape == theirs.image.shape and len(mine) == 5
        # the arms stand, so that every picture shows the same
        for frame in mine.values():
            np.testing.assert_array_equal(frame.image, theirs.image)


def assert_pictures_follow(session: GrpcSession) -> None:
    send_ramp(session, steps=60, reach=0.7)
    frames = session.frames(["overhead", "wrist_left"])
    seen = [next(frames) for _ in range(50)]
    assert {camera for camera, _ in seen} == {"overhead", "wrist_left"}
    overhead = [frame for camera, frame in seen if camera == "overhead"]
    times_ns = [frame.capture_time_ns for frame in overhead]
    assert times_ns == sorted(set(times_ns))
    assert overhead[0].image[0, 0, 0] < overhead[-1].image[0, 0, 0]
    session.reset(TASK, 1)
    observation = session.observe(["overhead"])
    home = joint_as_pixel(session.describe().embodiment.home[0])
    assert observation.images["overhead"].image[0, 0, 0] == home


def test_it_ends_without_noise_though_clients_still_listen(capfd):
    ending = RobotProcesses(fake_embodiment(), ROBOT, CAMERAS)
    with ending, GrpcSession(ending.address) as session:
        states, frames = session.states(), session.frames(["overhead"])
        send_ramp(session, steps=200)
        next(states), next(frames)
        ending.close()
        with pytest.raises(ConnectionFailedError):
            list(states)
        with pytest.raises(ConnectionFailedError):
            list(frames)
    assert capfd.readouterr().err == ""


def test_events_and_instructions_come_back_in_the_state_stream(session: GrpcSession):
    states = session.states()
    session.annotate(Event(EventKind.INSTRUCTION, "sing"))
    seen = list(itertools.islice(states, 30))
    assert "sing" in [event.text for event in events_of(seen, EventKind.INSTRUCTION)]
    assert seen[-1].instruction == "sing" == session.observe().instruction


def test_robot_time_is_known_to_a_client(session: GrpcSession):
    sync = session.time_sync()
    assert sync.clock_id == session.describe().clock_id
    # the same machine, the same clock
    assert abs(sync.offset_ns) <= sync.uncertainty_ns


def test_a_client_killed_in_motion_leaves_a_robot_that_decelerates_and_holds(processes: RobotProcesses):
    client = start_lost_client(processes.address)
    with GrpcSession(processes.address) as watcher:
        states = watcher.states()
        moving = next(
            state for state in states if state.mode is RobotMode.EXECUTING and state.applied[0] > 0.02
        )
        client.kill()
        seen = [moving]
        while seen[-1].mode is not RobotMode.HOLDING:
            seen.append(next(states))
        client.wait()
        assert seen[-1].applied[0] < 2.0
        assert_within_limits_while_consecutive(watcher.describe().embodiment, seen)


def start_lost_client(address: str) -> subprocess.Popen:
    """A client that has sent a long slow motion, and does nothing more."""
    client = subprocess.Popen([sys.executable, "-c", LOST_CLIENT, address], stdout=subprocess.PIPE, text=True)
    assert client.stdout is not None and client.stdout.readline() == "sent\n"
    client.stdout.close()
    return client


LOST_CLIENT = """
import sys, time, numpy as np
from robotics.action import ActionChunk
from robotics.bridge.client import GrpcSession
session = GrpcSession(sys.argv[1], client_name="lost")
session.reset("turn_left_arm", 0)
observation, embodiment = session.observe(), session.describe().embodiment
positions = np.tile(observation.joints.target, (500, 1))
positions[:, 0] += 2.0 * (1 - np.cos(np.linspace(0, np.pi, 500))) / 2
session.send(ActionChunk.answering(observation, embodiment, positions))
print("sent", flush=True)
time.sleep(600)
"""


# Starting


def test_a_port_in_use_is_said_in_one_line(processes: RobotProcesses):
    with pytest.raises(RoboticsError, match=r"does not start.*in use") as failed:
        RobotProcesses(fake_embodiment(), ROBOT, address=processes.address)
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize(
    ("factory", "line"),
    [
        ("contracts.broken_robots:make_nothing", "arm 'left' does not answer on its bus"),
        ("contracts.nowhere:Robot", "nothing is called 'contracts.nowhere:Robot'"),
        ("contracts.fake_robot:NoRobot", "nothing is called 'contracts.fake_robot:NoRobot'"),
    ],
)
def test_a_robot_that_cannot_be_made_is_said_in_one_line(factory: str, line: str):
    with pytest.raises(RoboticsError, match=line) as failed:
        RobotProcesses(fake_embodiment(), factory)
    assert "\n" not in str(failed.value)


def test_without_cameras_it_runs_and_says_so_when_asked_for_pictures():
    with (
        RobotProcesses(fake_embodiment(), ROBOT) as processes,
        GrpcSession(processes.address) as session,
    ):
        assert "camera" not in processes.process_ids
        session.reset(TASK, 0)
        assert session.observe().joints.tick > 0
        with pytest.raises(RoboticsError, match="started without them"):
            session.observe(["overhead"])
        started = list(processes.process_ids.values())
    assert not any(map(is_running, started))


# Ending


def test_a_driver_that_fails_ends_the_robot_and_is_named():
    with RobotProcesses(fake_embodiment(), "contracts.broken_robots:FailingRobot") as processes:
        session = GrpcSession(processes.address)
        session.reset(TASK, 0)
        send_ramp(session)
        assert processes.wait(30)
        assert "bus gone" in processes.failure and "\n" not in processes.failure
        eventually(lambda: not any(map(is_running, processes.process_ids.values())))
        with pytest.raises(ConnectionFailedError):
            session.state()
        session.close()


def test_a_camera_process_that_is_killed_ends_the_robot_and_is_named():
    cameras = "contracts.broken_robots:DyingCameraRig"
    with RobotProcesses(fake_embodiment(), ROBOT, cameras) as processes:
        with GrpcSession(processes.address) as session, pytest.raises(RoboticsError):
            session.reset(TASK, 1)
        assert processes.wait(30)
        assert processes.failure == "the camera process ended by SIGKILL"


def test_a_server_that_is_killed_leaves_a_robot_that_holds_and_ends():
    with RobotProcesses(fake_embodiment(), ROBOT) as processes:
        os.kill(processes.process_ids["server"], signal.SIGKILL)
        assert processes.wait(30)
        assert processes.failure == "the server process ended by SIGKILL"


PARENT = """
import sys, time
from pathlib import Path
from robotics.bridge.processes import RobotProcesses
from robotics.embodiment import load_embodiment_file
running = RobotProcesses(load_embodiment_file(Path(sys.argv[1])), sys.argv[2], sys.argv[3])
time.sleep(0.5)  # the cameras get stuck meanwhile
print(*running.process_ids.values(), flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("cameras", [CAMERAS, "contracts.broken_robots:StuckCameraRig"])
def test_no_process_outlives_a_parent_that_is_killed(cameras: str):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(FAKE_EMBODIMENT_FILE), ROBOT, cameras],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)},
    )
    assert parent.stdout is not None
    children = [int(word) for word in parent.stdout.readline().split()]
    parent.stdout.close()
    assert len(children) == 3 and all(map(is_running, children))
    parent.kill()
    parent.wait()
    eventually(lambda: not any(map(is_running, children)))


def test_the_port_is_free_again_after_closing():
    with RobotProcesses(fake_embodiment(), ROBOT) as processes:
        host, _, port = processes.address.rpartition(":")
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind((host, int(port)))
