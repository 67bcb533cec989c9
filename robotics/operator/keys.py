"""Single keys from the terminal while something else runs, such as the space bar as an emergency stop."""

import contextlib
import os
import select
import sys
import termios
import threading
import tty
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import IO

from robotics.errors import RoboticsError


class KeyWatcher:
    """Calls a function for each key that it knows, from its own thread; does nothing without a terminal."""

    def __init__(self, actions: Mapping[str, Callable[[], None]], terminal: IO[str] | None = None):
        """
        Args:
            actions: By key, such as " " or "q".
            terminal: Standard input by default.
        """
        self._actions = dict(actions)
        self._terminal = terminal or sys.stdin
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._before: list | None = None

    @property
    def is_watching(self) -> bool:
        """Whether there is a terminal to read from."""
        return self._thread is not None

    def __enter__(self) -> "KeyWatcher":
        with contextlib.suppress(ValueError, OSError, termios.error):
            if self._terminal.isatty():
                self._before = termios.tcgetattr(self._terminal)
                tty.setcbreak(self._terminal.fileno())  # keys at once; Ctrl-C still interrupts
                self._thread = threading.Thread(target=self._watch, name="keys", daemon=True)
                self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._ended.is_set():
            readable, _, _ = select.select([self._terminal], [], [], 0.05)
            if not readable:
                continue
            # past the file's buffer, in which a key could lie unseen behind another
            typed = os.read(self._terminal.fileno(), 64)
            if not typed:
                return
            for key in typed.decode(errors="ignore"):
                self._press(key)

    def _press(self, key: str) -> None:
        action = self._actions.get(key)
        if action is None:
            return
        try:
            action()
        except RoboticsError as error:  # the next key may do better
            print(f"{key!r} failed: {error}", file=sys.stderr, flush=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        if self._before is not None:
            termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._before)
