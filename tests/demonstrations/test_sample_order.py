"""An order depends on its seed alone, wherever it starts; every window has its turn, sources their share."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demonstrations.sample_order import SampleOrder
from robotics.errors import DatasetError


@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    batch=st.integers(1, 7),
    start=st.integers(0, 30),
    seed=st.integers(0, 5),
)
def test_it_goes_on_at_any_step_as_if_it_had_never_stopped(lengths, batch, start, seed):
    weights = [1.0 + k for k in range(len(lengths))]
    whole = list(SampleOrder(lengths, weights, batch=batch, seed=seed, steps=40))
    resumed = SampleOrder(lengths, weights, batch=batch, seed=seed, steps=40, start_step=start)
    assert len(resumed) == 40 - start
    assert list(resumed) == whole[start:]


def test_every_window_is_taken_once_before_any_is_taken_again():
    taken = [*chain(*SampleOrder([10], batch=5, seed=1, steps=6))]
    rounds = [taken[k : k + 10] for k in (0, 10, 20)]
    assert all(sorted(turn) == list(range(10)) for turn in rounds)
    assert rounds[0] != rounds[1] != rounds[2]
    assert [*chain(*SampleOrder([10], batch=5, seed=2, steps=6))] != taken


def test_sources_have_their_share_in_any_stretch():
    order = SampleOrder([1000, 10, 300], [5, 3, 2], batch=100, steps=50)
    for batch in order:
        source = np.searchsorted([1000, 1010], batch, side="right")
        assert np.abs(np.bincount(source, minlength=3) - [50, 30, 20]).max() <= 3


def test_ranks_share_the_steps_of_one_process():
    whole = list(SampleOrder([50, 20], [1, 1], batch=8, seed=4, steps=9))
    parts = [list(SampleOrder([50, 20], [1, 1], batch=4, seed=4, steps=9, rank=r, ranks=2)) for r in (0, 1)]
    assert [a + b for a, b in zip(*parts, strict=True)] == whole


def test_by_default_it_takes_as_many_samples_as_there_are():
    assert len(SampleOrder([10, 7], [1, 1], batch=4)) == 5


def test_a_late_start_counts_the_samples_before_it_exactly():
    near, far = 40_000, 2_500_000  # beyond one block of counting
    for start in (near, far):
        a = next(iter(SampleOrder([997, 101], [3, 1], batch=1, start_step=start, steps=start + 1)))
        b = list(SampleOrder([997, 101], [3, 1], batch=1, start_step=start - 3, steps=start + 1))
        assert b[-1] == a


@pytest.mark.parametrize(
    "options", [{"batch": 0}, {"batch": 1, "start_step": -1}, {"batch": 1, "rank": 2, "ranks": 2}]
)
def test_numbers_out_of_range_are_refused(options):
    with pytest.raises(DatasetError, match="wanted batch >= 1, start_step >= 0 and 0 <= rank < ranks"):
        SampleOrder([3], **options)


def test_sources_without_windows_or_weight_are_refused():
    for lengths, weights in (([], []), ([3, 0], [1, 1]), ([3], [0.0]), ([3, 3], [1.0])):
        with pytest.raises(DatasetError, match="wanted a length >= 1 and a weight > 0 for each source"):
            SampleOrder(lengths, weights, batch=1)
