"""Teleoperators by name."""

import sys

import pytest
from contracts.fake_embodiment import fake_embodiment

from policies.teleoperation import open_teleoperator
from policies.teleoperation.keyboard import MOTION_KEYS
from robotics.embodiments import load_embodiment
from robotics.errors import EmbodimentError, RoboticsError, UnknownNameError


def open_named(name: str):
    return open_teleoperator(name, load_embodiment("aloha2"), {}, lambda: None)


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", ["teleop", "teleop:keyboard", "teleop:terminal"])
def test_without_a_display_the_terminal_is_the_keyboard(no_display: None, name: str):
    opened = open_named(name)
    assert opened.needs_terminal
    assert opened.policy.name == "teleop:terminal"
    assert set(opened.terminal_keys) == MOTION_KEYS
    opened.terminal_keys["d"]()
    assert opened.policy._source.jog().arms[0].linear == (1.0, 0.0, 0.0)


def test_with_a_display_it_is_a_window(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("pygame")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    opened = open_named("teleop")
    assert opened.policy.name == "teleop:keyboard"
    assert not opened.needs_terminal
    assert opened.terminal_keys == {}
    opened.policy.close()


def test_an_unknown_one_is_told_what_there_is():
    with pytest.raises(UnknownNameError, match="teleop:gamepad"):
        open_named("teleop:gamepda")


def test_a_robot_without_its_model_is_refused_in_one_line():
    with pytest.raises(EmbodimentError, match=r"^fake: .*'missing.xml', which is not on this machine$"):
        open_teleoperator("teleop:terminal", fake_embodiment(), {}, lambda: None)


@pytest.mark.parametrize("name", ["teleop:window", "teleop:gamepad"])
def test_without_pygame_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setitem(sys.modules, "pygame", None)
    with pytest.raises(RoboticsError, match=r"robotics\[teleop\]"):
        open_named(name)
