"""A window that takes the keyboard: keys that are held, several at once, and the cameras' pictures."""

import os
import time
from collections.abc import Callable, Mapping

import numpy as np

from policies.teleoperation.jog import Jog
from policies.teleoperation.keyboard import KEY_HELP, MOTION_KEYS, PressedKeys
from policies.teleoperation.pygame_events import load_pygame
from robotics.teleoperator import TeleoperatorEvent

_CELL = 400, 300
"""A picture's room [pixel]."""
_TEXT_HEIGHT = 270
_REDRAW_S = 0.1
_BACKGROUND, _TEXT = (24, 26, 30), (225, 225, 225)
_MOST_PICTURES = 4
_NAMED_KEYS = {"return": "\n", "enter": "\n", "space": " ", "equals": "=", "comma": ",", "period": "."}


def has_display() -> bool:
    """Whether windows can be shown here."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


class WindowKeyboard:
    """Implements JogSource with pygame; all but `jog` belong to the thread that made it."""

    name = "keyboard"

    def __init__(
        self,
        session_keys: Mapping[str, TeleoperatorEvent],
        stop: Callable[[], None],
        lines: tuple[str, ...] = (),
    ):
        """
        Args:
            session_keys: What a person may say, by key.
            stop: Called for the space bar.
            lines: Shown under the keys of motion.

        Raises:
            RoboticsError: pygame is not installed, or no window can be opened.
        """
        self.keys = PressedKeys()
        self._session_keys = dict(session_keys)
        self._stop = stop
        self._pygame = load_pygame()
        self._pygame.display.init()
        self._pygame.font.init()
        self._screen = self._pygame.display.set_mode((2 * _CELL[0], _TEXT_HEIGHT + 2 * _CELL[1]))
        self._pygame.display.set_caption("robotics record: keep this window in front")
        self._font = self._pygame.font.Font(None, 22)
        self._lines = (*KEY_HELP, "", *lines)
        self._pictures: dict[str, np.ndarray] = {}
        self._next_draw_s = 0.0

    def jog(self) -> Jog:
        return self.keys.jog()

    def poll_events(self) -> tuple[TeleoperatorEvent, ...]:
        pygame, said = self._pygame, []
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                said.append(TeleoperatorEvent.QUIT)
            elif event.type == pygame.WINDOWFOCUSLOST:
                self.keys.release_all()
            elif event.type == pygame.KEYUP:
                self.keys.release(self._key(event))
            elif event.type == pygame.KEYDOWN:
                key = self._key(event)
                if key == " ":
                    self._stop()
                elif key in MOTION_KEYS:
                    self.keys.press(key)
                elif key in self._session_keys:
                    said.append(self._session_keys[key])
        self._draw()
        return tuple(said)

    def _key(self, event) -> str:
        name = self._pygame.key.name(event.key) or ""
        return _NAMED_KEYS.get(name, name)

    def show_picture(self, camera: str, image: np.ndarray) -> None:
        """Let a camera's newest picture, uint8 RGB (height, width, 3), be seen; from any thread."""
        self._pictures[camera] = image

    def _draw(self) -> None:
        now_s = time.monotonic()
        if now_s < self._next_draw_s:
            return
        self._next_draw_s = now_s + _REDRAW_S
        self._screen.fill(_BACKGROUND)
        for row, line in enumerate((*self._lines, self.keys.modes)):
            self._write(line, 16, 14 + 24 * row)
        for place, (camera, image) in enumerate(sorted(self._pictures.items())[:_MOST_PICTURES]):
            left, top = place % 2 * _CELL[0], _TEXT_HEIGHT + place // 2 * _CELL[1]
            height, width = image.shape[:2]
            scale = min(_CELL[0] / width, _CELL[1] / height)
            picture = self._pygame.image.frombuffer(np.ascontiguousarray(image).data, (width, height), "RGB")
            size = int(width * scale), int(height * scale)
            self._screen.blit(self._pygame.transform.scale(picture, size), (left, top))
            self._write(camera, left + 8, top + 6)
        self._pygame.display.flip()

    def _write(self, line: str, left: int, top: int) -> None:
        self._screen.blit(self._font.render(line, True, _TEXT, _BACKGROUND), (left, top))

    def close(self) -> None:
        self.keys.release_all()
        self._pygame.display.quit()
