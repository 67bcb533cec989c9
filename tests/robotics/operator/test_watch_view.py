"""The view of a watched robot fits the terminal, whatever the robot says."""

import dataclasses
import io

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment
from contracts.fake_robot import FakeRobot
from rich.console import Console

from robotics.bridge.local_session import LocalSession
from robotics.embodiments import load_embodiment
from robotics.operator.robot_watch import GuardRow, RobotSnapshot, StageRow
from robotics.operator.watch_view import draw
from robotics.session import Event, EventKind, LatencyStatistics, RobotMode

STAGES = ("read", "judge", "plan", "guard", "write", "tick", "lateness", "decode", "queue", "acknowledge")


@pytest.fixture
def snapshot() -> RobotSnapshot:
    session = LocalSession(FakeRobot())
    state = session.state()
    session.close()
    rows = tuple(StageRow(n, 50.0, LatencyStatistics(n, 50, 0.01, 1.5, 98.765, 1234.5)) for n in STAGES)
    cameras = tuple(
        StageRow(n, 25.0, LatencyStatistics(n, 25, 5, 6, 7, 8)) for n in fake_embodiment().camera_names
    )
    guard = tuple(GuardRow(f"refused/kind_{i}", 10 * i, 0.5 * i) for i in range(8))
    events = tuple(Event(EventKind.NOTE, f"event {i} " + "long " * 50, 0) for i in range(60))
    return RobotSnapshot(state, 0.01, "policy of anna@bench2", 49.9, guard, rows, cameras, events)


def text_of(snapshot: RobotSnapshot, width: int, height: int | None, ascii_only: bool = False) -> list[str]:
    console = Console(width=width, height=height, file=io.StringIO(), color_system=None, legacy_windows=False)
    console.print(draw(snapshot, "localhost:50051", fake_embodiment(), width, height, ascii_only))
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (200, 60)])
def test_it_fits_and_uses_the_whole_terminal(snapshot: RobotSnapshot, width: int, height: int):
    lines = text_of(snapshot, width, height)
    assert len(lines) == height
    assert max(map(len, lines)) <= width
    shown = "\n".join(lines)
    for wanted in (*STAGES, *fake_embodiment().action_names, *fake_embodiment().camera_names, "anna@bench2"):
        assert wanted in shown
    assert "98.77" in shown and " 1234" in shown


def test_a_joint_stands_where_it_is_within_its_limits(snapshot: RobotSnapshot):
    embodiment = fake_embodiment()
    position = embodiment.position_lower.copy()
    position[1] = embodiment.position_upper[1]
    position[2] = (embodiment.position_lower[2] + embodiment.position_upper[2]) / 2
    joints = dataclasses.replace(snapshot.state.joints, position=position)
    state = dataclasses.replace(snapshot.state, joints=joints, applied=np.roll(position, 1))
    lines = text_of(dataclasses.replace(snapshot, state=state), 120, None, ascii_only=True)
    bars = []
    for name in embodiment.action_names[:3]:
        (line,) = [line for line in lines if name in line]
        bars.append(line.split()[-1])
    assert bars[0].startswith("o") and bars[1].endswith("o") and bars[2].index("o") == len(bars[2]) // 2
    assert bars[1].startswith("|")  # its target is at the other end


def test_what_a_robot_says_neither_steers_the_terminal_nor_is_read_as_markup(snapshot: RobotSnapshot):
    state = dataclasses.replace(snapshot.state, instruction="\x1b[2J[red]grab[/]\nnow")
    evil = (Event(EventKind.FAULT, "\x1b]0;title\x07 [bold]x[/bold]", 0),)
    lines = text_of(dataclasses.replace(snapshot, state=state, leader="\x1b[31mbert", events=evil), 80, 24)
    shown = "\n".join(lines)
    assert "\x1b" not in shown and "\x07" not in shown
    assert "[red]grab[/] now" in shown and "[bold]x[/bold]" in shown
    assert len(lines) <= 24


def test_a_stop_and_a_silent_robot_are_seen(snapshot: RobotSnapshot):
    state = dataclasses.replace(snapshot.state, mode=RobotMode.EMERGENCY_STOP)
    shown = text_of(dataclasses.replace(snapshot, state=state, silent_s=3.21), 80, 24)[0]
    assert "EMERGENCY STOP" in shown and "silent for 3.2 s" in shown


def test_before_the_first_report_it_waits_for_the_stages(snapshot: RobotSnapshot):
    empty = dataclasses.replace(snapshot, stages=(), cameras=(), guard=(), events=(), leader="")
    shown = "\n".join(text_of(empty, 80, 24))
    assert "waiting" in shown and "nobody" in shown and "has not intervened" in shown


def test_the_robot_with_the_most_joints_fits_the_smallest_terminal(snapshot: RobotSnapshot):
    embodiment = load_embodiment("franka_duo")
    home = embodiment.home
    joints = dataclasses.replace(snapshot.state.joints, position=home, target=home)
    state = dataclasses.replace(snapshot.state, joints=joints, applied=home)
    console = Console(width=80, height=24, file=io.StringIO(), color_system=None)
    console.print(draw(dataclasses.replace(snapshot, state=state), "localhost:1", embodiment, 80, 24))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 24 and any("right/gripper" in line for line in lines)
