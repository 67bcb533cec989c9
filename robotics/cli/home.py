"""`robotics home`: the arms go to their home position without touching anything they know of."""

from dataclasses import dataclass
from pathlib import Path

from robotics.cli.connect import connect, use_keys


@dataclass(frozen=True)
class Arguments:
    """Move the arms of a running robot home, on a path where they touch neither each other nor the table.

    Example:
      robotics home --robot localhost:50051
    """

    robot: str
    """HOST:PORT of a running robot (`robotics serve robot` prints it), or sim:NAME."""
    keys: Path | None = None
    """Your keys for servers with TLS; by default the folder that ROBOTICS_KEYS names."""


def main(arguments: Arguments) -> int:
    from robotics.operator.home import move_home

    use_keys(arguments.keys)
    session = connect(arguments.robot)
    try:
        away = move_home(session)
        print(f"home; the farthest joint is {away:.3f} rad (grippers: of 1) from its home position")
    finally:
        session.close()
    return 0
