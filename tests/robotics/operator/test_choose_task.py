"""From words to a task."""

import pytest
from contracts.fake_robot import FakeRobot

from robotics.bridge.local_session import LocalSession
from robotics.errors import UnknownNameError
from robotics.operator.choose_task import UnknownInstructionError, start_episode


@pytest.fixture
def session() -> LocalSession:
    return LocalSession(FakeRobot())


def test_an_instruction_finds_its_task(session: LocalSession):
    setup = start_episode(session, "rotate the right arm", None, 4)
    assert (setup.task, setup.seed, setup.instruction) == ("turn_right_arm", 4, "rotate the right arm")


def test_an_unknown_instruction_names_the_nearest_ones(session: LocalSession):
    with pytest.raises(UnknownInstructionError, match="'turn the left arm'"):
        start_episode(session, "turn the left leg", None, 0)


def test_an_unknown_task_names_the_known_ones(session: LocalSession):
    with pytest.raises(UnknownNameError, match="turn_left_arm"):
        start_episode(session, "turn the left arm", "turn_left", 0)


def test_an_instruction_that_does_not_fit_the_named_task_is_refused(session: LocalSession):
    with pytest.raises(UnknownNameError):
        start_episode(session, "turn the left arm", "turn_right_arm", 0)
