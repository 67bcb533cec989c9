"""Reads the JSON that models nearly write, one value at a position of a text, and notes what it forgave."""

import json
import re
from typing import Any

from robotics.errors import shorten
from robotics.reasoning.formats.parsed import Repair

DEEPEST = 8
"""Nesting beyond this is no answer of ours."""

_SPACE = re.compile(r"\s*")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,30})(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?(?![\w.])")
_UNFINISHED = re.compile(r"[-+.\deE/]*\Z")
_WORD = re.compile(r"-?[A-Za-z_]\w{0,40}")
_QUOTES = {'"': '"', "'": "'", "\u201c": "\u201d", "\u2018": "\u2019", "\u201d": "\u201d"}
_LITERALS = {"true": True, "false": False, "null": None}
_PYTHON_LITERALS = {"True": True, "False": False, "None": None}


class SyntaxFault(Exception):
    """The text at this place is not JSON, nor nearly."""


class TextEnds(SyntaxFault):
    """The text, or its code block, ends inside a value."""


class LenientReader:
    """A recursive reader over `text`; `repairs` gathers what it forgave since it was made."""

    def __init__(self, text: str):
        self._text = text
        self.repairs: set[Repair] = set()
        self.position = 0

    def read(self, start: int) -> Any:
        """The value that starts at index `start`; afterwards `position` is behind it.

        A list of objects that the end of the text cuts off is returned with its whole objects, CUT_OFF noted.

        Raises:
            SyntaxFault: There is no such value; the message says why.
        """
        self.position = start
        return self._value(0)

    def _skip(self) -> None:
        while True:
            self.position = _SPACE.match(self._text, self.position).end()  # type: ignore[union-attr]
            comment = _COMMENT.match(self._text, self.position)
            if not comment:
                return
            self.repairs.add(Repair.COMMENTS)
            self.position = comment.end()

    def _peek(self) -> str:
        self._skip()
        if self.position >= len(self._text) or self._text.startswith("```", self.position):
            raise TextEnds("the text ends inside the JSON")
        return self._text[self.position]

    def _fault(self, wanted: str) -> SyntaxFault:
        got = self._text[self.position : self.position + 20]
        return SyntaxFault(f"wanted {wanted} at character {self.position}, got {got!r}")

    def _value(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise SyntaxFault(f"nested deeper than {DEEPEST}")
        first = self._peek()
        if first == "[":
            return self._list(depth)
        if first == "{":
            return self._object(depth)
        if first in _QUOTES:
            return self._string()
        if number := _NUMBER.match(self._text, self.position):
            return self._number(number)
        if word := _WORD.match(self._text, self.position):
            return self._literal(word)
        if _UNFINISHED.match(self._text, self.position):
            raise TextEnds("the text ends inside a number")
        raise self._fault("a value")

    def _number(self, number: re.Match[str]) -> int | float:
        if number.end() == len(self._text):
            raise TextEnds("the text ends inside a number")  # 51 may be the beginning of 512
        self.position = number.end()
        return json.loads(number.group())

    def _literal(self, word: re.Match[str]) -> bool | None:
        name = word.group()
        if name in _PYTHON_LITERALS:
            self.repairs.add(Repair.LITERALS)
        elif name not in _LITERALS:
            if word.end() == len(self._text):
                raise TextEnds("the text ends inside a word")
            raise self._fault("a value")
        self.position = word.end()
        return {**_LITERALS, **_PYTHON_LITERALS}[name]

    def _string(self) -> str:
        opening = self._text[self.position]
        closing = _QUOTES[opening]
        if opening != '"':
            self.repairs.add(Repair.QUOTES)
        pieces, at = [], self.position + 1
        while at < len(self._text):
            character = self._text[at]
            if character == closing:
                self.position = at + 1
                return self._check_text("".join(pieces))
            if character == "\\":
                piece, at = self._escape(at)
                pieces.append(piece)
                continue
            if character < " ":
                self.repairs.add(Repair.LINE_BREAK)
                character = " "
            pieces.append(character)
            at += 1
        raise TextEnds("the text ends inside quotes")

    def _escape(self, at: int) -> tuple[str, int]:
        following = self._text[at + 1 : at + 2]
        if not following:
            raise TextEnds("the text ends inside quotes")
        if following == "'":
            self.repairs.add(Repair.QUOTES)
            return "'", at + 2
        length = 2
        if following == "u":
            # Both halves of a character beyond the basic plane at once.
            length = 12 if re.match(r"\\ud[89ab]..\\u", self._text[at : at + 8], re.IGNORECASE) else 6
            if at + length > len(self._text):
                raise TextEnds("the text ends inside quotes")
        try:
            return json.loads(f'"{self._text[at : at + length]}"'), at + length
        except ValueError:
            self.position = at
            raise self._fault("an escape of JSON") from None

    def _check_text(self, text: str) -> str:
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise SyntaxFault("half a surrogate pair in quotes")  # cannot be printed or sent
        return text

    def _list(self, depth: int) -> list[Any]:
        self.position += 1
        items: list[Any] = []
        try:
            while True:
                if self._peek() == "]":
                    self.position += 1
                    return items
                items.append(self._value(depth + 1))
                self._separator("]", items[-1])
        except TextEnds:
            # Only a list of items at the top, or alone inside the top object, can go on without its end.
            if depth > 1 or not items or not all(isinstance(item, dict) for item in items):
                raise
            self.repairs.add(Repair.CUT_OFF)
            fence = self._text.find("```", self.position)
            self.position = len(self._text) if fence < 0 else fence
            return items

    def _object(self, depth: int) -> dict[str, Any]:
        self.position += 1
        found: dict[str, Any] = {}
        while True:
            if self._peek() == "}":
                self.position += 1
                return found
            key = self._key()
            if self._peek() != ":":
                raise self._fault("':'")
            self.position += 1
            if key in found:
                raise SyntaxFault(f"the key {shorten(repr(key), 20)} stands twice in one object")
            found[key] = self._value(depth + 1)
            if depth == 0 and len(found) == 1 and Repair.CUT_OFF in self.repairs:
                return found  # the list inside it was cut off
            self._separator("}", found[key])

    def _key(self) -> str:
        if self._text[self.position] in _QUOTES:
            return self._string()
        if word := _WORD.match(self._text, self.position):
            if word.end() == len(self._text):
                raise TextEnds("the text ends inside a key")
            self.repairs.add(Repair.BARE_KEYS)
            self.position = word.end()
            return word.group()
        raise self._fault("a key")

    def _separator(self, closing: str, before: Any) -> None:
        following = self._peek()
        if following == ",":
            self.position += 1
            if self._peek() == closing:
                self.repairs.add(Repair.TRAILING_COMMA)
        elif following != closing:
            # Numbers without commas may be one number; objects cannot run together.
            if closing == "]" and following == "{" and isinstance(before, dict):
                self.repairs.add(Repair.MISSING_COMMA)
            else:
                raise self._fault(f"',' or '{closing}'")
