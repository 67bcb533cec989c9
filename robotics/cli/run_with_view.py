"""`robotics run --view`: runs as a person at a live page asks for them, until Ctrl-C."""

import queue
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from robotics.errors import RoboticsError
from robotics.operator.live_page import LivePage
from robotics.operator.run import RunOutcome
from robotics.policy import Policy
from robotics.session import RobotSession

if TYPE_CHECKING:
    from robotics.cli.run import Arguments


def run_with_page(arguments: "Arguments", session: RobotSession, policy: Policy, out: Path) -> int:
    """Run the first instruction at once, then each that is typed; a new one ends the one under way.

    Returns:
        Exit code of the last run; Ctrl-C leaves through KeyboardInterrupt.
    """
    from robotics.cli.run import run_once

    wanted: queue.Queue[str] = queue.Queue()
    wanted.put(arguments.instruction)
    page = LivePage(session, wanted.put, arguments.instruction, arguments.port)
    print(f"live page: {page.address}  (Ctrl-C ends)", file=sys.stderr, flush=True)
    code, count = 1, 0
    try:
        while True:
            try:
                instruction = wanted.get(timeout=0.5)  # Ctrl-C is seen between two waits
            except queue.Empty:
                continue
            count += 1
            folder = out if count == 1 else out / f"run-{count}"
            try:
                result = run_once(
                    arguments, instruction, session, policy, folder, page.show, lambda: not wanted.empty()
                )
                code = 0 if result.outcome is RunOutcome.SUCCESS else 1
                page.say(f"**{result.outcome.value}** after {result.last.elapsed_s:.1f} s: {instruction}")
            except RoboticsError as error:
                print(f"{type(error).__name__}: {error}", file=sys.stderr)
                page.say(f"**{type(error).__name__}**: {error}")
    except KeyboardInterrupt:
        if count and code == 0:
            return code
        raise
    finally:
        page.close()
