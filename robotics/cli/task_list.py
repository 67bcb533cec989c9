"""`robotics task list`: the simulated tasks and what they understand."""

from dataclasses import dataclass
from pathlib import Path

from robotics.cli.connect import connect, use_keys


@dataclass(frozen=True)
class Arguments:
    """List the simulated tasks of a robot, with their instructions.

    Example:
      robotics task list
      robotics task list --robot sim:franka_duo --instructions
    """

    robot: str = "sim:aloha2"
    """sim:NAME, sim:my.toml or HOST:PORT."""
    instructions: bool = False
    """Print every phrasing, not only the first few."""
    keys: Path | None = None
    """Your keys for servers with TLS; by default the folder that ROBOTICS_KEYS names."""


def main(arguments: Arguments) -> int:
    use_keys(arguments.keys)
    session = connect(arguments.robot, lockstep=True)
    try:
        for task in session.describe().tasks:
            print(f"{task.name}  ({task.time_limit_s:g} s)  {task.summary}")
            shown = task.instructions if arguments.instructions else task.instructions[:3]
            for instruction in shown:
                print(f'    "{instruction}"')
            if len(shown) < len(task.instructions):
                print(f"    ... {len(task.instructions) - len(shown)} more: --instructions")
    finally:
        session.close()
    return 0
