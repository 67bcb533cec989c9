"""The session in process is a robot session, and owns what it was given."""

import pytest
from contracts.fake_robot import FakeCameraRig, FakeRobot
from contracts.session_contract import TASK, RobotSessionContract

from robotics.bridge.local_session import LocalSession
from robotics.errors import RoboticsError


class TestLocalSession(RobotSessionContract):
    @pytest.fixture
    def session(self):
        with_cameras = LocalSession(FakeRobot(), FakeCameraRig())
        yield with_cameras
        with_cameras.close()


def test_closing_holds_and_closes_robot_and_cameras():
    robot, cameras = FakeRobot(), FakeCameraRig()
    LocalSession(robot, cameras).close()
    assert robot.holds and robot.closed and cameras.closed


def test_cameras_follow_the_robot_into_an_episode():
    cameras = FakeCameraRig()
    LocalSession(FakeRobot(), cameras).reset(TASK, seed=4)
    assert cameras.episode == (TASK, 4)


def test_without_cameras_a_picture_is_refused():
    with pytest.raises(RoboticsError, match="no cameras"):
        LocalSession(FakeRobot()).observe(["overhead"])


def test_streams_end_at_once_in_lockstep():
    session = LocalSession(FakeRobot(), FakeCameraRig())
    assert list(session.states()) == [] and list(session.frames(["overhead"])) == []


def test_the_physics_advances_one_servo_period_a_write():
    robot = FakeRobot()
    session = LocalSession(robot)
    session.advance(10)
    assert robot.stepped_ns == 200_000_000
    assert len(robot.written) == 20
