"""The way home through a session, on the built-in robot's model."""

from collections.abc import Iterator

import numpy as np
import pytest

from robotics.action import ActionChunk
from robotics.bridge.local_session import LocalSession
from robotics.cli.connect import connect
from robotics.errors import StoppedError
from robotics.operator.home import move_home
from robotics.session import RobotSession


@pytest.fixture
def session() -> Iterator[RobotSession]:
    session = connect("sim:aloha2", lockstep=True)
    assert isinstance(session, LocalSession)
    session.reset("open_drawer", 0)
    yield session
    session.close()


def elsewhere(session: RobotSession) -> ActionChunk:
    """A second of motion with both waists 0.4 rad away from home."""
    embodiment = session.describe().embodiment
    there = embodiment.home.copy()
    there[[0, 7]] += 0.4
    return ActionChunk.answering(session.observe(), embodiment, np.tile(there, (50, 1)))


def test_the_arms_come_home_from_elsewhere(session: RobotSession):
    home = session.describe().embodiment.home
    session.send(elsewhere(session))
    assert np.abs(session.advance(50)[-1].joints.position - home).max() > 0.3
    assert move_home(session) < 0.1  # joint friction leaves the simulated wrists a little off
    assert np.allclose(session.state().applied, home, atol=1e-3)


def test_at_home_there_is_nothing_to_do(session: RobotSession):
    before = session.state().joints.tick
    move_home(session)
    assert session.state().joints.tick - before < 50


def test_a_stopped_robot_does_not_go_home(session: RobotSession):
    session.send(elsewhere(session))
    session.advance(50)
    session.stop("test")
    session.advance(50)
    with pytest.raises(StoppedError):
        move_home(session)
