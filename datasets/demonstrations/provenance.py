"""Which software made a recording."""

import subprocess
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@cache
def software_version() -> str:
    """Version of the installed package, '' where it runs uninstalled."""
    try:
        return version("robotics")
    except PackageNotFoundError:
        return ""


@cache
def git_commit() -> str:
    """Commit of the source tree that runs, '+' where it has local changes, '' where it is no checkout."""
    folder = Path(__file__).parent

    def ask(*arguments: str) -> str:
        try:
            return subprocess.run(
                ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=10, check=True
            ).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            return ""

    commit = ask("rev-parse", "HEAD")
    return commit + ("+" if commit and ask("status", "--porcelain", "--untracked-files=no") else "")


def utc_now() -> str:
    """ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
