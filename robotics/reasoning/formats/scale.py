"""Image coordinates in text and in pixels."""

import math
import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

from robotics.errors import shorten
from robotics.reasoning.errors import AnswerFormatError, QueryError
from robotics.reasoning.formats.parsed import Repair

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


class Unit(Enum):
    """What one step of a coordinate in text is."""

    THOUSANDTH = "integers 0..1000"
    """Of the image's height or width."""
    FRACTION = "fractions 0..1"
    """Of the image's height or width."""
    PIXEL = "pixels"


@dataclass(frozen=True)
class Scale:
    """How a model writes places in an image; the default is Gemini's.

    The unit is part of the format: numbers that fit another unit are refused, never reinterpreted.
    """

    width: int
    """Of the image [pixel]."""
    height: int
    """[pixel]"""
    unit: Unit = Unit.THOUSANDTH
    y_first: bool = True
    sent: tuple[int, int] | None = None
    """Width and height of the picture as the model sees it, which PIXEL counts in; None: as it is."""

    @property
    def steps(self) -> tuple[float, float]:
        """Greatest x and y in text."""
        if self.unit is Unit.PIXEL:
            width, height = self.sent or (self.width, self.height)
            return float(width), float(height)
        return (1000.0, 1000.0) if self.unit is Unit.THOUSANDTH else (1.0, 1.0)

    @property
    def order(self) -> str:
        """'y, x' or 'x, y'."""
        return "y, x" if self.y_first else "x, y"

    def write(self, column: float, row: float) -> list[float | int]:
        """A pixel as a pair of text's numbers.

        Raises:
            QueryError: It lies outside the image.
        """
        if not (0 <= column <= self.width and 0 <= row <= self.height):
            raise QueryError(
                f"pixel ({column:g}, {row:g}) lies outside the image of {self.width}x{self.height}"
            )
        most_x, most_y = self.steps
        x, y = column * most_x / self.width, row * most_y / self.height
        pair: list[float | int] = [round(x, 4), round(y, 4)]
        if self.unit is not Unit.FRACTION:
            pair = [round(x), round(y)]
        return pair[::-1] if self.y_first else pair

    def read(self, values: Any, pairs: int, text: str, repairs: set[Repair]) -> list[tuple[float, float]]:
        """(column, row) [pixel] of a list of 2 * `pairs` numbers.

        Raises:
            AnswerFormatError: Not that many finite numbers, in the unit's range.
        """
        numbers = read_numbers(values, 2 * pairs, text, repairs)
        self._check_unit(numbers, text, repairs)
        places = []
        for at in range(0, 2 * pairs, 2):
            first, second = numbers[at : at + 2]
            x, y = (second, first) if self.y_first else (first, second)
            most_x, most_y = self.steps
            if not (0 <= x <= most_x and 0 <= y <= most_y):
                got = f"{shorten(repr(values))}"
                raise AnswerFormatError(f"outside the image: wanted {self.unit.value}, got {got}", text)
            places.append((x * self.width / most_x, y * self.height / most_y))
        return places

    def _check_unit(self, numbers: list[float], text: str, repairs: set[Repair]) -> None:
        if self.unit is not Unit.THOUSANDTH:
            return
        if all(abs(n) <= 1 for n in numbers) and any(isinstance(n, float) for n in numbers):
            raise AnswerFormatError(f"wanted {self.unit.value}, got fractions {numbers}", text)
        if any(n != math.floor(n) for n in numbers):
            repairs.add(Repair.NOT_INTEGER)


def read_numbers(values: Any, count: int, text: str, repairs: set[Repair]) -> list[float]:
    """`count` finite numbers of a JSON list, ints and floats as they were written.

    Raises:
        AnswerFormatError: It is not that.
    """
    if not isinstance(values, list) or len(values) != count:
        raise AnswerFormatError(f"wanted {count} numbers, got {shorten(repr(values))}", text)
    numbers: list[float] = []
    for value in values:
        if isinstance(value, str):
            number: Any = _number_of(value)
            repairs.add(Repair.NUMBER_AS_TEXT)
        else:
            number = value
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            raise AnswerFormatError(f"wanted {count} numbers, got {shorten(repr(values))}", text)
        numbers.append(number)
    return numbers


def _number_of(text: str) -> float | None:
    if not _NUMBER.fullmatch(text.strip()):
        return None
    return float(text) if "." in text else int(text)


def read_label(item: dict[str, Any], text: str) -> str:
    """The item's label, '' where it has none.

    Raises:
        AnswerFormatError: It is neither text nor a number.
    """
    label = item.get("label", "")
    if isinstance(label, int) and not isinstance(label, bool):
        return str(label)
    if label is None:
        return ""
    if not isinstance(label, str):
        raise AnswerFormatError(f"wanted a text as label, got {shorten(repr(label))}", text)
    return label


def read_key(item: dict[str, Any], key: str, text: str) -> Any:
    """What the item has under `key`.

    Raises:
        AnswerFormatError: Nothing.
    """
    if key not in item:
        has = ", ".join(shorten(repr(k), 20) for k in list(item)[:8]) or "nothing"
        raise AnswerFormatError(f"an item has no '{key}'; it has: {has}", text)
    return item[key]
