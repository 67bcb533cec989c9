"""2D boxes as text: `[{"box_2d": [ymin, xmin, ymax, xmax], "label": "red mug"}]`."""

from collections.abc import Iterable
from typing import Any

from robotics.errors import shorten
from robotics.reasoning.answers import Box2D
from robotics.reasoning.errors import AnswerFormatError
from robotics.reasoning.formats.extract import extract_items
from robotics.reasoning.formats.parsed import Parsed, Repair
from robotics.reasoning.formats.points import fence
from robotics.reasoning.formats.scale import Scale, read_key, read_label


def write_boxes(boxes: Iterable[Box2D], scale: Scale) -> str:
    """As a model would.

    Raises:
        QueryError: A corner lies outside the image.
    """
    return fence(
        {"box_2d": scale.write(b.left, b.top) + scale.write(b.right, b.bottom), "label": b.label}
        for b in boxes
    )


def parse_boxes(text: str, scale: Scale) -> Parsed[Box2D]:
    """Boxes in the order of the text; an empty list says that there are none.

    Raises:
        AnswerFormatError: Not a list of boxes within the image, or one has no area or swapped corners.
    """
    extracted = extract_items(text, "box_2d")
    repairs = set(extracted.repairs)
    boxes = tuple(_read_box(item, scale, text, repairs) for item in extracted.items)
    return Parsed(boxes, frozenset(repairs))


def _read_box(item: dict[str, Any], scale: Scale, text: str, repairs: set[Repair]) -> Box2D:
    values = read_key(item, "box_2d", text)
    (left, top), (right, bottom) = scale.read(values, 2, text, repairs)
    if not (left < right and top < bottom):
        corner = "ymin, xmin, ymax, xmax" if scale.y_first else "xmin, ymin, xmax, ymax"
        raise AnswerFormatError(f"a box without area: wanted [{corner}], got {shorten(repr(values))}", text)
    return Box2D(left, top, right, bottom, read_label(item, text))
