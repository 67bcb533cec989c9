"""`robotics top`: watch a running robot in the terminal."""

import contextlib
import json
import os
import select
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, cast

from robotics.cli.connect import UsageError, connect
from robotics.embodiment import Embodiment
from robotics.operator.robot_watch import RobotWatch

_REFRESH_S = 0.25
_REPORT_S = 1.0
_LONGEST_WAIT_S = 5.0
"""For a whole second of statistics; a robot that misses most ticks may never report one."""


@dataclass(frozen=True)
class Arguments:
    """Watch a robot: mode, leader, control rate, guard, latency of every stage, joints, cameras, events.

    It only looks and needs no lease, so it never disturbs who leads. q ends it. In a pipe it prints one
    snapshot a second. Exit code 1 when the robot is lost.

    Example:
      robotics top --robot localhost:50051
      robotics top --robot localhost:50051 --once --json snapshot.json
    """

    robot: str
    """HOST:PORT of a running robot, or sim:NAME to start one."""
    once: bool = False
    """Print one snapshot and end."""
    json: Path | None = None
    """Also write a snapshot a second into this file, one JSON object a line."""


def main(arguments: Arguments) -> int:
    from robotics.bridge.client import GrpcSession
    from robotics.cli.main import EXIT_NOT_SUCCEEDED, EXIT_OK

    with contextlib.ExitStack() as stack:
        out = None
        if arguments.json is not None:
            try:
                out = stack.enter_context(arguments.json.open("w"))
            except OSError as error:
                raise UsageError(f"cannot write {arguments.json}: {error.strerror}") from error
        session = connect(arguments.robot)
        stack.callback(session.close)
        description = session.describe()
        if description.lockstep:
            raise UsageError(
                f"{arguments.robot} runs in lockstep: between commands there is nothing to watch"
            )
        watch = RobotWatch(session, cast(GrpcSession, session).lease_owner)
        screen = _Screen(arguments.robot, description.embodiment, watch, out)
        if arguments.once:
            watch.wait_for_report(_LONGEST_WAIT_S)
            if watch.failure is None:
                screen.print()
                return EXIT_OK
        else:
            screen.run()
        if watch.failure is None:
            return EXIT_OK
        print(f"the robot is lost: {watch.failure}", file=sys.stderr)
        return EXIT_NOT_SUCCEEDED


class _Screen:
    """Draws the watch over and over, or prints it line by line where the output is no terminal."""

    def __init__(self, robot: str, embodiment: Embodiment, watch: RobotWatch, out: TextIO | None):
        from robotics.cli.progress import wide_console

        self._robot, self._embodiment, self._watch, self._out = robot, embodiment, watch, out
        self._console = wide_console()

    def _draw(self, whole_terminal: bool):
        from robotics.operator.watch_view import draw

        size = self._console.size
        return draw(
            self._watch.snapshot(),
            self._robot,
            self._embodiment,
            size.width,
            size.height if whole_terminal else None,
            ascii_only=not self._console.encoding.lower().startswith("utf"),
        )

    def print(self) -> None:
        """One snapshot, wherever the output goes."""
        self._console.print(self._draw(whole_terminal=False))
        self._write()

    def _write(self) -> None:
        if self._out is not None:
            snapshot = self._watch.snapshot().as_json(self._embodiment.action_names)
            self._out.write(json.dumps(snapshot) + "\n")
            self._out.flush()

    def run(self) -> None:
        """Until q is pressed or the robot is lost."""
        if not self._console.is_terminal:
            self._watch.wait_for_report(_LONGEST_WAIT_S)
            while self._watch.failure is None:
                self.print()
                time.sleep(_REPORT_S)
            return
        from rich.live import Live

        next_report_s = time.monotonic()
        with _keys() as pressed, Live(console=self._console, screen=True, auto_refresh=False) as live:
            while self._watch.failure is None:
                live.update(self._draw(whole_terminal=True), refresh=True)
                if time.monotonic() >= next_report_s:
                    next_report_s += _REPORT_S
                    self._write()
                if pressed(_REFRESH_S) == "q":
                    return


@contextlib.contextmanager
def _keys() -> Iterator:
    """Yields `pressed(timeout_s)`: the key, without Enter, or '' after the time."""
    if not sys.stdin.isatty():
        yield lambda timeout_s: time.sleep(timeout_s) or ""
        return
    import termios
    import tty

    # the descriptor itself: a buffered reader would take several keys at once and show one
    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    try:
        tty.setcbreak(keyboard)
        yield (
            lambda timeout_s: (
                os.read(keyboard, 1).decode("ascii", "replace")
                if select.select([keyboard], [], [], timeout_s)[0]
                else ""
            )
        )
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)
