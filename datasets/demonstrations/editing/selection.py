"""Which episodes an edit or a list is about: by number and by what the index says of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from demonstrations.dataset import DemonstrationDataset
from demonstrations.index import IndexEntry
from robotics.errors import DatasetError, UnknownNameError

SUCCESS_WORDS = {"true": True, "false": False, "none": None}
"""How a judgement is written; 'none' where nobody judged."""


@dataclass(frozen=True)
class Selection:
    """Conditions that an episode fulfils all of; those that are None or empty ask for nothing.

    Raises:
        DatasetError: The instruction is no regular expression, or a length is below 0.
    """

    success: bool | None = None
    """Judged so."""
    unjudged: bool = False
    """Judged by nobody."""
    task: str | None = None
    instruction: str | None = None
    """Regular expression that some part of the instruction matches, whatever its case."""
    source: str | None = None
    operator: str | None = None
    min_length: int | None = None
    """[ticks]"""
    max_length: int | None = None
    """[ticks]"""
    whole: bool = False
    """Not truncated."""

    def __post_init__(self):
        try:
            re.compile(self.instruction or "")
        except re.error as error:
            raise DatasetError(
                f"'{self.instruction}' is no regular expression: {error} (a plain word is one)"
            ) from error
        if min(self.min_length or 0, self.max_length or 0) < 0:
            raise DatasetError(f"a length wants 0 or more ticks, got {self.min_length} and {self.max_length}")

    def matches(self, entry: IndexEntry) -> bool:
        """Whether an episode fulfils every condition."""
        return (
            (self.success is None or entry.success is self.success)
            and (not self.unjudged or entry.success is None)
            and self.task in (None, entry.task)
            and self.source in (None, entry.source)
            and self.operator in (None, entry.operator)
            and (
                self.instruction is None
                or re.search(self.instruction, entry.instruction, re.IGNORECASE) is not None
            )
            and (self.min_length is None or entry.length >= self.min_length)
            and (self.max_length is None or entry.length <= self.max_length)
            and not (self.whole and entry.truncated)
        )

    def check_names(self, dataset: DemonstrationDataset) -> None:
        """Refuse a task, source or operator that no episode has: a typing error would hide everything.

        Raises:
            UnknownNameError: Lists those that there are.
        """
        for kind in ("task", "source", "operator"):
            wanted = getattr(self, kind)
            existing = dict.fromkeys(getattr(entry, kind) for entry in dataset.entries)
            if wanted is not None and wanted not in existing:
                raise UnknownNameError(kind, wanted, [e for e in existing if e], owner=str(dataset.path))


def parse_numbers(words: Sequence[str]) -> list[int]:
    """Episode numbers from words such as '3' and '5-9'.

    Raises:
        DatasetError: A word is neither.
    """
    numbers: list[int] = []
    for word in words:
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", word)
        if match is None or int(match[2] or match[1]) < int(match[1]):
            raise DatasetError(f"wanted an episode number such as 3, or a range such as 5-9, got '{word}'")
        numbers.extend(range(int(match[1]), int(match[2] or match[1]) + 1))
    return list(dict.fromkeys(numbers))


def parse_moment(word: str, episode_length: int, control_rate_hz: float) -> int:
    """A tick from '120' (ticks since the episode's start) or '2.4s' (seconds since then).

    Raises:
        DatasetError: It is neither, or the episode has no such tick (its length counts as its end).
    """
    match = re.fullmatch(r"(\d+)|(\d+(?:\.\d*)?|\.\d+)s", word)
    if match is None:
        raise DatasetError(f"wanted ticks such as 120, or seconds such as 2.4s, got '{word}'")
    tick = int(match[1]) if match[1] else round(float(match[2]) * control_rate_hz)
    if tick > episode_length:
        raise DatasetError(
            f"'{word}' is tick {tick}; the episode ends at {episode_length} "
            f"({episode_length / control_rate_hz:.2f}s)"
        )
    return tick
