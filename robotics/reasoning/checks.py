"""Refuses questions and pictures that no reasoner can use, each in one line."""

from collections.abc import Sequence

import numpy as np

from robotics.reasoning.answers import Point
from robotics.reasoning.errors import ImageError, QueryError
from robotics.reasoning.view import View

LONGEST_QUERY = 2000
"""[character]"""
MOST_PIXELS = 100_000_000
"""Of one picture."""


def check_query(text: str, what: str = "query") -> str:
    """The text in one line, without space around it.

    Raises:
        QueryError: It is empty or too long.
    """
    if not isinstance(text, str):
        raise QueryError(f"the {what} must be a text, got {type(text).__name__}")
    if len(text) > LONGEST_QUERY:
        raise QueryError(f"the {what} has {len(text)} characters; at most {LONGEST_QUERY}")
    line = " ".join(text.split())
    if not any(character.isalnum() for character in line):
        raise QueryError(f"the {what} is empty" if not line else f"the {what} has no words: {line[:40]!r}")
    return line


def check_limit(limit: int) -> int:
    """How many answers are wanted.

    Raises:
        QueryError: Less than one.
    """
    if limit < 1:
        raise QueryError(f"limit must be at least 1, got {limit}")
    return limit


def as_rgb(image: np.ndarray) -> np.ndarray:
    """uint8 RGB (height, width, 3) of a colour, grey (height, width[, 1]) or RGBA picture; alpha is dropped.

    Raises:
        ImageError: Another shape or type, no pixels, or too many.
    """
    wanted = "uint8 (height, width, 3)"
    if not isinstance(image, np.ndarray):
        raise ImageError(f"an image must be an array {wanted}, got {type(image).__name__}")
    got = f"{image.dtype} {image.shape}"
    if image.dtype != np.uint8 or image.ndim not in {2, 3}:
        raise ImageError(f"an image must be {wanted}, got {got}")
    if image.ndim == 2:
        image = image[..., None]
    if image.shape[2] not in {1, 3, 4} or 0 in image.shape:
        raise ImageError(f"an image must be {wanted}, got {got}")
    if image.shape[0] * image.shape[1] > MOST_PIXELS:
        raise ImageError(
            f"an image of {image.shape[1]}x{image.shape[0]}; at most {MOST_PIXELS // 10**6} megapixels"
        )
    return np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image[..., :3]


def check_view(view: View) -> np.ndarray:
    """The view's picture as RGB.

    Raises:
        ImageError: It cannot be used, or depth or intrinsics are of another size.
    """
    image = as_rgb(view.image)
    size = f"{view.width}x{view.height}"
    if view.depth is not None and view.depth.shape != image.shape[:2]:
        raise ImageError(f"depth must have the image's size {size}, got {view.depth.shape}")
    k = view.intrinsics
    if k is not None and (k.width, k.height) != (view.width, view.height):
        raise ImageError(f"intrinsics must be of the image's size {size}, got {k.width}x{k.height}")
    return image


def check_points(points: Sequence[Point], view: View) -> None:
    """Points that are asked about lie in the view.

    Raises:
        QueryError: There are none, or one lies outside.
    """
    if not points:
        raise QueryError("no points to look for")
    for p in points:
        if not (0 <= p.column <= view.width and 0 <= p.row <= view.height):
            raise QueryError(
                f"point ({p.column:g}, {p.row:g}) lies outside the image of {view.width}x{view.height}"
            )


def check_views(views: Sequence[View], what: str = "a view") -> None:
    """There is at least one view, and all can be used.

    Raises:
        ImageError: Not so.
    """
    if not views:
        raise ImageError(f"{what} is needed, got none")
    for view in views:
        check_view(view)
