"""Checks the [guard] table of an embodiment TOML, and boxes in space."""

import math
from typing import Any

from robotics.embodiment_parts import Box, GuardSettings
from robotics.errors import UnknownNameError

_KEYS = ("collision_margin", "allowed", "tool_box")


def read_guard(table: Any, arms: list[str], problems: list[str]) -> GuardSettings | None:
    """The settings, with defaults for what is missing; None where `problems` got a line.

    Args:
        arms: Names of the robot's arms.
    """
    if not isinstance(table, dict):
        problems.append(f"guard: wanted a table, got {table!r}")
        return None
    before = len(problems)
    problems.extend(
        str(UnknownNameError("key", key, _KEYS, owner="guard")) for key in table if key not in _KEYS
    )
    default = GuardSettings()
    margin = table.get("collision_margin", default.collision_margin)
    if isinstance(margin, bool) or not isinstance(margin, int | float) or not 0 <= margin <= 0.5:
        problems.append(f"guard: 'collision_margin' wants 0 .. 0.5 [m], got {margin!r}")
    allowed = table.get("allowed", [list(pair) for pair in default.allowed])
    if not isinstance(allowed, list) or not all(map(_is_pair, allowed)):
        problems.append(f'guard: \'allowed\' wants pairs of names [["a", "b"], ...], got {allowed!r}')
        allowed = []
    boxes = table.get("tool_box", {})
    if not isinstance(boxes, dict):
        problems.append(f"guard: 'tool_box' wants a table with one box an arm, got {boxes!r}")
        boxes = {}
    read: dict[str, Box] = {}
    for arm, corners in boxes.items():
        if arm not in arms:
            problems.append(str(UnknownNameError("arm", arm, arms, owner="guard tool_box")))
        box = read_box(corners, f"guard: 'tool_box' of '{arm}'", problems)
        if box is not None:
            read[arm] = box
    if len(problems) > before:
        return None
    return GuardSettings(float(margin), tuple((first, second) for first, second in allowed), read)


def read_box(corners: Any, what: str, problems: list[str]) -> Box | None:
    """Two corners of a box, the lower one first; None where `problems` got a line."""
    given = corners if isinstance(corners, list) and len(corners) == 2 else []
    if not given or not all(isinstance(c, list) and len(c) == 3 and all(map(_is_number, c)) for c in given):
        problems.append(f"{what} wants two corners [[x, y, z], [x, y, z]], got {corners!r}")
        return None
    if any(low >= high for low, high in zip(*given, strict=True)):
        problems.append(f"{what} wants lower < upper corner, got {corners!r}")
        return None
    (a, b, c), (d, e, f) = ([float(v) for v in corner] for corner in given)
    return (a, b, c), (d, e, f)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(name, str) for name in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
