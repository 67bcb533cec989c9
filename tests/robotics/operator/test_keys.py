"""Keys reach their actions while something else runs, and the terminal is as before afterwards."""

import os
import pty
import termios
from collections.abc import Iterator

import pytest
from contracts.waiting import eventually

from robotics.operator.keys import KeyWatcher


@pytest.fixture
def terminal() -> Iterator[tuple[int, object]]:
    """What a person types into, and what a program reads from."""
    person, program = pty.openpty()
    with os.fdopen(program, "r") as reader:
        yield person, reader
    os.close(person)


def test_a_known_key_acts_at_once_and_others_do_nothing(terminal):
    person, reader = terminal
    pressed = []
    with KeyWatcher({" ": lambda: pressed.append("space"), "q": lambda: pressed.append("q")}, reader) as keys:
        assert keys.is_watching
        os.write(person, b"x q")  # without a return
        eventually(lambda: pressed == ["space", "q"])


def test_the_terminal_is_as_before(terminal):
    _, reader = terminal
    before = termios.tcgetattr(reader)
    with pytest.raises(RuntimeError), KeyWatcher({}, reader):
        assert termios.tcgetattr(reader) != before
        raise RuntimeError("a run that fails")
    assert termios.tcgetattr(reader) == before


def test_without_a_terminal_it_does_nothing(tmp_path):
    with (tmp_path / "input").open("w+") as file, KeyWatcher({" ": lambda: None}, file) as keys:
        assert not keys.is_watching
