"""A terminal's keyboard in a person's hands; whoever reads the terminal hands the keys over."""

from policies.teleoperation.jog import Jog
from policies.teleoperation.keyboard import TERMINAL_HOLD_S, PressedKeys
from robotics.teleoperator import TeleoperatorEvent


class TerminalKeyboard:
    """Implements JogSource. The terminal is read elsewhere, because session keys come from it, too."""

    name = "terminal"

    def __init__(self):
        self.keys = PressedKeys(TERMINAL_HOLD_S)

    def press(self, key: str) -> None:
        """A motion key was typed."""
        self.keys.press(key)

    def jog(self) -> Jog:
        return self.keys.jog()

    def poll_events(self) -> tuple[TeleoperatorEvent, ...]:
        return ()

    def close(self) -> None:
        self.keys.release_all()
