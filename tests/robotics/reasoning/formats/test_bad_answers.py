"""The corpus of bad answers: each is repaired as far as it is clear, or refused with a line that says why."""

import pytest
from contracts.bad_answers import CASES, Case

from robotics.reasoning.errors import AnswerFormatError
from robotics.reasoning.formats.parsed import ParseCounter
from robotics.reasoning.formats.points import parse_points
from robotics.reasoning.formats.scale import Scale

SCALE = Scale(1000, 1000)


@pytest.mark.parametrize("case", [c for c in CASES if c.points is not None], ids=lambda case: case.name)
def test_a_clear_answer_is_repaired_and_says_how(case: Case):
    parsed = parse_points(case.text, SCALE)
    assert tuple((p.column, p.row, p.label) for p in parsed.items) == case.points
    assert parsed.repairs == case.repairs


@pytest.mark.parametrize("case", [c for c in CASES if c.points is None], ids=lambda case: case.name)
def test_an_unclear_answer_is_refused_in_one_line_with_its_text(case: Case):
    with pytest.raises(AnswerFormatError) as refused:
        parse_points(case.text, SCALE)
    message = str(refused.value)
    assert case.says in message
    assert "\n" not in message and len(message) < 300
    assert refused.value.text == case.text


def test_the_counter_reports_what_became_of_the_corpus():
    counter = ParseCounter()
    for case in CASES:
        try:
            counter.count(lambda text=case.text: parse_points(text, SCALE))
        except AnswerFormatError:
            assert case.points is None
    refused = sum(case.points is None for case in CASES)
    assert counter.refused == len(counter.failures) == refused
    assert counter.total == len(CASES)
    assert counter.failure_rate == refused / len(CASES)
    assert f"{refused} unparsable" in counter.describe()
    assert "cut off; whole items kept" in counter.describe()
