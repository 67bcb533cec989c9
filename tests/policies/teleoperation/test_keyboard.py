"""Pressed keys and what they ask of the arms, with and without releases."""

from pathlib import Path

import pytest

from policies.teleoperation.jog import STILL, ArmJog
from policies.teleoperation.keyboard import DIRECTIONS, GRIPPERS, MOTION_KEYS, PressedKeys
from policies.teleoperation.terminal import TerminalKeyboard
from robotics.operator.session_keys import SESSION_KEYS, STOP_KEY

PAGE = (Path(__file__).parents[3] / "docs/recording.md").read_text()


class Clock:
    """Monotonic time [s] that the test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize("arm", [0, 1])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("sign", [0, 1])
def test_each_direction_key_moves_its_arm_along_its_axis(arm: int, axis: int, sign: int):
    keys = PressedKeys()
    keys.press(DIRECTIONS[arm][axis][sign])
    wanted = [0.0, 0.0, 0.0]
    wanted[axis] = 1.0 if sign else -1.0
    arms = keys.jog().arms
    assert arms[arm] == ArmJog(linear=tuple(wanted))  # type: ignore[arg-type]
    assert arms[1 - arm] == STILL
    keys.release(DIRECTIONS[arm][axis][sign])
    assert keys.jog().arms == (STILL, STILL)


def test_opposite_keys_cancel_and_several_keys_add():
    keys = PressedKeys()
    for key in ("a", "d", "w", "i", "x", ","):
        keys.press(key)
    left, right = keys.jog().arms
    assert left == ArmJog(linear=(0.0, 1.0, 0.0), opening=1.0)
    assert right == ArmJog(linear=(0.0, 1.0, 0.0), opening=-1.0)
    keys.release_all()
    assert keys.jog().arms == (STILL, STILL)


def test_switches_turn_with_each_press():
    keys = PressedKeys()
    keys.press("v")
    keys.press("m")
    keys.press("+")
    keys.press("d")
    jog = keys.jog()
    assert jog.arms[0] == ArmJog(angular=(1.0, 0.0, 0.0))
    assert jog.in_tool_frame
    assert jog.speed == pytest.approx(1.25)
    assert keys.modes == "turn, tool axes, speed 1.2"
    keys.press("v")
    keys.press("m")
    keys.press("-")
    assert keys.modes == "move, world axes, speed 1"


def test_the_speed_stays_within_its_range():
    keys = PressedKeys()
    for _ in range(50):
        keys.press("+")
    assert keys.jog().speed == 2.0
    for _ in range(50):
        keys.press("-")
    assert keys.jog().speed == 0.1


def test_in_a_terminal_a_key_is_held_as_long_as_it_repeats(clock: Clock):
    keys = PressedKeys(0.15, clock)
    for _ in range(10):
        keys.press("w")
        clock.now += 0.1
        assert keys.jog().arms[0].linear == (0.0, 1.0, 0.0)
    clock.now += 0.06
    assert keys.jog().arms == (STILL, STILL)


def test_in_a_terminal_a_held_switch_turns_once(clock: Clock):
    keys = PressedKeys(0.15, clock)
    keys.press("v")
    clock.now += 0.6  # before a terminal begins to repeat
    for _ in range(30):
        keys.press("v")
        clock.now += 0.033
    assert keys.modes.startswith("turn")
    clock.now += 1.0
    keys.press("v")
    assert keys.modes.startswith("move")


def test_a_terminal_hands_its_keys_over():
    keyboard = TerminalKeyboard()
    keyboard.press("d")
    assert keyboard.jog().arms[0].linear == (1.0, 0.0, 0.0)
    assert keyboard.poll_events() == ()
    keyboard.close()
    assert keyboard.jog().arms == (STILL, STILL)


def test_no_key_has_two_meanings():
    assert not MOTION_KEYS & {*SESSION_KEYS, STOP_KEY}
    keys = [key for arm in DIRECTIONS for pair in arm for key in pair] + [
        k for pair in GRIPPERS for k in pair
    ]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("key", sorted({*MOTION_KEYS, *SESSION_KEYS} - {"\n", "=", "_"}))
def test_the_page_names_each_key(key: str):
    assert f"`{key}`" in PAGE
