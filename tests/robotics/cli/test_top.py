"""`robotics top` as a user runs it, on real robot processes: in a terminal, in a pipe, in a script."""

import contextlib
import json
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from contracts.fake_embodiment import fake_embodiment
from contracts.fake_robot import FakeRobot
from contracts.waiting import eventually

from robotics.bridge.client import GrpcSession
from robotics.bridge.local_session import LocalSession
from robotics.bridge.processes import RobotProcesses
from robotics.bridge.server import LockstepServer
from robotics.cli.main import EXIT_ERROR, EXIT_NOT_SUCCEEDED, EXIT_OK, main
from robotics.session import Event, EventKind

ROBOT = "contracts.fake_robot:FakeRobot"
CAMERAS = "contracts.fake_robot:FakeCameraRig"


@pytest.fixture
def robot() -> Iterator[RobotProcesses]:
    with RobotProcesses(fake_embodiment(), ROBOT, CAMERAS) as running:
        yield running


def start(*words: str, **pipes) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "robotics.cli.main", "top", *words]
    return subprocess.Popen(command, text=True, **pipes)


def drain(terminal: int, shown: list[str]) -> None:
    with contextlib.suppress(OSError):  # the other end is gone
        while True:
            shown.append(os.read(terminal, 65536).decode(errors="replace"))


def test_once_shows_a_robot_that_another_client_leads(robot: RobotProcesses, tmp_path: Path, capfd):
    out = tmp_path / "snapshot.json"
    with GrpcSession(robot.address, client_name="anna") as leader:
        leader.annotate(Event(EventKind.INSTRUCTION, "sing"))
        assert main(["top", "--robot", robot.address, "--once", "--json", str(out)]) == EXIT_OK
        leader.hold()  # still leads
    shown = capfd.readouterr().out
    assert "leader anna" in shown and "instruction sing" in shown and "acknowledge" not in shown
    (line,) = out.read_text().splitlines()
    told = json.loads(line)
    assert (told["leader"], told["instruction"], told["mode"]) == ("anna", "sing", "holding")
    assert told["stages"]["tick"]["count"] > 0 and told["cameras"]["overhead"]["rate_hz"] > 0
    assert set(told["position"]) == set(fake_embodiment().action_names)


def test_in_a_pipe_it_prints_until_the_robot_is_lost_which_is_one_line(robot: RobotProcesses):
    with start("--robot", robot.address, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        seen = 0
        for line in process.stdout:
            seen += "HOLDING" in line
            if seen == 2:
                break
        robot.close()
        rest, complaint = process.communicate(timeout=60)
    assert process.returncode == EXIT_NOT_SUCCEEDED
    assert complaint.startswith("the robot is lost: ") and complaint.count("\n") == 1
    assert "\x1b" not in rest


def test_in_a_terminal_q_ends_it_and_gives_the_terminal_back(robot: RobotProcesses):
    ours, theirs = pty.openpty()
    with start("--robot", robot.address, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = ""
        while "HOLDING" not in shown:
            shown += os.read(ours, 65536).decode(errors="replace")
        assert "\x1b[?1049h" in shown
        os.write(ours, b"xq")
        # what is drawn must be read, or the program waits for the terminal
        threading.Thread(target=drain, args=(ours, after := []), daemon=True).start()
        try:
            process.wait(timeout=30)
        finally:
            process.kill()
        eventually(lambda: "\x1b[?1049l" in "".join(after))
    os.close(ours)
    assert process.returncode == EXIT_OK


def test_no_robot_and_a_file_that_cannot_be_written_are_one_line(capfd: pytest.CaptureFixture[str]):
    assert main(["top", "--robot", "127.0.0.1:9", "--once"]) == EXIT_ERROR
    assert capfd.readouterr().err.count("\n") == 1
    assert main(["top", "--robot", "127.0.0.1:9", "--json", "/nowhere/x.json"]) == EXIT_ERROR
    complaint = capfd.readouterr().err
    assert "cannot write /nowhere/x.json" in complaint and complaint.count("\n") == 1


def test_a_robot_in_lockstep_is_refused_in_one_line(capfd: pytest.CaptureFixture[str]):
    server = LockstepServer(lambda: LocalSession(FakeRobot()))
    assert main(["top", "--robot", server.address, "--once"]) == EXIT_ERROR
    server.close()
    complaint = capfd.readouterr().err
    assert "lockstep" in complaint and complaint.count("\n") == 1
