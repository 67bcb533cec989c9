"""Every question counts, and what was not answered is told apart."""

import pytest

from robotics.evaluation.reasoning.public_shares import (
    NOT_PARSED,
    REFUSED,
    Outcome,
    PublicShare,
    attempt,
    count_shares,
)
from robotics.reasoning.errors import (
    AnswerFormatError,
    BackendError,
    MissingInputError,
    QueryError,
    UnsupportedQuestionError,
)


def raising(error: Exception):
    def ask():
        raise error

    return ask


def test_a_reply_or_the_reason_why_there_is_none():
    assert attempt(lambda: 3) == (3, "")
    assert attempt(raising(AnswerFormatError("no", "well"))) == (None, NOT_PARSED)
    unsupported = UnsupportedQuestionError("x", "answer", ("point",))
    for error in (QueryError("no"), MissingInputError("no"), unsupported):
        assert attempt(raising(error)) == (None, REFUSED)
    with pytest.raises(BackendError):  # a model that fails has not answered wrong
        attempt(raising(BackendError("no network")))


def test_shares_are_of_all_and_of_each_split():
    outcomes = [Outcome("a", True), Outcome("b", False), Outcome("a", False, REFUSED)]
    assert count_shares(outcomes, "x") == [
        PublicShare("x", 1, 3, {REFUSED: 1}),
        PublicShare("x a", 1, 2, {REFUSED: 1}),
        PublicShare("x b", 0, 1),
    ]
    assert count_shares(outcomes[:1], "x") == [PublicShare("x", 1, 1)]
