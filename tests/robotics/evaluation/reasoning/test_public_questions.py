"""ERQA in its published format, a tiny file, and its metric."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from contracts.tfrecords import encode_example, write_records

from robotics.evaluation.reasoning.public_questions import (
    extract_option,
    find_erqa,
    read_erqa,
    score_erqa,
)
from robotics.evaluation.reasoning.public_shares import NOT_PARSED, REFUSED, PublicShare
from robotics.reasoning.answers import Answer
from robotics.reasoning.errors import AnswerFormatError, ImageError, QueryError, UnsupportedQuestionError
from robotics.reasoning.scenes.folder import ScenesError


def picture(brightness: int) -> bytes:
    return cv2.imencode(".png", np.full((24, 32, 3), brightness, np.uint8))[1].tobytes()


def example(**changes) -> dict[str, list]:
    features: dict[str, list] = {
        "question": [b"Which is red? Choices: A. left. B. right."],
        "answer": [b"B"],
        "question_type": [b"Pointing"],
        "image/encoded": [picture(10)],
        "visual_indices": [0],
    }
    return {name: values for name, values in (features | changes).items() if values}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    several = {"image/encoded": [picture(10), picture(20), picture(30)], "visual_indices": [16, 0, 6]}
    several |= {"question": [b"First, then one: A or B?"], "answer": [b"a"]}
    records = [example(), example(question_type=[b"Other"], **several)]
    write_records(tmp_path / "data" / "erqa.tfrecord", [encode_example(record) for record in records])
    return tmp_path


class Answering:
    """Answers with what it is given, one after the other."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def answer(self, views, question: str) -> Answer:
        self.asked.append(([int(view.image[0, 0, 0]) for view in views], question))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Answer(answer)


def score(folder: Path, *answers) -> list[PublicShare]:
    file = find_erqa(folder)
    assert file is not None
    return score_erqa(Answering(*answers), read_erqa(file))  # type: ignore[arg-type]


def test_who_answers_right_has_all_and_who_answers_wrong_has_none(folder: Path):
    shares = score(folder, "B", "A.")
    assert [s.split for s in shares] == ["ERQA", "ERQA Pointing", "ERQA Other"]
    assert [(s.right, s.asked, s.said) for s in shares] == [(2, 2, {}), (1, 1, {}), (1, 1, {})]
    assert [(s.right, s.asked) for s in score(folder, "A", "B")] == [(0, 2), (0, 1), (0, 1)]


def test_what_was_refused_or_not_parsed_is_wrong_and_counted_apart(folder: Path):
    unsupported = UnsupportedQuestionError("blobs", "answer", ("point",))
    assert score(folder, unsupported, QueryError("no"))[0] == PublicShare("ERQA", 0, 2, {REFUSED: 2})
    unclear = score(folder, AnswerFormatError("no", "well"), "A or B")[0]
    assert unclear == PublicShare("ERQA", 0, 2, {NOT_PARSED: 2})


def test_pictures_stand_where_the_text_has_them(folder: Path):
    reasoner = Answering("B", "A")
    score_erqa(reasoner, read_erqa(folder / "data" / "erqa.tfrecord"))  # type: ignore[arg-type]
    assert reasoner.asked[0] == ([10], "Which is red? Choices: A. left. B. right.")
    assert reasoner.asked[1] == ([20, 30, 10], "First, [image 2] then one: [image 3] A or B?")


@pytest.mark.parametrize(
    ("reply", "option"),
    [
        ("B", "B"),
        (" b. ", "B"),
        ("(C)", "C"),
        ("**D**", "D"),
        ("B. The left one", "B"),
        ("(B) the left one, as a cup is there", "B"),
        ("The answer is B.", "B"),
        ("Answer: **C** because A is blocked", "C"),
        ("Option A is blocked and option B is far.\nAnswer: D", "D"),
        ("It is left of the cup.\nB", "B"),
        (r"Hence \boxed{\text{A}}.", "A"),
        ("I would choose option B.", "B"),
        ("The answer is A because B is far", "A"),
        ("A red cup", None),
        ("The answer is A red cup", None),
        ("A or B", None),
        ("The answer is A or B", None),
        ("A. or B. fit", None),
        ("Answer: A\nAnswer: B", None),
        ("Option A or option B", None),
        ("I cannot see that.", None),
        ("", None),
    ],
)
def test_an_option_is_read_only_where_one_alone_is_named(reply: str, option: str | None):
    assert extract_option(reply) == option


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"answer": [b"left"]}, "one letter"),
        ({"question": []}, "no 'question'; it has: answer"),
        ({"image/encoded": []}, "got none"),
        ({"question": [3]}, "wanted bytes"),
    ],
)
def test_a_damaged_record_is_told(tmp_path: Path, changes: dict[str, list], message: str):
    file = tmp_path / "erqa.tfrecord"
    write_records(file, [encode_example(example()), encode_example(example(**changes))])
    assert find_erqa(tmp_path) == file
    with pytest.raises(ScenesError, match=rf"erqa\.tfrecord record 2: .*{message}"):
        read_erqa(file)


def test_a_damaged_picture_is_told_with_its_record(tmp_path: Path):
    assert find_erqa(tmp_path) is None
    damaged = example(**{"image/encoded": [picture(1), b"no picture"], "visual_indices": []})
    write_records(tmp_path / "erqa.tfrecord", [encode_example(damaged)])
    with pytest.raises(ImageError, match=r"erqa\.tfrecord record 1 image 2 is not an image"):
        score(tmp_path, "A")
