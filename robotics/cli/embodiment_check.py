"""`robotics embodiment check`: is my robot file right, line by line."""

from dataclasses import dataclass

import tyro

from robotics.embodiments import load_embodiment


@dataclass(frozen=True)
class Arguments:
    """Check a robot file: it compiles the model, verifies names, limits, cameras and reachability.

    Every problem is one line; exit code 1 if there is any.

    Example:
      robotics embodiment check my_robot.toml
      robotics embodiment check aloha2
    """

    file: tyro.conf.Positional[str]
    """The .toml file, or the name of a built-in robot."""


def main(arguments: Arguments) -> int:
    from robotics.embodiments.check import check_embodiment

    path = arguments.file
    if not path.endswith(".toml"):
        path = load_embodiment(path).source
    report = check_embodiment(path)
    print(report)
    return 0 if report.passed else 1
