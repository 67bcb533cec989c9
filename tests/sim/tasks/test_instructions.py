"""Sentences and goals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotics.errors import UnknownNameError
from sim.tasks import make_task
from sim.tasks.instructions import normalise

BOWL = make_task("put_in_bowl").instructions
SENTENCES = BOWL.sentences()


@given(st.sampled_from(SENTENCES), st.randoms(use_true_random=False))
def test_case_spaces_articles_and_punctuation_do_not_matter(sentence: str, random):
    noisy = []
    for word in sentence.split():
        if word in ("the", "a") and random.random() < 0.5:
            continue
        noisy.append(word.upper() if random.random() < 0.5 else word)
    assert BOWL.parse("  " + "   ".join(noisy) + " !") == BOWL.parse(sentence)


@given(st.text())
def test_normalising_twice_changes_nothing(text: str):
    assert normalise(normalise(text)) == normalise(text)


def test_an_instruction_that_no_phrasing_fits_lists_the_phrasings_and_the_names():
    with pytest.raises(UnknownNameError) as caught:
        BOWL.parse("put the purple cube in the left bowl")
    assert "purple cube" in str(caught.value)
    assert "put the {object} in the {bowl} bowl" in str(caught.value)
    assert "green cylinder" in str(caught.value)


def test_a_block_is_never_stacked_on_itself():
    stack = make_task("stack_blocks").instructions
    assert len(stack.goals) == 6
    with pytest.raises(UnknownNameError):
        stack.parse("stack the red block on the red block")
