"""Which episodes and rows an export takes."""

import numpy as np
import pytest
from contracts.demonstration_episodes import make_dataset, record_episode
from contracts.fake_embodiment import fake_embodiment

from demonstrations.interchange.selection import (
    ExportOptions,
    chosen_rows,
    parse_numbers,
    select_episodes,
)
from robotics.errors import DatasetError, UnknownNameError


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    dataset = make_dataset(tmp_path_factory.mktemp("data") / "set", episodes=3)
    with dataset.writer(fake_embodiment()) as writer:
        record_episode(writer, seed=9, success=False)
    return dataset


def test_failures_are_left_out_unless_they_are_wanted(dataset):
    assert select_episodes(dataset).indices == (0, 1, 2)
    assert select_episodes(dataset, failures=True).indices == (0, 1, 2, 3)
    assert select_episodes(dataset, [3, 1]).indices == (3, 1)


def test_numbers_are_words_of_single_ones_and_ranges():
    assert parse_numbers(["0", "3:6,9"]) == [0, 3, 4, 5, 9]
    with pytest.raises(DatasetError, match="got 'x'"):
        parse_numbers(["x"])


def test_what_does_not_exist_is_named(dataset):
    with pytest.raises(UnknownNameError, match=r"no episode '7'.*there are: 0 \.\. 3"):
        select_episodes(dataset, [7])
    with pytest.raises(UnknownNameError, match="turn_left_arm"):
        select_episodes(dataset, task="turn_left")
    with pytest.raises(DatasetError, match="no episode to export"):
        select_episodes(dataset, [])


def test_rows_at_half_the_control_rate_are_every_second_tick(dataset):
    episode = dataset.episode(0)
    assert chosen_rows(episode, None).tolist() == [*range(20)]
    assert chosen_rows(episode, 25).tolist() == [*range(0, 20, 2)]
    assert chosen_rows(episode, 30).tolist() == [int(k * 50 / 30 + 1e-9) for k in range(12)]
    with pytest.raises(DatasetError, match="at most the control rate, 50 Hz, got 60 Hz"):
        chosen_rows(episode, 60)


@pytest.mark.parametrize(
    "wrong", [{"rate_hz": 0}, {"crf": 52}, {"keyframe_every": 0}, {"valid_fraction": 1.0}, {"size": (0, 4)}]
)
def test_options_out_of_range_are_refused(wrong):
    with pytest.raises(DatasetError, match="wanted"):
        ExportOptions(**wrong)


def test_a_smaller_picture_changes_every_camera(dataset):
    selection = select_episodes(dataset)
    formats = selection.formats(ExportOptions(size=(12, 16)))
    assert [(c.height, c.width) for c in formats] == [(12, 16), (12, 16)]
    assert selection.frame_bytes(ExportOptions()) == 2 * 24 * 32 * 3
    assert np.all(selection.rows(ExportOptions(rate_hz=25)) >= 30)
