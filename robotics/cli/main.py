"""The `robotics` program: finds the command, imports only that one, and answers with an exit code."""

import importlib
import signal
import sys
from collections.abc import Sequence
from typing import NamedTuple

from robotics.errors import RoboticsError, UnknownNameError

EXIT_OK = 0
EXIT_NOT_SUCCEEDED = 1
"""The robot ran, the task did not succeed."""
EXIT_ERROR = 2
"""Bad input, or something that the message names."""
EXIT_INTERRUPTED = 130
"""Ctrl-C, as shells count it."""


class Command(NamedTuple):
    """One line of `robotics --help`."""

    words: tuple[str, ...]
    summary: str
    module: str
    """Holds `Arguments`, a frozen dataclass whose docstring is the help, and `main(arguments)`."""


COMMANDS = (
    Command(("run",), "give a robot an instruction and watch it work", "robotics.cli.run"),
    Command(("stop",), "stop a running robot at once, whoever leads it", "robotics.cli.stop"),
    Command(("home",), "move the arms to their home position without collision", "robotics.cli.home"),
    Command(("top",), "watch a running robot: rates, latencies, joints, events", "robotics.cli.top"),
    Command(("record",), "record demonstrations into a dataset", "robotics.cli.record"),
    Command(
        ("eval",), "measure how often a policy succeeds, in fast lockstep simulation", "robotics.cli.eval"
    ),
    Command(("bench",), "measure speeds and latencies on this machine", "robotics.cli.bench"),
    Command(("serve", "robot"), "start the robot processes and answer over gRPC", "robotics.cli.serve_robot"),
    Command(("serve", "policy"), "load a policy and answer over gRPC", "robotics.cli.serve_policy"),
    Command(("serve", "reasoner"), "load a reasoner and answer over gRPC", "robotics.cli.serve_reasoner"),
    Command(("train", "policy"), "train a policy from recorded demonstrations", "robotics.cli.train"),
    Command(("train", "reasoner"), "train the reasoner from made-up scenes", "robotics.cli.train_reasoner"),
    Command(("reason", "point"), "point at what a query describes", "robotics.cli.reason.point"),
    Command(("reason", "detect"), "boxes around what a query describes", "robotics.cli.reason.detect"),
    Command(("reason", "box3d"), "boxes in space, in metres", "robotics.cli.reason.box3d"),
    Command(("reason", "grasp"), "where a gripper should close", "robotics.cli.reason.grasp"),
    Command(("reason", "trajectory"), "how a thing should travel", "robotics.cli.reason.trajectory"),
    Command(("reason", "match"), "find points of one view in another", "robotics.cli.reason.match"),
    Command(("reason", "success"), "judge from pictures whether it worked", "robotics.cli.reason.success"),
    Command(("reason", "ask"), "a question about a picture, in words", "robotics.cli.reason.ask"),
    Command(("train", "success"), "learn to see whether a task is done", "robotics.cli.train_success"),
    Command(("data", "ls"), "list the episodes of datasets, one line each", "robotics.cli.data_ls"),
    Command(("data", "show"), "show everything about one episode", "robotics.cli.data_show"),
    Command(("data", "view"), "look at an episode: viewer or film", "robotics.cli.data_view"),
    Command(("data", "check"), "find bad demonstrations of a dataset, and why", "robotics.cli.data_check"),
    Command(("data", "stats"), "a dataset in numbers: joints, durations, rates", "robotics.cli.data_stats"),
    Command(("data", "diff"), "compare two datasets or two versions", "robotics.cli.data_diff"),
    Command(("data", "trim"), "keep a part of an episode", "robotics.cli.data_trim"),
    Command(("data", "split"), "cut an episode into several", "robotics.cli.data_split"),
    Command(("data", "segment"), "mark where action and end state start", "robotics.cli.data_segment"),
    Command(("data", "relabel"), "correct instruction or judgement", "robotics.cli.data_relabel"),
    Command(("data", "filter"), "hide episodes that are not wanted", "robotics.cli.data_filter"),
    Command(("data", "merge"), "make one dataset of several", "robotics.cli.data_merge"),
    Command(("data", "replay"), "send a recorded episode back to a robot", "robotics.cli.data_replay"),
    Command(("data", "versions"), "list what was edited", "robotics.cli.data_versions"),
    Command(("data", "restore"), "go back to an older version", "robotics.cli.data_restore"),
    Command(("data", "gc"), "delete hidden episodes for good", "robotics.cli.data_gc"),
    Command(("data", "verify"), "check every byte of a dataset", "robotics.cli.data_verify"),
    Command(("data", "repair"), "make a damaged dataset whole again", "robotics.cli.data_repair"),
    Command(
        ("data", "export"), "write demonstrations in another project's format", "robotics.cli.data_export"
    ),
    Command(
        ("data", "import"), "make a dataset from another project's demonstrations", "robotics.cli.data_import"
    ),
    Command(
        ("data", "pack"), "write a dataset's pictures as H.264, a tenth of the size", "robotics.cli.data_pack"
    ),
    Command(
        ("data", "copy"), "copy a dataset to or from an object store or folder", "robotics.cli.data_copy"
    ),
    Command(("embodiment", "list"), "list the built-in robots", "robotics.cli.embodiment_list"),
    Command(
        ("embodiment", "show"), "show one robot's joints, limits and cameras", "robotics.cli.embodiment_show"
    ),
    Command(
        ("embodiment", "check"), "check your own robot file, line by line", "robotics.cli.embodiment_check"
    ),
    Command(("keys", "make"), "make keys for servers that other machines reach", "robotics.cli.keys_make"),
    Command(("keys", "show"), "show what a folder of keys holds", "robotics.cli.keys_show"),
    Command(
        ("scenes", "make"), "render scenes with ground truth for the reasoner", "robotics.cli.scenes_make"
    ),
    Command(("scenes", "show"), "draw a sheet of generated scenes", "robotics.cli.scenes_show"),
    Command(("task", "list"), "list the simulated tasks and their instructions", "robotics.cli.task_list"),
)


class _NeedsSubcommand(Exception):
    """A first word such as 'serve' stood alone; `args` lists the full names."""


def help_text() -> str:
    """The table that `robotics --help` prints."""
    width = max(len(" ".join(command.words)) for command in COMMANDS)
    rows = [f"  {' '.join(command.words):<{width}}  {command.summary}" for command in COMMANDS]
    return "\n".join(
        (
            "usage: robotics COMMAND [arguments]",
            "",
            "An open robot control stack for vision-language-action policies.",
            "",
            "commands:",
            *rows,
            "",
            "  robotics COMMAND --help shows a command's options and an example.",
            '  First steps:  robotics run "hand over the red cube"',
        )
    )


def find_command(arguments: Sequence[str]) -> tuple[Command, list[str]]:
    """The command that the words name, and the words that follow it.

    Raises:
        UnknownNameError: No command has that name.
    """
    for command in COMMANDS:
        count = len(command.words)
        if tuple(arguments[:count]) == command.words:
            return command, list(arguments[count:])
    first = arguments[0]
    family = [" ".join(c.words) for c in COMMANDS if c.words[0] == first]
    if family and arguments[1:2] in ([], ["-h"], ["--help"]):
        raise _NeedsSubcommand(family)
    if family:
        typed = " ".join((first, *(word for word in arguments[1:2] if not word.startswith("-"))))
        raise UnknownNameError("command", typed, family)
    raise UnknownNameError("command", first, dict.fromkeys(c.words[0] for c in COMMANDS))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit code."""
    if arguments is None:
        # `docker stop` and `kill` end as Ctrl-C does: arms held, files whole
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(help_text())
        return EXIT_OK
    if arguments[0] in ("-V", "--version"):
        from importlib.metadata import version

        print(f"robotics {version('robotics')}")
        return EXIT_OK
    try:
        command, rest = find_command(arguments)
        return _run(command, rest)
    except _NeedsSubcommand as needed:
        print("commands: " + ", ".join(f"robotics {name}" for name in needed.args[0]))
        return EXIT_OK if len(arguments) > 1 else EXIT_ERROR
    except RoboticsError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return EXIT_ERROR
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe, such as `head`, has seen enough
        sys.stderr.close()
        return EXIT_OK


def _run(command: Command, rest: list[str]) -> int:
    import inspect

    import tyro

    module = importlib.import_module(command.module)
    parsed = tyro.cli(
        module.Arguments,
        args=rest,
        prog=f"robotics {' '.join(command.words)}",
        # tyro drops what follows the first section of a docstring; the example must stay
        description=inspect.cleandoc(module.Arguments.__doc__ or ""),
        config=(tyro.conf.FlagCreatePairsOff,),
    )
    return module.main(parsed)


if __name__ == "__main__":
    sys.exit(main())
