"""Point-Bench of PointArena from the user's disk, with its own metric (L. Cheng et al., arXiv 2505.09990).

`data.json` lists the questions, `images/CATEGORY/` and `masks/` hold the pictures. An answer is right if
every point lies in the mask and, in the category `counting`, there are as many points as the entry's
`count`; in all other categories the first point alone is looked at. This is what the authors' program
computes; the stricter rule of their paper, a point in each region, cannot be told from one mask a question.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from robotics.evaluation.reasoning.public_shares import (
    NONE_FOUND,
    REFUSED,
    Outcome,
    PublicShare,
    attempt,
    count_shares,
)
from robotics.reasoning.answers import Point
from robotics.reasoning.errors import ImageError
from robotics.reasoning.images import read_photo
from robotics.reasoning.reasoner import Reasoner
from robotics.reasoning.scenes.folder import ScenesError

COUNTING = "counting"
STEERABLE = "steerable"
MOST_POINTS = 100
"""Asked for where things are counted: the number must not give the answer away."""
_MASK_THRESHOLD = 127


@dataclass(frozen=True)
class CountedQuestion:
    """One picture, one query, the file of its mask and how many points are wanted."""

    category: str
    image: Path
    text: str
    mask: Path
    count: int
    references: tuple[tuple[float, float], ...] = ()
    """Column and row, 0..1 of the picture, of the points that the query starts from."""


def is_point_bench(folder: Path) -> bool:
    return (folder / "data.json").is_file() and (folder / "masks").is_dir()


def read_point_bench(folder: Path) -> list[CountedQuestion]:
    """Entries without a mask are left out, as the authors do.

    Raises:
        ScenesError: Not as its authors publish it; which file and which entry.
    """
    file = folder / "data.json"
    try:
        entries = json.loads(file.read_text())
    except ValueError as error:
        raise ScenesError(f"{file} is no JSON: {error}") from None
    if not isinstance(entries, list):
        raise ScenesError(f"{file}: wanted a list of questions, got {type(entries).__name__}")
    references = _read_references(folder / "pixmo_metadata.csv")
    questions = []
    for number, entry in enumerate(entries):
        try:
            if "mask_filename" not in entry:
                continue
            image, category = str(entry["image_filename"]), str(entry["category"])
            question = CountedQuestion(
                category,
                folder / "images" / category / image,
                str(entry["user_input"]),
                folder / "masks" / str(entry["mask_filename"]),
                int(entry.get("count", 1)),
                references.get(image, ()) if category == STEERABLE else (),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ScenesError(f"{file} entry {number + 1}: {error!r}") from None
        questions.append(question)
    if not questions:
        raise ScenesError(f"{file}: no questions with a mask_filename")
    return questions


def _read_references(file: Path) -> Mapping[str, tuple[tuple[float, float], ...]]:
    """By the name of the picture; the table belongs to the authors' program, and may be missing."""
    if not file.is_file():
        return {}
    references = {}
    with file.open(newline="") as lines:
        for row in csv.DictReader(lines):
            try:
                points = json.loads(row["points"] or "[]")
                references[row["image_filename"]] = tuple((p["x"] / 100, p["y"] / 100) for p in points)
            except (KeyError, TypeError, ValueError) as error:
                raise ScenesError(f"{file}: {error!r}") from None
    return references


def score_point_bench(reasoner: Reasoner, questions: Sequence[CountedQuestion]) -> list[PublicShare]:
    """All questions, then each category; the reasoner sees the pictures alone.

    Raises:
        ImageError: A picture or a mask is missing, or they differ in size.
    """
    return count_shares([_ask(reasoner, question) for question in questions], "Point-Bench")


def _ask(reasoner: Reasoner, question: CountedQuestion) -> Outcome:
    view = read_photo(question.image).view
    mask = read_photo(question.mask).view.image.max(axis=2) > _MASK_THRESHOLD
    if view.image.shape[:2] != mask.shape:
        raise ImageError(f"{question.mask}: its size {mask.shape} is not that of {question.image}")
    text = question.text
    if question.references:
        places = ", ".join(f"({x * view.width:.1f}, {y * view.height:.1f})" for x, y in question.references)
        text += (
            f" (starting from the point at column and row {places} of {view.width} x {view.height} pixels)"
        )
    limit = MOST_POINTS if question.category == COUNTING else 1
    found, said = attempt(lambda: reasoner.point(view, text, limit))
    if found is None:
        return Outcome(question.category, False, said)
    if found.unknown_words:
        return Outcome(question.category, False, REFUSED)
    if not found.items:
        return Outcome(question.category, False, NONE_FOUND)
    return Outcome(question.category, is_right(found.items, mask, question))


def is_right(points: Sequence[Point], mask: np.ndarray, question: CountedQuestion) -> bool:
    """Whether the points, at least one, answer the question; the mask is bool, shape (height, width)."""
    if question.category != COUNTING:
        points = points[:1]
    elif len(points) != question.count:
        return False
    height, width = mask.shape
    return all(
        0 <= p.column < width and 0 <= p.row < height and bool(mask[int(p.row), int(p.column)])
        for p in points
    )
