"""Which keys move the arms, and what a set of pressed keys asks for; terminal and window share it."""

import threading
import time
from collections.abc import Callable, Container

from policies.teleoperation.jog import Jog, JogModes

DIRECTIONS = (("a", "d"), ("s", "w"), ("f", "r")), (("j", "l"), ("k", "i"), ("h", "y"))
"""For the first and second arm: keys to and fro along the three axes."""
GRIPPERS = ("z", "x"), (",", ".")
"""For each arm: the key that closes, the key that opens."""
TURN, FRAME, FASTER, SLOWER = "v", "m", ("+", "="), ("-", "_")
MOTION_KEYS = frozenset(
    [key for arm in DIRECTIONS for pair in arm for key in pair]
    + [key for pair in GRIPPERS for key in pair]
    + [TURN, FRAME, *FASTER, *SLOWER]
)
KEY_HELP = (
    "left arm   a d: x   s w: y   f r: z   z x: gripper close, open",
    "right arm  j l: x   k i: y   h y: z   , .: gripper close, open",
    "both       v: move or turn   m: axes of world or tool   + -: speed",
)
TERMINAL_HOLD_S = 0.15
"""A terminal tells of presses and repeats only: a key counts as held so long after the last one."""
_REPEAT_GAP_S = 0.8
"""A held key repeats after less than this: a switch does not turn again."""


class PressedKeys:
    """Keys that are down, and the switches that keys have turned; thread-safe."""

    def __init__(self, hold_s: float | None = None, now: Callable[[], float] = time.monotonic):
        """
        Args:
            hold_s: A key is released by itself so long after its last press [s]; None: by `release` only.
            now: Monotonic time [s].
        """
        self._hold_s = hold_s
        self._now = now
        self._lock = threading.Lock()
        self._pressed: dict[str, float] = {}
        self._turned: dict[str, float] = {}
        self._modes = JogModes()

    def press(self, key: str) -> None:
        """A key went down, or repeats."""
        now = self._now()
        with self._lock:
            if key in (TURN, FRAME):
                repeats = self._hold_s is not None and now - self._turned.get(key, -1e9) < _REPEAT_GAP_S
                self._turned[key] = now
                if not repeats:
                    self._turn(key)
            elif key in FASTER:
                self._modes.faster()
            elif key in SLOWER:
                self._modes.slower()
            elif key in MOTION_KEYS:
                self._pressed[key] = now

    def _turn(self, key: str) -> None:
        if key == TURN:
            self._modes.turning = not self._modes.turning
        else:
            self._modes.in_tool_frame = not self._modes.in_tool_frame

    def release(self, key: str) -> None:
        with self._lock:
            self._pressed.pop(key, None)

    def release_all(self) -> None:
        """As when the window loses the keyboard."""
        with self._lock:
            self._pressed.clear()

    def jog(self) -> Jog:
        with self._lock:
            if self._hold_s is not None:
                since = self._now() - self._hold_s
                self._pressed = {key: when for key, when in self._pressed.items() if when > since}
            down, modes = self._pressed, self._modes
            arms = tuple(
                modes.arm(
                    (_along(x, down), _along(y, down), _along(z, down)),
                    float(opens in down) - float(closes in down),
                )
                for (x, y, z), (closes, opens) in zip(DIRECTIONS, GRIPPERS, strict=True)
            )
            return Jog(arms, modes.in_tool_frame, modes.speed)

    @property
    def modes(self) -> str:
        """In words, for the screen."""
        turning = "turn" if self._modes.turning else "move"
        frame = "tool" if self._modes.in_tool_frame else "world"
        return f"{turning}, {frame} axes, speed {self._modes.speed:.2g}"


def _along(pair: tuple[str, str], down: Container[str]) -> float:
    """-1, 0 or 1: which of the keys to and fro are down."""
    to, fro = pair
    return float(fro in down) - float(to in down)
