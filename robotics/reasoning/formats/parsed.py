"""What came out of parsing a model's text: items, what had to be repaired, and how often it fails."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from threading import Lock
from typing import Generic, TypeVar

from robotics.reasoning.errors import AnswerFormatError

Item = TypeVar("Item")
Value = TypeVar("Value")


class Repair(Enum):
    """A departure from the format that leaves no doubt about what was meant."""

    FENCE = "code fence"
    """``` around the answer: what Gemini does by default, hence no fault."""
    PROSE = "words around the JSON"
    THOUGHTS = "<think> block"
    TRAILING_COMMA = "trailing comma"
    MISSING_COMMA = "missing comma between items"
    QUOTES = "single or typographic quotes"
    BARE_KEYS = "keys without quotes"
    LITERALS = "True, False or None of Python"
    COMMENTS = "comments"
    LINE_BREAK = "line break inside a text"
    CUT_OFF = "cut off; whole items kept"
    NO_LIST = "items without a list around them"
    WRAPPED = "a list inside an object"
    NUMBER_AS_TEXT = "numbers in quotes"
    NOT_INTEGER = "fractions of a thousandth"
    LIST_ORDER = "waypoints without numbers, taken in the order of the list"
    SORTED = "waypoints sorted by their numbers"


@dataclass(frozen=True)
class Parsed(Generic[Item]):
    """Items that a text holds, in its order."""

    items: tuple[Item, ...]
    repairs: frozenset[Repair] = frozenset()

    @property
    def clean(self) -> bool:
        """Whether the text was as the format says (a code fence is)."""
        return self.repairs <= {Repair.FENCE}


class ParseCounter:
    """Counts parsed, repaired and refused answers; benchmarks report the refused apart. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.clean = 0
        self.repaired = 0
        self.refused = 0
        self.repairs: Counter[str] = Counter()
        """How often each repair was made."""
        self.failures: list[tuple[str, str]] = []
        """Message and text of the first refused answers, at most 100."""

    def count(self, parse: Callable[[], Parsed[Value]]) -> Parsed[Value]:
        """What `parse()` returns; counts it, and its AnswerFormatError."""
        try:
            parsed = parse()
        except AnswerFormatError as error:
            with self._lock:
                self.refused += 1
                if len(self.failures) < 100:
                    self.failures.append((str(error), error.text))
            raise
        with self._lock:
            self.clean += parsed.clean
            self.repaired += not parsed.clean
            self.repairs.update(repair.value for repair in parsed.repairs)
        return parsed

    @property
    def total(self) -> int:
        return self.clean + self.repaired + self.refused

    @property
    def failure_rate(self) -> float:
        """Part of the answers that were refused, 0..1; 0 where there were none."""
        return self.refused / self.total if self.total else 0.0

    def describe(self) -> str:
        """One line for a report."""
        line = (
            f"{self.total} answers: {self.clean} clean, {self.repaired} repaired, {self.refused} unparsable"
        )
        often = ", ".join(f"{count} x {name}" for name, count in self.repairs.most_common())
        return f"{line} ({often})" if often else line
