"""Answers survive JSON exactly, and what is no answer is refused."""

import copy
import json

import pytest
from contracts.answer_strategies import REPLIES
from hypothesis import given
from hypothesis import strategies as st

from robotics.reasoning.answers import Answer, Box2D, Correspondence, Found, Point, Trajectory
from robotics.reasoning.answers_json import decode_answer, encode_answer
from robotics.reasoning.errors import AnswerFormatError

SIZE = (640, 480)


@given(REPLIES, st.none() | st.just(SIZE))
def test_every_answer_survives_json(answer, size):
    text = json.dumps(encode_answer(answer, size, size), allow_nan=False)
    assert decode_answer(json.loads(text)) == answer


@given(REPLIES, st.data())
def test_a_missing_or_wrong_field_is_refused_or_harmless(answer, data):
    encoded = encode_answer(answer)
    broken = copy.deepcopy(encoded)
    where = broken
    while True:  # walk down to some field
        key = data.draw(st.sampled_from(sorted(where)))
        inner = where[key]
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            where = inner[0]
        else:
            break
    where[key] = data.draw(st.sampled_from([None, "x", -1, [], {}, [1, "a"], True, float("nan")]))
    try:
        decode_answer(broken)
    except AnswerFormatError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("data", [None, 3, [], {}, {"type": "grasp"}, {"type": "found"}, {"type": []}])
def test_what_is_no_answer_is_refused(data: object):
    with pytest.raises(AnswerFormatError):
        decode_answer(data)


def test_thousandths_have_y_first():
    encoded = encode_answer(Found((Point(160.0, 120.0), Point(640.0, 480.0))), SIZE)
    assert [item["point_1000"] for item in encoded["items"]] == [[250, 250], [1000, 1000]]
    box = encode_answer(Found((Box2D(0.0, 48.0, 64.0, 480.0),)), SIZE)["items"][0]
    assert box["box_1000"] == [100, 0, 1000, 100]
    path = encode_answer(Found((Trajectory((Point(64.0, 0.0),)),)), SIZE)["items"][0]
    assert path["waypoints"][0]["point_1000"] == [0, 100]


def test_each_side_of_a_match_has_its_own_size():
    match = (Correspondence(Point(64.0, 48.0), Point(64.0, 48.0)),)
    (pair,) = encode_answer(match, SIZE, (128, 96))["matches"]
    assert (pair["source"]["point_1000"], pair["target"]["point_1000"]) == ([100, 100], [500, 500])


def test_absence_can_be_read_from_the_json_alone():
    assert encode_answer(Found(()))["absent"] is True
    assert encode_answer(Found((), unknown_words=("zorb",)))["absent"] is False
    assert encode_answer(Answer("yes"))["type"] == "answer"
