"""Runs one robot program in a process of its own; started by `sandbox`, by path: standard library only.

Lines of JSON: the first line in is {"code", "instruction", "calls", ...}; after it, each
line out is a call, a print or the end, and each line in answers a call.
"""

import builtins
import json
import math
import resource
import sys
from types import SimpleNamespace

_MOST_PRINTED = 10_000
"""Characters in all."""


class RobotError(RuntimeError):
    """A call of the robot API could not be done; a program may catch it."""


def main() -> None:
    reading, writing = sys.stdin.buffer, sys.stdout.buffer
    job = json.loads(reading.readline())
    _limit(job["memory"], job["cpu_s"])
    printed = 0

    def tell(message: dict) -> None:
        writing.write(json.dumps(message).encode() + b"\n")
        writing.flush()

    def call_of(name: str):
        def call(*arguments, **named):
            tell({"call": name, "arguments": arguments, "named": named})
            line = reading.readline()
            if not line:
                raise SystemExit
            answer = json.loads(line)
            if "error" in answer:
                raise RobotError(answer["error"])
            return answer["result"]

        return call

    def show(*values, sep=" ", end="\n"):
        nonlocal printed
        text = (str(sep).join(map(str, values)) + str(end))[: _MOST_PRINTED - printed]
        printed += len(text)
        if text:
            tell({"print": text})

    known = {name: getattr(builtins, name) for name in job["builtins"]}
    known["print"] = show
    names = {
        "__builtins__": known,
        "RobotError": RobotError,
        "instruction": job["instruction"],
        "math": SimpleNamespace(**{name: getattr(math, name) for name in job["math"]}),
        **{name: call_of(name) for name in job["calls"]},
    }
    try:
        exec(compile(job["code"], "program", "exec"), names)
    except BaseException as error:  # whatever it is, the parent hears one line
        tell({"failed": _one_line(error)})
        return
    tell({"done": True})


def _limit(memory: int, cpu_s: int) -> None:
    """No more memory and time than given, no file grows, nothing is started, nothing more is opened."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    for name in ("RLIMIT_NPROC",):
        if hasattr(resource, name):
            resource.setrlimit(getattr(resource, name), (0, 0))


def _one_line(error: BaseException) -> str:
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "program":
            line = trace.tb_lineno
        trace = trace.tb_next
    text = " ".join(str(error).split())[:300]
    return f"line {line}: {type(error).__name__}: {text}" if text else f"line {line}: {type(error).__name__}"


main()
