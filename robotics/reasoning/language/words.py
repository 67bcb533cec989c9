"""Text as a row of words, and tables of phrases that are looked up in it, longest first."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")

_WORD = re.compile(r"[^\W_]+|'s\b|'(?=\s|$)")


def split_words(text: str) -> list[str]:
    """Lower case words; a possessive is a word of its own: "drawer's handle" -> drawer 's handle."""
    text = text.lower().replace("’", "'").replace("`", "'")
    text = re.sub(r"\b(that|it|what|where|there|here|which|let)'s\b", r"\1 is", text)
    text = re.sub(r"\bi'm\b", "i am", re.sub(r"\bi'd\b", "i would", re.sub(r"\bi've\b", "i have", text)))
    # an apostrophe belongs to a plural's possessive only: 'the mug' in quotes has none
    return ["'s" if word == "'" else word for word in _WORD.findall(_unquote(text))]


def _unquote(text: str) -> str:
    return re.sub(r"(?<![a-z0-9])'(.+?)'(?![a-z0-9])", r"\1", text)


class Phrases(Generic[Value]):
    """A table from phrases to what they mean."""

    def __init__(self, entries: Iterable[tuple[str, Value]]):
        self._values: dict[tuple[str, ...], Value] = {}
        self._longest: dict[str, int] = {}
        for text, value in entries:
            words = tuple(split_words(text))
            self._values.setdefault(words, value)
            self._longest[words[0]] = max(self._longest.get(words[0], 0), len(words))

    @staticmethod
    def of(table: Mapping[Value, str]) -> "Phrases[Value]":
        """From value -> 'phrase, phrase, ...'."""
        return Phrases((text.strip(), value) for value, texts in table.items() for text in texts.split(","))

    def words(self) -> set[str]:
        """Every word of every phrase."""
        return {word for phrase in self._values for word in phrase}

    def phrases(self) -> set[str]:
        return {" ".join(words) for words in self._values}

    def find(self, words: list[str], at: int) -> tuple[Value, int] | None:
        """The meaning of the longest phrase that starts at `at`, and its number of words."""
        longest = self._longest.get(words[at], 0) if at < len(words) else 0
        for length in range(min(longest, len(words) - at), 0, -1):
            value = self._values.get(tuple(words[at : at + length]))
            if value is not None:
                return value, length
        return None


@dataclass
class Cursor:
    """A place in a row of words."""

    words: list[str]
    at: int = 0

    @property
    def done(self) -> bool:
        return self.at >= len(self.words)

    @property
    def next(self) -> str:
        """The next word; '' at the end."""
        return self.words[self.at] if not self.done else ""

    def peek(self, offset: int) -> str:
        """The word so many places after the next one; '' beyond the ends."""
        index = self.at + offset
        return self.words[index] if 0 <= index < len(self.words) else ""

    def take(self, table: Phrases[Value]) -> Value | None:
        """Read a phrase of the table if one starts here."""
        found = table.find(self.words, self.at)
        if found is None:
            return None
        self.at += found[1]
        return found[0]

    def take_word(self, *words: str) -> bool:
        """Read one of these words if it is the next one."""
        if self.next in words and not self.done:
            self.at += 1
            return True
        return False

    def skip(self, table: Phrases) -> None:
        """Read phrases of the table as long as there are any."""
        while self.take(table) is not None:
            pass

    def starts(self, table: Phrases) -> bool:
        """Whether a phrase of the table starts here."""
        return table.find(self.words, self.at) is not None
