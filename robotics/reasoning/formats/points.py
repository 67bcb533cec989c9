"""Points as text: `[{"point": [y, x], "label": "red mug"}]`."""

import json
from collections.abc import Iterable
from typing import Any

from robotics.reasoning.answers import Point
from robotics.reasoning.formats.extract import extract_items
from robotics.reasoning.formats.parsed import Parsed, Repair
from robotics.reasoning.formats.scale import Scale, read_key, read_label


def fence(items: Iterable[dict[str, Any]]) -> str:
    """Objects as a fenced JSON list, one a line."""
    lines = ",\n".join(f"  {json.dumps(item, ensure_ascii=False)}" for item in items)
    return f"```json\n[\n{lines}\n]\n```" if lines else "```json\n[]\n```"


def write_points(points: Iterable[Point], scale: Scale) -> str:
    """As a model would.

    Raises:
        QueryError: A point lies outside the image.
    """
    return fence({"point": scale.write(p.column, p.row), "label": p.label} for p in points)


def parse_points(text: str, scale: Scale) -> Parsed[Point]:
    """Points in the order of the text; an empty list says that there are none.

    Raises:
        AnswerFormatError: Not a list of points within the image.
    """
    extracted = extract_items(text, "point")
    repairs = set(extracted.repairs)
    points = tuple(read_point(item, scale, text, repairs) for item in extracted.items)
    return Parsed(points, frozenset(repairs))


def read_point(item: dict[str, Any], scale: Scale, text: str, repairs: set[Repair]) -> Point:
    """One item of a list.

    Raises:
        AnswerFormatError: It is no point within the image.
    """
    ((column, row),) = scale.read(read_key(item, "point", text), 1, text, repairs)
    return Point(column, row, read_label(item, text))
