"""Point-Bench in its published layout, a tiny one, and its metric."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from robotics.evaluation.reasoning.public_point_bench import (
    MOST_POINTS,
    is_point_bench,
    read_point_bench,
    score_point_bench,
)
from robotics.evaluation.reasoning.public_shares import NONE_FOUND, NOT_PARSED, REFUSED, PublicShare
from robotics.reasoning.answers import Found, Point
from robotics.reasoning.errors import AnswerFormatError, ImageError, QueryError
from robotics.reasoning.scenes.folder import ScenesError

WIDTH, HEIGHT = 64, 48
LEFT, RIGHT = Point(5.9, 5.0), Point(60.0, 5.0)
"""In the mask, which is the left half, and outside of it."""


def write_picture(path: Path, picture: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[:, : WIDTH // 2] = 255
    mask[:, WIDTH // 2 :] = 127  # not above the threshold
    entries = []
    for category, count in (("affordable", 1), ("counting", 2), ("steerable", None)):
        name = f"{category}.png"
        write_picture(tmp_path / "images" / category / name, np.zeros((HEIGHT, WIDTH, 3), np.uint8))
        write_picture(tmp_path / "masks" / f"{category}_mask.png", mask)
        entry = {"image_filename": name, "category": category, "user_input": f"point at the {category}"}
        entry |= {"mask_filename": f"{category}_mask.png"} | ({"count": count} if count else {})
        entries.append(entry)
    entries.append({"image_filename": "raw.png", "category": "spatial", "user_input": "not annotated"})
    (tmp_path / "data.json").write_text(json.dumps(entries))
    return tmp_path


class Pointing:
    """Answers by what the query is about."""

    def __init__(self, **answers):
        self.answers, self.asked = answers, []

    def point(self, view, query: str, limit: int = 1) -> Found[Point]:
        self.asked.append((query, limit))
        answer = self.answers[query.split()[3]]
        if isinstance(answer, Exception):
            raise answer
        return Found(tuple(answer))


def score(folder: Path, **answers) -> dict[str, PublicShare]:
    shares = score_point_bench(Pointing(**answers), read_point_bench(folder))  # type: ignore[arg-type]
    return {share.split: share for share in shares}


def test_who_points_right_has_all_of_each_category(folder: Path):
    assert is_point_bench(folder)
    shares = score(folder, affordable=[LEFT], counting=[LEFT, Point(20, 40)], steerable=[LEFT])
    assert list(shares) == [
        "Point-Bench",
        *(f"Point-Bench {c}" for c in ("affordable", "counting", "steerable")),
    ]
    assert [(s.right, s.asked) for s in shares.values()] == [(3, 3), (1, 1), (1, 1), (1, 1)]


def test_who_points_wrong_has_none(folder: Path):
    shares = score(folder, affordable=[RIGHT], counting=[RIGHT, RIGHT], steerable=[Point(-1, 5)])
    assert (shares["Point-Bench"].right, shares["Point-Bench"].asked) == (0, 3)


@pytest.mark.parametrize("points", [[LEFT], [LEFT, LEFT, LEFT], [LEFT, RIGHT], []])
def test_counting_wants_the_number_and_every_point_in_the_mask(folder: Path, points: list[Point]):
    shares = score(folder, affordable=[LEFT], counting=points, steerable=[LEFT])
    assert shares["Point-Bench counting"].right == 0


def test_elsewhere_the_first_point_alone_counts(folder: Path):
    shares = score(folder, affordable=[LEFT, RIGHT], counting=[LEFT, LEFT], steerable=[RIGHT, LEFT])
    assert shares["Point-Bench affordable"].right == 1
    assert shares["Point-Bench steerable"].right == 0


def test_what_was_not_answered_is_wrong_and_counted_apart(folder: Path):
    answers = {"affordable": QueryError("no"), "counting": AnswerFormatError("no", "well"), "steerable": []}
    total = score(folder, **answers)["Point-Bench"]
    assert (total.right, total.said) == (0, {REFUSED: 1, NOT_PARSED: 1, NONE_FOUND: 1})


def test_the_number_is_not_given_away_and_the_reference_point_is_told(folder: Path):
    table = 'image_filename,points\nsteerable.png,"[{""x"": 50, ""y"": 25}]"\nother.png,[]\n'
    (folder / "pixmo_metadata.csv").write_text(table)
    reasoner = Pointing(affordable=[LEFT], counting=[LEFT], steerable=[LEFT])
    score_point_bench(reasoner, read_point_bench(folder))  # type: ignore[arg-type]
    assert reasoner.asked[:2] == [("point at the affordable", 1), ("point at the counting", MOST_POINTS)]
    assert "(32.0, 12.0) of 64 x 48 pixels" in reasoner.asked[2][0]


def test_what_is_damaged_is_told(folder: Path):
    questions = read_point_bench(folder)
    write_picture(folder / "masks" / "affordable_mask.png", np.zeros((20, 20), np.uint8))
    with pytest.raises(ImageError, match=r"affordable_mask\.png: its size"):
        score_point_bench(Pointing(affordable=[LEFT]), questions)  # type: ignore[arg-type]
    (folder / "images" / "affordable" / "affordable.png").unlink()
    with pytest.raises(ImageError, match=r"no such file: .*affordable\.png"):
        score_point_bench(Pointing(affordable=[LEFT]), questions)  # type: ignore[arg-type]
    for text, message in (
        ("[", "no JSON"),
        ("{}", "a list"),
        ('[{"mask_filename": "a"}]', "entry 1"),
        ("[]", "no q"),
    ):
        (folder / "data.json").write_text(text)
        with pytest.raises(ScenesError, match=rf"data\.json.*{message}"):
            read_point_bench(folder)
