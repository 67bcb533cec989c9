"""Public pointing sets in their published layout, tiny ones, and their metric."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from robotics.evaluation.reasoning.public_points import (
    is_public_set,
    read_public_set,
    score_public_set,
    share_in_mask,
)
from robotics.reasoning.answers import Found, Point
from robotics.reasoning.errors import AnswerFormatError, ImageError
from robotics.reasoning.scenes.folder import ScenesError

WIDTH, HEIGHT = 64, 48


def write_picture(path: Path, mask: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    if mask:
        picture[:, : WIDTH // 2] = 255
    assert cv2.imwrite(str(path), picture)


@pytest.fixture
def where2place(tmp_path: Path) -> Path:
    lines = []
    for i in range(2):
        write_picture(tmp_path / "images" / f"{i:02d}.png", mask=False)
        write_picture(tmp_path / "masks" / f"{i:02d}.jpg", mask=True)
        text = "free space left of the cup. Your answer should be formatted as a list of tuples"
        lines.append(json.dumps({"question_id": i, "image": f"{i:02d}.png", "text": text}))
    (tmp_path / "point_questions.jsonl").write_text("\n".join(lines))
    return tmp_path


@pytest.fixture
def refspatial(tmp_path: Path) -> Path:
    for split in ("Location", "Unseen"):
        write_picture(tmp_path / split / "image" / "0.png", mask=False)
        write_picture(tmp_path / split / "mask" / "0.png", mask=True)
        entry = {"id": 0, "object": "the mug", "prompt": "Point at the mug.", "suffix": "", "step": 1}
        entry |= {"rgb_path": "image/0.png", "mask_path": "mask/0.png"}
        (tmp_path / split / "question.json").write_text(json.dumps([entry]))
    return tmp_path


class Pointing:
    """Answers with what it is given, one after the other."""

    name = "pointing"

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def point(self, view, query: str, limit: int = 1) -> Found[Point]:
        self.asked.append(query)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_where2place_is_scored_by_the_share_of_points_in_the_mask(where2place: Path):
    assert is_public_set(where2place)
    reasoner = Pointing(Found((Point(5, 5),)), Found((Point(60, 5),)))
    (score,) = score_public_set(reasoner, read_public_set(where2place))  # type: ignore[arg-type]
    assert reasoner.asked == ["free space left of the cup."] * 2
    assert score.mean == pytest.approx(0.5, abs=0.01)
    assert score.interval[0] <= score.mean <= score.interval[1]


def test_refspatial_has_a_score_for_each_split(refspatial: Path):
    reasoner = Pointing(Found((Point(5, 5),)), AnswerFormatError("no list", "well"))
    location, unseen = score_public_set(reasoner, read_public_set(refspatial))  # type: ignore[arg-type]
    assert reasoner.asked == ["the mug", "the mug"]
    assert (location.split, location.mean, location.unparsable) == ("RefSpatial Location", 1, 0)
    assert (unseen.split, unseen.mean, unseen.unparsable) == ("RefSpatial Unseen", 0, 1)


def test_unknown_words_score_nothing_and_are_counted(refspatial: Path):
    reasoner = Pointing(Found((), unknown_words=("mug",)), Found(()))
    location, _ = score_public_set(reasoner, read_public_set(refspatial))  # type: ignore[arg-type]
    assert (location.mean, location.refused) == (0, 1)


def test_points_outside_count_as_misses():
    mask = np.ones((4, 4))
    assert share_in_mask([Point(1, 1), Point(9, 1)], mask) == 0.5
    assert share_in_mask([], mask) == 0


def test_what_is_damaged_is_told(where2place: Path, tmp_path: Path):
    assert not is_public_set(tmp_path / "elsewhere")
    questions = read_public_set(where2place)
    write_picture(where2place / "masks" / "00.jpg", mask=True)
    cv2.imwrite(str(where2place / "masks" / "00.jpg"), np.zeros((20, 20, 3), np.uint8))
    with pytest.raises(ImageError, match="size"):
        score_public_set(Pointing(Found(())), questions)  # type: ignore[arg-type]
    (where2place / "masks" / "00.jpg").unlink()
    with pytest.raises(ImageError, match=r"00\.jpg"):
        score_public_set(Pointing(Found(())), questions)  # type: ignore[arg-type]
    (where2place / "point_questions.jsonl").write_text('{"text": "x"}')
    with pytest.raises(ScenesError, match="line 1"):
        read_public_set(where2place)
