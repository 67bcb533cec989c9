"""Lets the person see the robot while they record it: pictures in their window, or a live page."""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from robotics.errors import RoboticsError
from robotics.operator.collect_status import CollectDisplay, CollectStatus, status_line
from robotics.session import RobotSession

if TYPE_CHECKING:
    from robotics.operator.live_page import LivePage

_PAGE_PERIOD_S = 0.25


def show_pictures(session: RobotSession, show: Callable[[str, np.ndarray], None]) -> None:
    """Hand every new picture over, from a thread of its own, until the session closes."""

    def follow() -> None:
        try:
            for camera, frame in session.frames(session.describe().embodiment.camera_names):
                show(camera, frame.image)
        except RoboticsError:  # the session says it to whoever records
            return

    threading.Thread(target=follow, name="pictures", daemon=True).start()


class PageDisplay:
    """Implements CollectDisplay: what the terminal shows stands on the live page, too."""

    def __init__(self, terminal: CollectDisplay, page: "LivePage"):
        self._terminal = terminal
        self._page = page
        self._next_s = 0.0

    def show(self, status: CollectStatus) -> None:
        self._terminal.show(status)
        if time.monotonic() >= self._next_s:
            self._next_s = time.monotonic() + _PAGE_PERIOD_S
            self._page.say(f"**{status.instruction}**\n\n`{status_line(status).plain.strip()}`")

    def say(self, text: str, trouble: bool = False) -> None:
        self._terminal.say(text, trouble)

    def beep(self, times: int) -> None:
        self._terminal.beep(times)
