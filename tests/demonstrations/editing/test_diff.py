"""What two datasets or versions do not have in common, in words."""

import numpy as np
from contracts.demonstration_episodes import make_dataset, record_episode
from contracts.fake_embodiment import fake_embodiment

from demonstrations.dataset import DemonstrationDataset
from demonstrations.editing.diff import compare_datasets, episode_differences
from demonstrations.editing.merge import merge_datasets
from demonstrations.editing.relabel import copy_relabelled
from demonstrations.editing.rows import RowRange, copy_rows
from demonstrations.editing.transaction import Edit


def test_a_copy_is_equal(tmp_path):
    dataset = make_dataset(tmp_path / "a", episodes=3)
    merge_datasets([dataset], tmp_path / "b", command="merge a")
    difference = compare_datasets(dataset, DemonstrationDataset.open(tmp_path / "b"))
    assert difference.nothing
    assert difference.equal == 3


def test_edits_are_told_as_such(tmp_path):
    dataset = make_dataset(tmp_path / "a", episodes=4)
    with Edit(dataset, "several") as edit:
        rows = RowRange(4, 20)
        copy_rows(dataset.episode(0), rows, edit.new_episode(), dataset.description, edit="trim 4:20")
        copy_relabelled(
            dataset.episode(1), edit.new_episode(), edit="relabel success", changes={"success": False}
        )
        edit.commit([0, 1, 2])
    with dataset.writer(fake_embodiment()) as writer:
        record_episode(writer, seed=9)
    difference = compare_datasets(DemonstrationDataset.open(tmp_path / "a", version=0), dataset)
    trimmed, relabelled = difference.changed
    assert (trimmed.before.number, trimmed.after.number) == (0, 4)
    assert trimmed.differences[:2] == ("edit: trim 4:20", "length: 20 -> 16")
    assert "camera overhead: 10 -> 8 frames, 8 of them alike" in trimmed.differences
    assert relabelled.differences == ("edit: relabel success", "success: True -> False")
    assert [e.number for e in difference.removed] == [2]
    assert [e.number for e in difference.added] == [6]
    assert difference.equal == 1


def test_another_recording_of_a_seed_stands_for_the_first(tmp_path):
    first, second = make_dataset(tmp_path / "a", episodes=1), make_dataset(tmp_path / "b")
    with second.writer(fake_embodiment()) as writer:
        record_episode(writer, ticks=22, seed=0)
    (change,) = compare_datasets(first, second).changed
    assert "length: 20 -> 22" in change.differences


def test_values_that_differ_are_counted(tmp_path):
    dataset = make_dataset(tmp_path / "a", episodes=2)
    lines = episode_differences(dataset.episode(0), dataset.episode(1))
    largest = np.abs(dataset.episode(0).position - dataset.episode(1).position).max()
    assert f"state/position: 20 rows differ, by up to {largest:.4g}" in lines
    assert "seed: 0 -> 1" in lines
    assert episode_differences(dataset.episode(0), dataset.episode(0)) == []
