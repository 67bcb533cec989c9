"""Teleoperators by their names on the command line."""

import importlib.util
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from policies.teleoperation.gamepad import GAMEPAD_HELP, Gamepad
from policies.teleoperation.jog import JogSource
from policies.teleoperation.jogging import JoggingTeleoperator
from policies.teleoperation.keyboard import KEY_HELP, MOTION_KEYS
from policies.teleoperation.terminal import TerminalKeyboard
from policies.teleoperation.window import WindowKeyboard, has_display
from robotics.embodiment import Embodiment
from robotics.errors import EmbodimentError, UnknownNameError
from robotics.operator.session_keys import SESSION_KEY_HELP
from robotics.teleoperator import TeleoperatorEvent

TELEOPERATORS = ("teleop", "teleop:keyboard", "teleop:terminal", "teleop:window", "teleop:gamepad")
"""`teleop` is `teleop:keyboard`: the window where there is a display and pygame, else the terminal."""


class OpenTeleoperator:
    """A teleoperator, what to tell its person, and the terminal's keys that it wants."""

    def __init__(self, embodiment: Embodiment, source: JogSource, help_lines: tuple[str, ...]):
        self.policy = JoggingTeleoperator(embodiment, source)
        self.help_lines = help_lines
        press: Callable[[str], None] | None = getattr(source, "press", None)
        self.needs_terminal = press is not None
        self.show_picture: Callable[[str, np.ndarray], None] | None = getattr(source, "show_picture", None)
        """Shows the person a camera's picture, where the device can."""
        self.terminal_keys: dict[str, Callable[[], None]] = (
            {} if press is None else {key: partial(press, key) for key in MOTION_KEYS}
        )


def open_teleoperator(
    name: str,
    embodiment: Embodiment,
    session_keys: Mapping[str, TeleoperatorEvent],
    stop: Callable[[], None],
) -> OpenTeleoperator:
    """Open the device that one of TELEOPERATORS names.

    Args:
        session_keys: What a person may say, by key; for devices that take the keyboard themselves.
        stop: The robot's emergency stop.

    Raises:
        UnknownNameError: No such teleoperator.
        EmbodimentError: The robot's model is not on this machine.
        RoboticsError: The device, or what it needs, is missing.
    """
    if name not in TELEOPERATORS:
        raise UnknownNameError("teleoperator", name, TELEOPERATORS)
    if not embodiment.model_path.is_file():
        raise EmbodimentError(
            embodiment.name,
            [f"moving its tools by hand needs its model '{embodiment.model}', which is not on this machine"],
        )
    if name in ("teleop", "teleop:keyboard"):
        in_window = has_display() and importlib.util.find_spec("pygame") is not None
        name = "teleop:window" if in_window else "teleop:terminal"
    if name == "teleop:gamepad":
        return OpenTeleoperator(embodiment, Gamepad(), GAMEPAD_HELP)
    if name == "teleop:window":
        return OpenTeleoperator(embodiment, WindowKeyboard(session_keys, stop, SESSION_KEY_HELP), KEY_HELP)
    return OpenTeleoperator(embodiment, TerminalKeyboard(), KEY_HELP)
