"""Top-down grasps as text: `[{"grasp": [y, x, theta], "label": "handle"}]`, theta in whole degrees.

Theta is 0 where the line between the fingertips lies along the image's rows, and turns from right towards
down, within -90..90; it is an angle between pixels, whatever the image's shape.
"""

import math
from collections.abc import Iterable
from typing import Any

from robotics.errors import shorten
from robotics.reasoning.answers import Grasp
from robotics.reasoning.errors import AnswerFormatError
from robotics.reasoning.formats.extract import extract_items
from robotics.reasoning.formats.parsed import Parsed, Repair
from robotics.reasoning.formats.points import fence
from robotics.reasoning.formats.scale import Scale, read_key, read_label, read_numbers


def write_grasps(grasps: Iterable[Grasp], scale: Scale) -> str:
    """As a model would; what is known beyond the image is not written.

    Raises:
        QueryError: A grasp lies outside the image.
    """
    return fence(
        {"grasp": [*scale.write(g.column, g.row), round(math.degrees(g.angle))], "label": g.label}
        for g in grasps
    )


def parse_grasps(text: str, scale: Scale) -> Parsed[Grasp]:
    """Grasps in the order of the text; an empty list says that there are none.

    Raises:
        AnswerFormatError: Not a list of grasps within the image and -90..90 degrees.
    """
    extracted = extract_items(text, "grasp")
    repairs = set(extracted.repairs)
    grasps = tuple(_read_grasp(item, scale, text, repairs) for item in extracted.items)
    return Parsed(grasps, frozenset(repairs))


def _read_grasp(item: dict[str, Any], scale: Scale, text: str, repairs: set[Repair]) -> Grasp:
    values = read_key(item, "grasp", text)
    degrees = read_numbers(values, 3, text, repairs)[2]
    ((column, row),) = scale.read(values[:2], 1, text, repairs)
    if not -90 <= degrees <= 90:
        raise AnswerFormatError(f"wanted theta within -90..90 degrees, got {shorten(repr(values))}", text)
    angle = math.radians(90 if degrees == -90 else degrees)  # the same line; ours is in (-pi/2, pi/2]
    return Grasp(column, row, angle, label=read_label(item, text))
