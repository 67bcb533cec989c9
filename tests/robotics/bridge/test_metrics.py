"""Prometheus gets true numbers of a robot from its server process, on this machine only."""

import socket
import sys
import urllib.request
from collections.abc import Iterator

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment
from contracts.fake_robot import TASKS
from contracts.session_contract import send_ramp
from contracts.waiting import eventually
from prometheus_client.parser import text_string_to_metric_families

from robotics.action import ActionChunk
from robotics.bridge.address import AddressError
from robotics.bridge.client import GrpcSession
from robotics.bridge.metrics import MetricsServer, RobotCollector
from robotics.bridge.processes import RobotProcesses
from robotics.bridge.server_settings import ServerSettings
from robotics.bridge.server_statistics import ServerStatistics
from robotics.bridge.v1 import types_pb2
from robotics.errors import ChunkRefusedError, RoboticsError

ROBOT = "contracts.fake_robot:FakeRobot"
CAMERAS = "contracts.fake_robot:FakeCameraRig"
Samples = dict[tuple[str, ...], float]


def scrape(url: str) -> Samples:
    """Value by name and label values, in the order of the labels' names."""
    with urllib.request.urlopen(url, timeout=10) as response:
        families = list(text_string_to_metric_families(response.read().decode()))
    return {
        (s.name, *(v for _, v in sorted(s.labels.items()))): s.value
        for family in families
        for s in family.samples
    }


@pytest.fixture(scope="module")
def processes() -> Iterator[RobotProcesses]:
    with RobotProcesses(
        fake_embodiment(), ROBOT, CAMERAS, settings=ServerSettings(metrics_address="127.0.0.1:0")
    ) as running:
        yield running
        assert running.failure == ""


@pytest.fixture
def url(processes: RobotProcesses) -> str:
    (note,) = [note for note in processes.notes if "metrics at" in note]
    return note.split("metrics at ")[1]


def test_a_scrape_follows_the_robot(processes: RobotProcesses, url: str):
    before = scrape(url)
    assert before["robot_leader_present",] == 0
    assert before["robot_mode", "holding"] == 1 and before["robot_mode", "executing"] == 0
    with GrpcSession(processes.address) as session:
        session.reset(TASKS[0].name, 0)
        send_ramp(session, steps=150)
        seen = scrape(url)
        assert seen["robot_leader_present",] == 1
        assert seen["robot_mode", "executing"] == 1 and seen["robot_plan_steps",] > 0
        observation, embodiment = session.observe(), session.describe().embodiment
        wrong = ActionChunk.answering(observation, embodiment, np.full((5, embodiment.action_dim), np.nan))
        with pytest.raises(ChunkRefusedError):
            session.send(wrong)
        eventually(lambda: ("robot_stage_latency_seconds", "0.99", "queue") in scrape(url))
        after = scrape(url)
        ticks = session.state().joints.tick
    assert after["robot_refused_chunks_total", "not_finite"] == 1
    assert before["robot_ticks_total",] < after["robot_ticks_total",] <= ticks + 1
    assert after["robot_camera_frames_total", "overhead"] > before["robot_camera_frames_total", "overhead"]
    assert after["robot_camera_frames_dropped_total", "overhead"] == 0
    assert 0 < after["robot_stage_latency_seconds", "0.5", "tick"] < 1
    assert not any("refused" in sample for sample in after if sample[0].startswith("robot_guard"))
    eventually(lambda: scrape(url)["robot_leader_present",] == 0)


def test_guard_interventions_are_labelled_by_kind():
    state = types_pb2.RobotState(guard_counts={"velocity": 3, "refused": 2, "refused/stale": 2})
    server = MetricsServer(RobotCollector(ServerStatistics(), lambda: state, lambda: ""), "127.0.0.1:0")
    samples = scrape(server.url)
    server.close()
    assert {k: v for k, v in samples.items() if "guard" in k[0]} == {
        ("robot_guard_interventions_total", "velocity"): 3
    }


def test_other_machines_are_not_served():
    collector = RobotCollector(ServerStatistics(), types_pb2.RobotState, lambda: "")
    with pytest.raises(AddressError, match=r"use 127.0.0.1:9464") as refused:
        MetricsServer(collector, "0.0.0.0:9464")
    assert "\n" not in str(refused.value)


def test_a_port_in_use_is_said_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(RoboticsError, match=r"does not start: cannot serve metrics.*in use") as failed:
            RobotProcesses(fake_embodiment(), ROBOT, settings=ServerSettings(metrics_address=address))
    assert "\n" not in str(failed.value)


def test_without_the_package_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    collector = RobotCollector(ServerStatistics(), types_pb2.RobotState, lambda: "")
    with pytest.raises(RoboticsError, match=r"robotics\[metrics\]") as refused:
        MetricsServer(collector, "127.0.0.1:0")
    assert "\n" not in str(refused.value)
