"""The errors that callers may handle: one root, one subclass per case, each message one line for a user."""

import difflib
from collections.abc import Iterable

_LONGEST_NAME = 80


def shorten(text: str, longest: int = _LONGEST_NAME) -> str:
    """At most so many characters of a text that came from elsewhere: it may be megabytes."""
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


class RoboticsError(Exception):
    """Root of every error that this project raises on purpose; its text is fit for a user's terminal."""


class UnknownNameError(RoboticsError):
    """A name (task, embodiment, camera, policy, ...) that does not exist."""

    def __init__(self, kind: str, name: str, existing: Iterable[str], owner: str = ""):
        existing, name = list(existing), shorten(name)  # comparing a name of megabytes takes seconds
        near = difflib.get_close_matches(name, existing, n=3, cutoff=0.5)
        hint = f" (did you mean {' or '.join(repr(n) for n in near)}?)" if near else ""
        where = f" on '{owner}'" if owner else ""
        super().__init__(f"no {kind} '{name}'{where}{hint}; there are: {', '.join(existing) or 'none'}")


class EmbodimentError(RoboticsError):
    """An embodiment file is wrong; `problems` lists every fault found, one line each."""

    def __init__(self, source: str, problems: Iterable[str]):
        self.problems = tuple(problems)
        super().__init__(f"{source}: " + "; ".join(self.problems))


class IncompatibleError(RoboticsError):
    """A checkpoint, dataset or robot has another interface fingerprint than its partner."""


class ChunkRefusedError(RoboticsError):
    """An action chunk was refused whole; nothing of it is executed. `status` says why in one word."""

    def __init__(self, status: str, message: str):
        self.status = status
        super().__init__(message)


class LeaseError(RoboticsError):
    """Someone else leads the robot, or the caller's lease has expired."""


class StoppedError(RoboticsError):
    """The robot is in an emergency or protective stop; it must be released before it moves."""


class ConnectionFailedError(RoboticsError):
    """A robot or policy address did not answer, or the connection broke."""


class CheckpointError(RoboticsError):
    """A checkpoint folder is missing, damaged or for another embodiment."""


class DatasetError(RoboticsError):
    """A demonstration dataset or episode is missing, damaged or incompatible."""


class StorageFullError(DatasetError):
    """The disk is full; what was committed before is intact."""


class UnreachableError(RoboticsError):
    """Inverse kinematics found no joint position for a tool pose."""
