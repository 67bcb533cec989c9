"""What a check of demonstrations answers: findings in words with their numbers, and a score an episode."""

from collections import Counter
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any


class Severity(Enum):
    """How bad a finding is."""

    ERROR = "error"
    """Not to be learned from as it is."""
    WARNING = "warning"
    """Look at it: it may be bad."""
    INFO = "info"
    """Good to know."""

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(Severity).index(self)


@dataclass(frozen=True)
class Finding:
    """One thing that a check found, in one episode or in the whole dataset."""

    check: str
    """Its name in `catalogue.CHECKS`."""
    severity: Severity
    text: str
    """In words, with numbers and units."""
    where: str = ""
    """The joint, camera or array that it is about; '' for all of it."""
    value: float | None = None
    """What was measured, in the unit of the threshold."""
    threshold: float | None = None
    """Beyond this it is a finding."""

    def __str__(self) -> str:
        return f"{self.where}: {self.text}" if self.where else self.text

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "severity": self.severity.value}


@dataclass(frozen=True)
class EpisodeQuality:
    """What was found in one episode."""

    number: int
    """As `robotics data` counts: it stays the same over edits."""
    length: int
    """Control ticks."""
    duration_s: float
    task: str
    instruction: str
    seed: int | None
    success: bool | None
    score: int
    """0 .. 100; see docs/quality.md for the weights."""
    findings: tuple[Finding, ...]
    """Worst first."""
    trim: tuple[int, int] | None = None
    """Rows start:end to keep where head or tail are idle; None where nothing is to be cut."""

    @property
    def severity(self) -> Severity | None:
        """Of the worst finding; None without findings."""
        return min((f.severity for f in self.findings), key=lambda s: s.rank, default=None)

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "findings": [finding.to_json() for finding in self.findings]}


@dataclass(frozen=True)
class DatasetQuality:
    """What was found in a dataset."""

    path: str
    embodiment: str
    limits_known: bool
    """False where the robot's file was not at hand: its limits could not be checked."""
    episodes: tuple[EpisodeQuality, ...]
    """In order of recording."""
    findings: tuple[Finding, ...]
    """Of the dataset as a whole, worst first."""

    def worst_first(self) -> tuple[EpisodeQuality, ...]:
        """The episodes by score, the lowest first."""
        return tuple(sorted(self.episodes, key=lambda e: (e.score, e.number)))

    def count(self) -> dict[Severity, int]:
        """How many findings of each severity there are, of episodes and dataset."""
        found = Counter(f.severity for f in (*self.findings, *(f for e in self.episodes for f in e.findings)))
        return {severity: found[severity] for severity in Severity}

    def numbers_with(self, severity: Severity) -> tuple[int, ...]:
        """Numbers of the episodes with a finding of that severity."""
        return tuple(e.number for e in self.episodes if any(f.severity is severity for f in e.findings))

    def to_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "embodiment": self.embodiment,
            "limits_known": self.limits_known,
            "count": {severity.value: number for severity, number in self.count().items()},
            "findings": [finding.to_json() for finding in self.findings],
            "episodes": [episode.to_json() for episode in self.worst_first()],
        }
