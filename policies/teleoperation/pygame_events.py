"""Loads pygame where it is wanted: an optional part, quiet, without taking over the program's signals."""

import os
from typing import Any

from robotics.errors import RoboticsError


def load_pygame() -> Any:
    """The pygame module.

    Raises:
        RoboticsError: It is not installed.
    """
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    os.environ.setdefault("SDL_NO_SIGNAL_HANDLERS", "1")  # Ctrl-C stays ours
    try:
        import pygame
    except ImportError:
        raise RoboticsError(
            "this teleoperator needs pygame: pip install 'robotics[teleop]', or use teleop:terminal"
        ) from None
    return pygame
