"""Functions that are compiled to machine code on their first call, and kept compiled on disk.

The guard decides some dozens of numbers for every joint in every servo tick. As array operations that
is all overhead; as compiled loops it is a few microseconds.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import config

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Decorator: numbers, arrays and named tuples of them go in and come out; floats divide as numpy's do."""
    before = config.CACHE_DIR
    config.CACHE_DIR = _CACHE or ""  # looked at while the decorator runs, and only then
    try:
        compiled = numba.njit(cache=_CACHE is not None, error_model="numpy")(function)
    finally:
        config.CACHE_DIR = before
    return cast(_Function, compiled)


def cache_folder(folders: tuple[Path, ...], sources: Path) -> str | None:
    """Where machine code is kept: a folder of its own for every state of the sources.

    Numba itself looks at one source file only, and would go on with the old code of a function that is
    called from another file.

    Args:
        folders: The first that can be written is taken. What lies there is executed: nobody else may
            be able to write there.
        sources: Folder of the source files.

    Returns:
        None where none can be written: then each process compiles for itself.
    """
    digest = hashlib.sha256()
    for path in sorted(sources.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for folder in folders:
        wanted = folder / f"compiled-{digest.hexdigest()[:16]}"
        try:
            wanted.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(wanted, os.W_OK | os.X_OK):
            return str(wanted)
    return None


def _candidates() -> tuple[Path, ...]:
    """Beside the sources, as Python keeps its own; in an installation that is read-only, the user's cache."""
    beside = Path(__file__).parent / "__pycache__"
    try:
        return beside, Path.home() / ".cache" / "robotics"
    except RuntimeError:  # a user without a home
        return (beside,)


_CACHE = cache_folder(_candidates(), Path(__file__).parent)
