"""The text encoder."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from policies.text import GRAMS_PER_WORD, MAX_WORDS, TextConfig, TextEncoder, hash_instruction


@given(st.text(max_size=200))
def test_any_text_becomes_a_table_of_fixed_shape(text):
    rows = hash_instruction(text, 128)
    assert len(rows) == MAX_WORDS
    assert all(len(row) == GRAMS_PER_WORD and all(0 <= gram < 128 for gram in row) for row in rows)


def test_case_and_punctuation_do_not_matter_but_order_does():
    assert hash_instruction("Put the RED cube!", 512) == hash_instruction("put the red cube", 512)
    assert hash_instruction("red on blue", 512) != hash_instruction("blue on red", 512)


def test_features_are_finite_also_for_an_empty_sentence_and_independent_of_the_batch():
    torch.manual_seed(0)
    encoder = TextEncoder(TextConfig()).eval()
    both = encoder(encoder.tokenize(["", "stack the red block on the blue block"]))
    assert both.shape == (2, encoder.config.output_dim)
    assert torch.isfinite(both).all()
    alone = encoder(encoder.tokenize(["stack the red block on the blue block"]))
    torch.testing.assert_close(alone[0], both[1], atol=1e-5, rtol=1e-4)


def test_an_untrained_encoder_already_tells_the_order_of_words():
    torch.manual_seed(0)
    encoder = TextEncoder(TextConfig()).eval()
    sentences = [
        "the red block on the blue one",
        "the blue block on the red one",
        "the red block on the green one",
    ]
    given, reversed_, other = encoder(encoder.tokenize(sentences))
    assert (given - reversed_).norm() > 0.2 * (given - other).norm()
