"""A robot program in a process of its own, with little memory, little time and nothing but the robot API."""

import contextlib
import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policies.planner.program.code_check import BUILTINS, MATH, ProgramError, check_code

_CHILD = Path(__file__).with_name("child.py")
_LONGEST_LINE = 1 << 16
"""Bytes of one message of the program."""
_CHUNK = 1 << 14


@dataclass(frozen=True)
class SandboxLimits:
    """What a program may take."""

    memory_bytes: int = 256 << 20
    """Of address space, the interpreter included."""
    cpu_s: int = 5
    """Of processor time in all."""
    silence_s: float = 20.0
    """Wall time between two calls of the robot API; what the calls themselves take does not count."""


@dataclass(frozen=True)
class Call:
    """A call of the robot API that the program waits for."""

    name: str
    arguments: tuple[Any, ...]
    named: Mapping[str, Any]


class Sandbox:
    """Runs from construction until the program ends, fails or is closed."""

    def __init__(
        self,
        code: str,
        calls: Iterable[str],
        limits: SandboxLimits | None = None,
        instruction: str = "",
    ):
        """
        Args:
            code: The program; it may use the names in `calls`, and `instruction`.

        Raises:
            ProgramError: The code is not allowed; no process has been started.
        """
        check_code(code)
        self._limits = limits or SandboxLimits()
        self._rest = b""
        self.printed: list[str] = []
        """What the program has printed; at most 10,000 characters."""
        # no environment and no imports from here: it has nothing to find
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={},
            start_new_session=True,
        )
        self._send(
            {
                "code": code,
                "calls": sorted(calls),
                "instruction": instruction,
                "builtins": BUILTINS,
                "math": MATH,
                "memory": self._limits.memory_bytes,
                "cpu_s": self._limits.cpu_s,
            }
        )

    def next_call(self) -> Call | None:
        """What the program wants next; None where it has ended.

        Raises:
            ProgramError: It failed, was silent for too long, or took more than it may; it has been ended.
        """
        deadline_s = time.monotonic() + self._limits.silence_s
        while True:
            message = self._receive(deadline_s)
            match message:
                case {"print": str(text)}:
                    self.printed.append(text)
                case {"call": str(name), "arguments": list(arguments), "named": dict(named)}:
                    return Call(name, tuple(arguments), named)
                case {"done": True}:
                    self.close()
                    return None
                case {"failed": str(why)}:
                    self.close()
                    raise ProgramError(f"the program failed: {why}")
                case _:
                    self.close()
                    raise ProgramError("the program's process said something that is no message")

    def answer(self, result: Any) -> None:
        """What the call came to; anything that JSON can say."""
        self._send({"result": result})

    def refuse(self, why: str) -> None:
        """The call raises RobotError in the program."""
        self._send({"error": why})

    def close(self) -> None:
        """End the process."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and not pipe.closed:
                with contextlib.suppress(OSError):  # what was not written yet finds nobody
                    pipe.close()

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it has died; `next_call` says so
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()

    def _receive(self, deadline_s: float) -> Any:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while b"\n" not in self._rest:
                if len(self._rest) > _LONGEST_LINE:
                    self.close()
                    raise ProgramError(f"the program sent more than {_LONGEST_LINE >> 10} KiB in one call")
                if not selector.select(max(0.0, deadline_s - time.monotonic())):
                    self.close()
                    raise ProgramError(
                        f"the program called nothing for {self._limits.silence_s:g} s and was ended"
                    )
                data = os.read(descriptor, _CHUNK)
                if not data:
                    raise ProgramError(self._why_ended())
                self._rest += data
        line, self._rest = self._rest.split(b"\n", 1)
        try:
            return json.loads(line)
        except ValueError:
            return None

    def _why_ended(self) -> str:
        self.close()
        code = self._process.returncode
        limits = self._limits
        took = f"it may take {limits.cpu_s} s and {limits.memory_bytes >> 20} MiB"
        return f"the program's process ended ({'signal' if code < 0 else 'code'} {abs(code)}); {took}"
