"""`robotics stop`: from another program, whoever leads."""

from collections.abc import Iterator

import pytest
from contracts.fake_embodiment import fake_embodiment
from contracts.session_motion import send_ramp
from contracts.waiting import eventually

from robotics.bridge.client import GrpcSession
from robotics.bridge.processes import RobotProcesses
from robotics.cli.main import main
from robotics.errors import StoppedError
from robotics.session import RobotMode


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with RobotProcesses(fake_embodiment(), "contracts.fake_robot:FakeRobot") as processes:
        yield processes.address


@pytest.fixture
def leader(address: str) -> Iterator[GrpcSession]:
    with GrpcSession(address, client_name="leader") as session:
        session.reset("turn_left_arm", 0)
        yield session
        if session.stop_status().is_stopped:
            session.release()


def test_it_stops_a_moving_robot_that_another_leads(leader: GrpcSession, address: str, capsys):
    send_ramp(leader, steps=200, reach=0.5)
    assert main(["stop", "--robot", address, "--reason", "somebody is in the way"]) == 0
    assert "emergency stop (somebody is in the way" in capsys.readouterr().out
    with pytest.raises(StoppedError, match="somebody is in the way"):
        send_ramp(leader)


def test_a_protective_stop_and_the_status(leader: GrpcSession, address: str, capsys):
    assert main(["stop", "--robot", address, "--protective"]) == 0
    assert leader.state().mode is RobotMode.PROTECTIVE_STOP
    assert main(["stop", "--robot", address, "--status"]) == 0
    assert capsys.readouterr().out.count("protective stop") == 2


def test_only_who_leads_releases(leader: GrpcSession, address: str, capsys):
    leader.stop("test")
    assert main(["stop", "--robot", address, "--release"]) == 2
    assert "'leader' leads the robot" in capsys.readouterr().err
    leader.release()
    eventually(lambda: not leader.stop_status().is_stopped)


def test_released_by_the_command_where_nobody_leads(address: str, capsys):
    assert main(["stop", "--robot", address]) == 0
    assert main(["stop", "--robot", address, "--release"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("holding")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--watch", "--status"], "one of --status and --watch at a time"),
        (["--watch"], "wants a terminal"),
        (["--dismiss", "ghost"], "no endpoint 'ghost' is silent; there are: none"),
    ],
)
def test_bad_input_is_one_line(address: str, capsys, arguments: list[str], said: str):
    assert main(["stop", "--robot", address, *arguments]) == 2
    error = capsys.readouterr().err.strip()
    assert said in error and "\n" not in error


def test_nobody_there_is_one_line(capsys):
    assert main(["stop", "--robot", "127.0.0.1:1"]) == 2
    assert "no robot answers at 127.0.0.1:1" in capsys.readouterr().err
