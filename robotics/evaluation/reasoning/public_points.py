"""Public pointing benchmarks from the user's disk: Where2Place and RefSpatial-Bench, with their own metric.

Both score a question by the share of the answered points that lie in its mask, and none by 0; the benchmark's
figure is the mean over its questions. Their folders are read as their authors publish them.
"""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from robotics.reasoning.answers import Point
from robotics.reasoning.errors import AnswerFormatError, ImageError, MissingInputError, QueryError
from robotics.reasoning.images import read_photo
from robotics.reasoning.reasoner import Reasoner
from robotics.reasoning.scenes.folder import ScenesError

REFSPATIAL_SPLITS = ("Location", "Placement", "Unseen")
_FORMAT_REQUEST = "Your answer should be formatted"
"""Where2Place's questions end in how a chat model is to write the answer."""


@dataclass(frozen=True)
class PublicQuestion:
    """One picture, one query, and the file of its mask."""

    split: str
    image: Path
    text: str
    mask: Path


@dataclass(frozen=True)
class PublicScore:
    """Of one benchmark, or one split of it."""

    split: str
    shares: tuple[float, ...]
    """For each question, of its points in the mask."""
    unparsable: int
    refused: int
    """Queries with words that the reasoner does not know, or that it could not use: scored 0."""

    @property
    def mean(self) -> float:
        return float(np.mean(self.shares)) if self.shares else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, by drawing questions again."""
        rng = np.random.default_rng(0)
        drawn = rng.choice(self.shares, size=(1000, len(self.shares))).mean(axis=1)
        low, high = np.quantile(drawn, (0.025, 0.975))
        return float(low), float(high)


def is_public_set(folder: Path) -> bool:
    """Whether the folder looks like one of the benchmarks."""
    refspatial = any((folder / split / "question.json").is_file() for split in REFSPATIAL_SPLITS)
    return refspatial or (folder / "point_questions.jsonl").is_file()


def read_public_set(folder: Path) -> list[PublicQuestion]:
    """
    Raises:
        ScenesError: Not as its authors publish it; which file and which line.
    """
    where2place = folder / "point_questions.jsonl"
    questions = list(_where2place(folder, where2place)) if where2place.is_file() else []
    for split in REFSPATIAL_SPLITS:
        if (folder / split / "question.json").is_file():
            questions += _refspatial(folder / split)
    if not questions:
        raise ScenesError(f"no questions in '{folder}'")
    return questions


def _where2place(folder: Path, file: Path) -> Iterator[PublicQuestion]:
    for number, line in enumerate(file.read_text().splitlines()):
        try:
            entry = json.loads(line)
            text, image = str(entry["text"]), str(entry["image"])
        except (ValueError, KeyError, TypeError) as error:
            raise ScenesError(f"{file} line {number + 1}: {error!r}") from None
        query = text.partition(_FORMAT_REQUEST)[0].strip()
        yield PublicQuestion(
            "Where2Place", folder / "images" / image, query, folder / "masks" / f"{number:02d}.jpg"
        )


def _refspatial(folder: Path) -> Iterator[PublicQuestion]:
    file = folder / "question.json"
    try:
        for entry in json.loads(file.read_text()):
            image, mask = folder / entry["rgb_path"], folder / entry["mask_path"]
            yield PublicQuestion(f"RefSpatial {folder.name}", image, str(entry["object"]), mask)
    except (ValueError, KeyError, TypeError) as error:
        raise ScenesError(f"{file}: {error!r}") from None


def _read_mask(path: Path) -> np.ndarray:
    """0..1, shape (height, width); JPEG masks have soft borders, which count in part, as published."""
    mask = read_photo(path).view.image[..., 0]
    return mask / max(1.0, float(mask.max()))  # some are 0 and 1 instead of 0 and 255


def share_in_mask(points: Sequence[Point], mask: np.ndarray) -> float:
    """Mean of the mask, 0..1, shape (height, width), at the points; 0 outside of it and without points."""
    height, width = mask.shape
    values = []
    for point in points:
        x, y = math.floor(point.column), math.floor(point.row)
        values.append(float(mask[y, x]) if 0 <= x < width and 0 <= y < height else 0.0)
    return float(np.mean(values)) if values else 0.0


def score_public_set(reasoner: Reasoner, questions: Sequence[PublicQuestion]) -> list[PublicScore]:
    """One score a split; the reasoner sees the pictures alone and answers with its best point.

    Raises:
        ImageError: A picture or a mask is missing, or they differ in size.
    """
    scores = []
    for split in dict.fromkeys(question.split for question in questions):
        shares, unparsable, refused = [], 0, 0
        for question in (q for q in questions if q.split == split):
            view, mask = read_photo(question.image).view, _read_mask(question.mask)
            if view.image.shape[:2] != mask.shape:
                raise ImageError(f"{question.mask}: its size {mask.shape} is not that of {question.image}")
            points: tuple[Point, ...] = ()
            try:
                found = reasoner.point(view, question.text)
                points = found.items
                refused += bool(found.unknown_words)
            except AnswerFormatError:
                unparsable += 1
            except (QueryError, MissingInputError):
                refused += 1
            shares.append(share_in_mask(points, mask))
        scores.append(PublicScore(split, tuple(shares), unparsable, refused))
    return scores
