"""The gamepad's sticks, triggers and buttons, with injected events and no device."""

from collections.abc import Iterator

import pytest

from policies.teleoperation.gamepad import Gamepad
from policies.teleoperation.jog import STILL
from robotics.errors import RoboticsError
from robotics.teleoperator import TeleoperatorEvent

pygame = pytest.importorskip("pygame")
FULL = 32767


@pytest.fixture
def gamepad(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gamepad]:
    """As if one were connected: its events are the test's."""
    from pygame._sdl2 import controller

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr(controller, "get_count", lambda: 1)
    monkeypatch.setattr(controller, "is_controller", lambda index: True)
    monkeypatch.setattr(controller, "Controller", lambda index: object())
    gamepad = Gamepad()
    yield gamepad
    gamepad.close()


def move(gamepad: Gamepad, axis: int, value: float) -> None:
    pygame.event.post(pygame.event.Event(pygame.CONTROLLERAXISMOTION, axis=axis, value=int(value * FULL)))
    gamepad.poll_events()


def press(gamepad: Gamepad, button: int) -> tuple[TeleoperatorEvent, ...]:
    pygame.event.post(pygame.event.Event(pygame.CONTROLLERBUTTONDOWN, button=button))
    return gamepad.poll_events()


def release(gamepad: Gamepad, button: int) -> None:
    pygame.event.post(pygame.event.Event(pygame.CONTROLLERBUTTONUP, button=button))
    gamepad.poll_events()


def test_sticks_at_rest_ask_for_nothing(gamepad: Gamepad):
    move(gamepad, pygame.CONTROLLER_AXIS_LEFTX, 0.1)  # as worn sticks rest
    assert gamepad.jog().arms == (STILL, STILL)


def test_each_stick_moves_its_arm_and_its_shoulder_button_shifts_it(gamepad: Gamepad):
    move(gamepad, pygame.CONTROLLER_AXIS_LEFTX, 1.0)
    move(gamepad, pygame.CONTROLLER_AXIS_RIGHTY, -1.0)  # pushed away
    left, right = gamepad.jog().arms
    assert left.linear == (1.0, 0.0, 0.0)
    assert right.linear == (0.0, 1.0, 0.0)
    press(gamepad, pygame.CONTROLLER_BUTTON_LEFTSHOULDER)
    press(gamepad, pygame.CONTROLLER_BUTTON_RIGHTSHOULDER)
    left, right = gamepad.jog().arms
    assert (left.linear, left.angular) == ((0.0, 0.0, 0.0), (0.0, 0.0, -1.0))
    assert right.linear == (0.0, 0.0, 1.0)
    release(gamepad, pygame.CONTROLLER_BUTTON_LEFTSHOULDER)
    assert gamepad.jog().arms[0].linear == (1.0, 0.0, 0.0)


def test_triggers_close_and_with_the_shoulder_open(gamepad: Gamepad):
    move(gamepad, pygame.CONTROLLER_AXIS_TRIGGERRIGHT, 1.0)
    assert gamepad.jog().arms[1].opening == -1.0
    press(gamepad, pygame.CONTROLLER_BUTTON_RIGHTSHOULDER)
    assert gamepad.jog().arms[1].opening == 1.0


def test_the_directional_pad_turns_switches(gamepad: Gamepad):
    press(gamepad, pygame.CONTROLLER_BUTTON_DPAD_UP)
    press(gamepad, pygame.CONTROLLER_BUTTON_DPAD_LEFT)
    press(gamepad, pygame.CONTROLLER_BUTTON_DPAD_RIGHT)
    move(gamepad, pygame.CONTROLLER_AXIS_LEFTX, 1.0)
    jog = gamepad.jog()
    assert (jog.speed, jog.in_tool_frame) == (1.25, True)
    assert jog.arms[0].angular == (1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("button", "said"),
    [
        ("A", TeleoperatorEvent.SUCCESS),
        ("B", TeleoperatorEvent.FAILURE),
        ("X", TeleoperatorEvent.RERECORD),
        ("Y", TeleoperatorEvent.INTERVENTION_START),
        ("START", TeleoperatorEvent.START),
        ("BACK", TeleoperatorEvent.DISCARD),
    ],
)
def test_buttons_say_how_the_episode_goes_on(gamepad: Gamepad, button: str, said: TeleoperatorEvent):
    assert press(gamepad, getattr(pygame, f"CONTROLLER_BUTTON_{button}")) == (said,)


def test_an_unplugged_gamepad_leaves_no_stick_pushed(gamepad: Gamepad):
    move(gamepad, pygame.CONTROLLER_AXIS_LEFTX, 1.0)
    pygame.event.post(pygame.event.Event(pygame.CONTROLLERDEVICEREMOVED, instance_id=0))
    with pytest.raises(RoboticsError, match="disconnected"):
        gamepad.poll_events()
    assert gamepad.jog().arms == (STILL, STILL)


def test_without_a_gamepad_it_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    with pytest.raises(RoboticsError, match="no gamepad is connected"):
        Gamepad()
