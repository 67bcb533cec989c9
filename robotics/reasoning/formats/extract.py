"""Finds the one list of items in a model's text: fenced, amid prose, cut off, or as it should be."""

import re
from dataclasses import dataclass
from typing import Any

from robotics.errors import shorten
from robotics.reasoning.errors import AnswerFormatError
from robotics.reasoning.formats.lenient import LenientReader, SyntaxFault, TextEnds
from robotics.reasoning.formats.parsed import Repair

LONGEST_TEXT = 200_000
"""[character]; a longer answer is a model that does not stop."""

_THOUGHTS = re.compile(r"\s*<(think|thinking)>.*?</\1>", re.DOTALL)
_FENCE = re.compile(r"```[ \t]*(?:json[c5l]?|JSON|python|text|plaintext)?")
_NOTHING = " \t\r\n,;\ufeff"
"""Between and around answers; the last is a byte order mark."""
# A list of objects, an empty list, or an object; '[y, x]' in a sentence is none of these.
_START = re.compile(r"\[\s*[{\]]|\{\s*[\"'\u201c\u2018}A-Za-z_]")


@dataclass(frozen=True)
class Extracted:
    """The objects that a text holds."""

    items: tuple[dict[str, Any], ...]
    repairs: frozenset[Repair]


def extract_items(text: str, key: str) -> Extracted:
    """The objects of the one list in `text`, each of which should have `key`.

    Raises:
        AnswerFormatError: There is no such list, or more than one, or it is broken.
    """
    repairs: set[Repair] = set()
    values = _find_values(text, repairs)
    return Extracted(tuple(_as_items(values, key, repairs, text)), frozenset(repairs))


def extract_object(text: str) -> Extracted:
    """The one object in `text`, or no item where the text has none.

    Raises:
        AnswerFormatError: There is more than one, or it is broken.
    """
    repairs: set[Repair] = set()
    if not _START.search(without_thoughts(text, repairs)):
        return Extracted((), frozenset(repairs))
    values = _find_values(text, repairs)
    if len(values) == 1 and isinstance(values[0], list) and len(values[0]) == 1:
        repairs.add(Repair.WRAPPED)
        values = values[0]
    if len(values) != 1 or not isinstance(values[0], dict):
        raise AnswerFormatError(f"wanted one object: {quote(text)}", text)
    return Extracted((values[0],), frozenset(repairs))


def quote(text: str) -> str:
    """The beginning of a text in one line, for a message."""
    return repr(shorten(" ".join(text[:400].split())))


def without_thoughts(text: str, repairs: set[Repair]) -> str:
    """`text` without what the model wrote for itself; notes that in `repairs`.

    Raises:
        AnswerFormatError: The text is too long, or holds nothing but thoughts.
    """
    if len(text) > LONGEST_TEXT:
        raise AnswerFormatError(f"an answer of {len(text)} characters; at most {LONGEST_TEXT}", text)
    said = text
    if thoughts := _THOUGHTS.match(text):
        repairs.add(Repair.THOUGHTS)
        said = text[thoughts.end() :]
    if re.match(r"\s*<think(ing)?>", said):
        raise AnswerFormatError(f"cut off inside <think>: {quote(text)}", text)
    return said


def _find_values(whole: str, repairs: set[Repair]) -> list[Any]:
    """Every list of objects and every object at the top of a text; more than one only if nothing but commas
    and space stands between them."""
    text = without_thoughts(whole, repairs)
    values: list[Any] = []
    around, end = "", 0
    while start := _START.search(text, end):
        between = text[end : start.start()]
        if values and between.strip(_NOTHING):
            raise AnswerFormatError(f"several answers in one text: {quote(whole)}", whole)
        reader = LenientReader(text)
        try:
            values.append(reader.read(start.start()))
        except TextEnds as fault:
            if not values:
                raise AnswerFormatError(f"cut off ({fault}): {quote(whole)}", whole) from None
            repairs.add(Repair.CUT_OFF)
            break
        except SyntaxFault as fault:
            raise AnswerFormatError(f"broken JSON ({fault}): {quote(whole)}", whole) from None
        repairs |= reader.repairs
        around += between
        end = reader.position
    else:
        around += text[end:]
    if not values:
        said = quote(whole) if whole.strip() else "an empty answer"
        raise AnswerFormatError(f"no JSON: {said}", whole)
    if "```" in around:
        repairs.add(Repair.FENCE)
    if _FENCE.sub("", around).strip(_NOTHING):
        repairs.add(Repair.PROSE)
    return values


def _as_items(values: list[Any], key: str, repairs: set[Repair], text: str) -> list[dict[str, Any]]:
    if len(values) == 1 and isinstance(values[0], dict) and len(values[0]) == 1 and key not in values[0]:
        (inner,) = values[0].values()
        if isinstance(inner, list):
            repairs.add(Repair.WRAPPED)
            values = [inner]
    if len(values) == 1 and isinstance(values[0], list):
        values = values[0]
    elif all(isinstance(value, dict) for value in values):
        repairs.add(Repair.NO_LIST)
    else:
        raise AnswerFormatError(f"several lists, wanted one: {quote(text)}", text)
    for item in values:
        if not isinstance(item, dict):
            raise AnswerFormatError(f"wanted objects in one list, got {shorten(repr(item))}", text)
    return values
