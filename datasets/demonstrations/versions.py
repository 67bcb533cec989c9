"""versions.jsonl: what each edit of a dataset hides and adds; nothing is changed or removed by an edit.

One line an edit, only ever appended. The last line is in force; what it does not hide is shown, so that a
new recording is always visible. A version that another one followed is frozen: it shows what it showed when
the next edit was made.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demonstrations.durable import replace_file
from demonstrations.index import episode_numbers, number_ranges
from demonstrations.provenance import utc_now
from robotics.errors import DatasetError

VERSIONS_FILE = "versions.jsonl"


@dataclass(frozen=True)
class Version:
    """One line."""

    version: int
    """1, 2, ...; 0 is the dataset before the first edit and has no line."""
    utc: str
    command: str
    """The edit in words, as the user typed it."""
    hidden: frozenset[int]
    """Numbers of the episodes that this version does not show."""
    made: tuple[int, ...] = ()
    """Numbers of the episodes that the edit wrote."""
    before: int = 0
    """Every episode that existed before the edit has a smaller number, every later one none smaller."""
    deleted: tuple[int, ...] = ()
    """Numbers of the episodes that the edit took away for good: by `gc`, or set aside by `repair`."""
    edit: str = ""
    """Name of the folder in edits/ where its episodes wait to be published; '' where it wrote none."""

    def to_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "utc": self.utc,
            "command": self.command,
            "hidden": sorted(self.hidden),
            "made": list(self.made),
            "before": self.before,
            "deleted": list(self.deleted),
            "edit": self.edit,
        }


AS_RECORDED = Version(0, "", "as recorded", frozenset())


class VersionHistory:
    """Every version of one dataset, read once."""

    def __init__(self, path: Path, versions: Sequence[Version]):
        self.path = path
        self.versions = (AS_RECORDED, *versions)

    @staticmethod
    def read(path: Path) -> "VersionHistory":
        """Read versions.jsonl; a dataset that was never edited has none.

        Raises:
            DatasetError: A line is damaged. Nothing is guessed: that could show what was hidden.
        """
        versions, damage = read_lines(path)
        if damage:
            raise DatasetError(f"{damage}; `robotics data repair` keeps the versions before it")
        return VersionHistory(path, versions)

    @property
    def current(self) -> Version:
        return self.versions[-1]

    @property
    def highest_number(self) -> int:
        """Of all episodes that a version ever named; -1 where none did. Numbers are never used twice."""
        return max(max((*v.hidden, *v.made, v.before - 1)) for v in self.versions)

    @property
    def next_number(self) -> int:
        """Of the next episode: never one that was used before, even where that episode is gone.

        Who uses it holds the dataset's commit lock.
        """
        return max((*episode_numbers(self.path.parent / "episodes"), self.highest_number)) + 1

    def get(self, version: int) -> Version:
        """The version of that number.

        Raises:
            DatasetError: There is none.
        """
        if not 0 <= version < len(self.versions):
            raise DatasetError(
                f"{self.path.parent} has no version {version}; it has 0 .. {self.current.version}, and "
                f"{self.current.version} is the current one"
            )
        return self.versions[version]

    def shows(self, version: Version, number: int) -> bool:
        """Whether a version shows the episode of that number, if it exists."""
        if number in version.hidden:
            return False
        return version is self.current or number < self.versions[version.version + 1].before

    def check_nothing_is_deleted(self, version: Version, numbers: Iterable[int]) -> None:
        """Refuse to show a version in part.

        Args:
            numbers: Of every episode there is.

        Raises:
            DatasetError: Episodes of it were deleted.
        """
        deleted = {n for v in self.versions for n in v.deleted} - {*numbers}
        missing = [n for n in deleted if self.shows(version, n)]
        if missing:
            raise DatasetError(
                f"{self.path.parent}: version {version.version} cannot be shown, its episodes "
                f"{number_ranges(missing)} were deleted"
            )

    def hidden_to_restore(self, version: Version) -> frozenset[int]:
        """What to hide so that `version` is shown again, beside what was recorded since and not hidden."""
        later = self.versions[version.version + 1 :]
        made_since = {n for v in later for n in v.made}
        recorded_since = {n for n in self.current.hidden if later and n >= later[0].before}
        return version.hidden | made_since | recorded_since

    def append(self, version: Version) -> "VersionHistory":
        """Write one more line, whole or not at all; the caller holds the dataset's commit lock."""
        data = self.path.read_bytes() if self.path.exists() else b""
        replace_file(self.path, data + json.dumps(version.to_json(), ensure_ascii=False).encode() + b"\n")
        return VersionHistory(self.path, (*self.versions[1:], version))

    def next_version(
        self,
        command: str,
        hidden: frozenset[int],
        *,
        before: int,
        made: Sequence[int] = (),
        deleted: Sequence[int] = (),
        edit: str = "",
    ) -> Version:
        """The line that an edit now adds."""
        return Version(
            self.current.version + 1,
            utc_now(),
            command,
            hidden,
            tuple(made),
            before=before,
            deleted=tuple(deleted),
            edit=edit,
        )


def read_lines(path: Path) -> tuple[list[Version], str]:
    """The good lines up to the first damaged one, and what is wrong with that ('' where all are good)."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return [], ""
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}") from error
    versions: list[Version] = []
    lines = data.split(b"\n")
    for i, line in enumerate(lines[:-1]):
        try:
            versions.append(_version(json.loads(line), i + 1))
        except (ValueError, KeyError, TypeError, AttributeError):
            return versions, f"{path}: line {i + 1} is damaged"
    if lines[-1]:
        return versions, f"{path}: line {len(lines)} is cut off"
    return versions, ""


def _version(table: dict[str, Any], number: int) -> Version:
    if table["version"] != number:
        raise ValueError(table["version"])
    return Version(
        number,
        table["utc"],
        table["command"],
        frozenset(map(int, table["hidden"])),
        tuple(map(int, table.get("made", ()))),
        before=int(table.get("before", 0)),
        deleted=tuple(map(int, table.get("deleted", ()))),
        edit=table.get("edit", ""),
    )
