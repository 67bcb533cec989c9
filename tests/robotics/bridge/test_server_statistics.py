"""The server's own stages join control's in the state stream; counters tell what was refused and lost."""

import time
from collections.abc import Iterator

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment
from contracts.fake_robot import TASKS
from contracts.session_contract import send_ramp

from robotics.action import ActionChunk
from robotics.bridge.client import GrpcSession
from robotics.bridge.control_link import Reply
from robotics.bridge.frame_store import SLOTS, FrameStore
from robotics.bridge.processes import RobotProcesses
from robotics.bridge.server_statistics import COMMAND_STAGES, ServerStatistics
from robotics.bridge.shared_memory import SharedMemory
from robotics.bridge.v1 import types_pb2
from robotics.errors import ChunkRefusedError
from robotics.observation import CameraFrame
from robotics.session import LatencyStatistics

ROBOT = "contracts.fake_robot:FakeRobot"
CAMERAS = "contracts.fake_robot:FakeCameraRig"


@pytest.fixture
def session() -> Iterator[GrpcSession]:
    with RobotProcesses(fake_embodiment(), ROBOT, CAMERAS) as processes:
        with GrpcSession(processes.address, share_memory=False) as connected:
            connected.reset(TASKS[0].name, 0)
            yield connected
        assert processes.failure == ""


def rows_while(session: GrpcSession, act) -> list[dict[str, LatencyStatistics]]:
    """Statistics of two whole seconds in which `act` is called at each tick."""
    reports, states = [], session.states()
    while len(reports) < 3:
        state = next(states)
        act()
        if state.statistics:
            reports.append({row.stage: row for row in state.statistics})
    return reports[1:]  # the first may have begun before


def test_commands_and_pictures_are_timed_by_stage_beside_the_control_loop(session: GrpcSession):
    def act() -> None:
        send_ramp(session)
        session.observe(["overhead"])

    for report in rows_while(session, act):
        assert {"read", "tick", "lateness"} <= set(report)
        assert {*COMMAND_STAGES, "encode", "frame:overhead"} <= set(report)
        period_ms = session.describe().embodiment.control_period_ns * 1e-6
        assert report["queue"].count == report["decode"].count == report["acknowledge"].count
        assert 0 < report["queue"].p50_ms <= period_ms
        for row in report.values():
            assert 0 <= row.p50_ms <= row.p95_ms <= row.p99_ms <= row.max_ms


def test_ticks_without_a_report_stay_as_control_made_them(session: GrpcSession):
    states = session.states()
    seen = [next(states) for _ in range(120)]
    with_rows = [state for state in seen if state.statistics]
    assert 1 <= len(with_rows) <= 3
    assert not {"decode", "queue"} & {row.stage for state in with_rows for row in state.statistics}


def reply(**changed) -> Reply:
    values = dict(request_id=1, waited_ns=7_000_000, decode_ns=30_000, replied_ns=time.monotonic_ns())
    return Reply(**{**values, "status": b"", "payload": b"", **changed})


def test_a_command_that_could_not_be_decoded_has_no_decode_time():
    statistics = ServerStatistics()
    statistics.count_acknowledgement(reply())
    statistics.count_acknowledgement(reply(decode_ns=0))
    state = types_pb2.RobotState(statistics=[types_pb2.LatencyStatistics(stage="tick")])
    statistics.count_tick(state)
    assert {row.stage: row.count for row in state.statistics} == {
        "tick": 0,
        "decode": 1,
        "queue": 2,
        "acknowledge": 2,
    }
    assert state.statistics[1].max_ms == pytest.approx(0.03) and state.statistics[2].p50_ms == 7


def test_pictures_are_counted_once_and_timed_from_their_capture():
    embodiment = fake_embodiment()
    store = FrameStore(SharedMemory.create("test", FrameStore.size_for(embodiment)), embodiment)
    statistics = ServerStatistics(embodiment.camera_names)
    camera = embodiment.get_camera("overhead")
    image = np.zeros((camera.height, camera.width, 3), np.uint8)
    written = SLOTS + 3  # the oldest are gone before the server looks
    for _ in range(written):
        store.write("overhead", CameraFrame(image, time.monotonic_ns() - 5_000_000), episode=0)
    statistics.count_frames(store)
    statistics.count_frames(store)
    state = types_pb2.RobotState(statistics=[types_pb2.LatencyStatistics(stage="tick")])
    statistics.count_tick(state)
    assert statistics.frames["overhead"] == written and statistics.frames["wrist_left"] == 0
    (row,) = [row for row in state.statistics if row.stage == "frame:overhead"]
    assert row.count == SLOTS and row.p50_ms >= 5


def test_refused_chunks_are_counted_by_status():
    statistics = ServerStatistics()
    for code in ("STATUS_CODE_STALE", "STATUS_CODE_STALE", "STATUS_CODE_STOPPED"):
        statistics.count_refusal(types_pb2.Status(code=code))
    assert statistics.refused == {"stale": 2, "stopped": 1}


def test_the_capture_time_of_a_picture_that_is_gone_is_unknown():
    embodiment = fake_embodiment()
    store = FrameStore(SharedMemory.create("test", FrameStore.size_for(embodiment)), embodiment)
    camera = embodiment.get_camera("overhead")
    image = np.zeros((camera.height, camera.width, 3), np.uint8)
    assert store.capture_time_ns("overhead", 1) is None
    for number in range(1, SLOTS + 2):
        store.write("overhead", CameraFrame(image, 1000 + number), episode=0)
    assert store.capture_time_ns("overhead", 1) is None
    assert store.capture_time_ns("overhead", SLOTS + 1) == 1000 + SLOTS + 1


def test_a_chunk_refused_by_control_is_timed_as_any_other(session: GrpcSession):
    observation, embodiment = session.observe(), session.describe().embodiment
    wrong = ActionChunk.answering(observation, embodiment, np.full((5, embodiment.action_dim), np.nan))

    def act() -> None:
        with pytest.raises(ChunkRefusedError):
            session.send(wrong)

    assert rows_while(session, act)[-1]["decode"].count > 0
