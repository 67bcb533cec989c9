"""A process of the robot: it says when it is ready, in one line why it fails, and ends with its parent."""

import contextlib
import importlib
import json
import logging
import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from robotics.errors import RoboticsError

GRACE_S = 5.0
"""A child that has not ended so long after it should is ended; decelerating to a hold takes less."""
_LOOK_PERIOD_S = 0.5


class Parent:
    """The parent, as its child sees it."""

    def __init__(self, lifeline: int, reports: int, process_id: int):
        """
        Args:
            lifeline: Read end of a pipe whose write end only the parent has.
            reports: Write end of a pipe that the parent reads.
            process_id: The parent's.
        """
        self.ended = threading.Event()
        """Set once the child is to end."""
        self._on_end: list[Callable[[], object]] = []
        self._reports = reports
        self._lifeline, self._process_id = lifeline, process_id
        threading.Thread(target=self._watch, name="lifeline", daemon=True).start()

    def _watch(self) -> None:
        # The pipe tells at once; the process id tells where a fork of the parent keeps the pipe open.
        while not self.ended.is_set():
            readable, _, _ = select.select([self._lifeline], [], [], _LOOK_PERIOD_S)
            if readable or os.getppid() != self._process_id:
                self.end()
        threading.Event().wait(GRACE_S)
        os._exit(3)

    def end(self, *_signal: object) -> None:
        """The child is to end."""
        self.ended.set()
        for tell in self._on_end:
            tell()

    def when_ended(self, tell: Callable[[], object]) -> None:
        """Call `tell`, on another thread, once the child is to end."""
        self._on_end.append(tell)
        if self.ended.is_set():
            tell()

    def report(self, kind: str, text: str = "") -> None:
        """Tell the parent: kind is 'ready', 'note' or 'error'."""
        line = json.dumps({"kind": kind, "text": text}).encode() + b"\n"
        with contextlib.suppress(BrokenPipeError):  # it is gone, and the lifeline says so
            os.write(self._reports, line)


def run_child(main: Callable[[dict[str, Any], Parent], None]) -> int:
    """Run a child's `main` with the configuration that the parent gave; returns the exit code."""
    configuration = json.loads(sys.argv[1])
    # Ctrl-C goes to the whole terminal; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    parent = Parent(configuration["lifeline"], configuration["reports"], configuration["parent"])
    signal.signal(signal.SIGTERM, parent.end)
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    try:
        main(configuration, parent)
    except RoboticsError as error:
        parent.report("error", str(error))
        return 2
    except Exception as error:
        logging.getLogger(__name__).exception("a robot process failed")
        parent.report("error", f"{type(error).__name__}: {error}")
        return 1
    return 0


def load_factory(dotted: str) -> Callable[..., Any]:
    """The callable that 'module:name' names.

    Raises:
        RoboticsError: There is none.
    """
    module, _, name = dotted.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise RoboticsError(f"nothing is called '{dotted}': {error}") from error
