"""The window's keys, with injected events and no display."""

from collections.abc import Iterator

import numpy as np
import pytest

from policies.teleoperation.jog import STILL
from policies.teleoperation.window import WindowKeyboard
from robotics.operator.session_keys import SESSION_KEYS
from robotics.teleoperator import TeleoperatorEvent

pygame = pytest.importorskip("pygame")


@pytest.fixture
def stops() -> list[str]:
    return []


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch, stops: list[str]) -> Iterator[WindowKeyboard]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    window = WindowKeyboard(SESSION_KEYS, lambda: stops.append("stop"))
    yield window
    window.close()


def post(kind: int, key: int = 0) -> None:
    pygame.event.post(pygame.event.Event(kind, key=key))


def test_keys_move_arms_while_they_are_down(window: WindowKeyboard):
    for key in (pygame.K_d, pygame.K_r, pygame.K_COMMA, pygame.K_k):
        post(pygame.KEYDOWN, key)
    assert window.poll_events() == ()
    left, right = window.jog().arms
    assert left.linear == (1.0, 0.0, 1.0)
    assert (right.linear, right.opening) == ((0.0, -1.0, 0.0), -1.0)
    post(pygame.KEYUP, pygame.K_r)
    window.poll_events()
    assert window.jog().arms[0].linear == (1.0, 0.0, 0.0)


def test_session_keys_are_events_and_space_stops_the_robot(window: WindowKeyboard, stops: list[str]):
    for key in (pygame.K_RETURN, pygame.K_g, pygame.K_t, pygame.K_c):
        post(pygame.KEYDOWN, key)
    assert window.poll_events() == (
        TeleoperatorEvent.START,
        TeleoperatorEvent.SUCCESS,
        TeleoperatorEvent.RERECORD,
        TeleoperatorEvent.INTERVENTION_START,
    )
    assert stops == []
    post(pygame.KEYDOWN, pygame.K_SPACE)
    assert window.poll_events() == ()
    assert stops == ["stop"]


def test_an_arm_stops_when_the_window_loses_the_keyboard(window: WindowKeyboard):
    post(pygame.KEYDOWN, pygame.K_d)
    window.poll_events()
    pygame.event.post(pygame.event.Event(pygame.WINDOWFOCUSLOST))
    window.poll_events()
    assert window.jog().arms == (STILL, STILL)


def test_the_window_shows_each_cameras_newest_picture(window: WindowKeyboard):
    for shade in (50, 200):
        window.show_picture("overhead", np.full((240, 320, 3), (shade, 20, 30), np.uint8))
    window.show_picture("wrist_left", np.full((240, 320, 3), (10, 220, 30), np.uint8))
    window._next_draw_s = 0.0
    window.poll_events()
    assert window._screen.get_at((200, 420))[:3] == (200, 20, 30)
    assert window._screen.get_at((600, 420))[:3] == (10, 220, 30)


def test_closing_the_window_quits(window: WindowKeyboard):
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert window.poll_events() == (TeleoperatorEvent.QUIT,)
