"""The planner by its names on the command line: `planner`, `program:FILE`, `planner:gemini`."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from robotics.cli.connect import UsageError
from robotics.embodiment import Embodiment

if TYPE_CHECKING:
    from policies.planner.planner import Planner

DEFAULT_REASONER = "embedded"


def open_planner(name: str, embodiment: Embodiment) -> "Planner":
    """A planner for an embodiment; its `close` ends the reasoner too.

    Args:
        name: `planner` does what the instruction says, `program:FILE` what a robot program says; both may end
            in `:REASONER`.

    Raises:
        UsageError: The program cannot be read.
        ProgramError: The program is not allowed.
        RoboticsError: Whatever `open_reasoner` raises.
    """
    from policies.planner.planner import Planner
    from policies.planner.program.code_check import check_code
    from policies.planner.program.running import run_program
    from robotics.cli.reasoners import open_reasoner

    kind, _, rest = name.partition(":")
    if kind == "planner":
        return Planner(embodiment, open_reasoner(rest or DEFAULT_REASONER))
    file, _, reasoner = rest.partition(":")
    try:
        code = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise UsageError(f"robot program '{file}' cannot be read: {reason}") from None
    check_code(code)
    return Planner(
        embodiment, open_reasoner(reasoner or DEFAULT_REASONER), orders=partial(run_program, code=code)
    )
