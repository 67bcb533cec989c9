"""An answer about a picture as an answer about the same picture at another size."""

import dataclasses
import math
from typing import Any

from robotics.reasoning.answers import (
    Answer,
    Box2D,
    Box3D,
    Correspondence,
    Found,
    Grasp,
    Point,
    Success,
    Trajectory,
)

Reply = Found[Any] | tuple[Correspondence, ...] | Success | Answer
"""What any of the questions is answered by."""


def scale_answer(answer: Reply, across: float, down: float) -> Reply:
    """With columns multiplied by `across` and rows by `down`; metres stay.

    Correspondences have two pictures: use `scale_matches`.
    """
    if not isinstance(answer, Found) or across == down == 1.0:
        return answer
    return dataclasses.replace(answer, items=tuple(_scale(item, across, down) for item in answer.items))


def scale_matches(
    matches: tuple[Correspondence, ...], source: tuple[float, float], target: tuple[float, float]
) -> tuple[Correspondence, ...]:
    """
    Args:
        source: Factors of columns and of rows in the picture that the points come from.
        target: Those of the other picture.
    """
    return tuple(
        dataclasses.replace(
            match,
            source=_scale(match.source, *source),
            target=None if match.target is None else _scale(match.target, *target),
        )
        for match in matches
    )


def _scale(item: Any, across: float, down: float) -> Any:
    match item:
        case Point():
            return dataclasses.replace(item, column=item.column * across, row=item.row * down)
        case Box2D():
            return dataclasses.replace(
                item,
                left=item.left * across,
                top=item.top * down,
                right=item.right * across,
                bottom=item.bottom * down,
            )
        case Grasp():
            angle = math.atan2(math.sin(item.angle) * down, math.cos(item.angle) * across)
            return dataclasses.replace(item, column=item.column * across, row=item.row * down, angle=angle)
        case Trajectory():
            return dataclasses.replace(
                item, waypoints=tuple(_scale(point, across, down) for point in item.waypoints)
            )
        case Box3D():
            return item
    raise TypeError(f"{type(item).__name__} is no item of an answer")
