"""Merging: byte for byte, each episode once, never over something, never two robots."""

from dataclasses import replace

import pytest
from contracts.demonstration_episodes import assert_is_recorded, make_dataset, record_episode
from contracts.fake_embodiment import fake_embodiment

from demonstrations.dataset import DemonstrationDataset
from demonstrations.durable import FileLock
from demonstrations.editing.merge import merge_datasets
from demonstrations.editing.transaction import Edit
from demonstrations.verify import verify
from robotics.errors import DatasetError, IncompatibleError


def merge(*datasets, out):
    return merge_datasets(datasets, out, command="merge")


def test_what_the_datasets_show_becomes_one(tmp_path):
    first, second = make_dataset(tmp_path / "a", episodes=2), make_dataset(tmp_path / "b")
    with second.writer(fake_embodiment()) as writer:
        for seed in (10, 11, 12):
            record_episode(writer, seed=seed)
    with Edit(second, "filter --hide 1") as edit:
        edit.commit([1])
    merged = merge(first, second, out=tmp_path / "new/both")
    assert (merged.episodes, merged.duplicates, merged.copied_bytes) == (4, 0, 0)
    both = DemonstrationDataset.open(tmp_path / "new/both", fake_embodiment())
    assert [e.seed for e in both.entries] == [0, 1, 10, 12]
    assert {e.checksum for e in both.entries} == {e.checksum for e in (*first.entries, *second.entries)}
    assert verify(both) == []
    for index, seed in enumerate((0, 1, 10, 12)):
        assert_is_recorded(both, index, seed, ticks=20)
    assert [*(tmp_path / "new").iterdir()] == [tmp_path / "new/both"]
    with both.writer(fake_embodiment()) as writer:
        assert record_episode(writer, seed=20) == 4


def test_an_episode_of_several_datasets_is_taken_once(tmp_path):
    first = make_dataset(tmp_path / "a", episodes=2)
    merge(first, out=tmp_path / "b")
    second = DemonstrationDataset.open(tmp_path / "b")
    assert second.dataset_identity() == first.dataset_identity()
    merged = merge(first, second, out=tmp_path / "c")
    assert (merged.episodes, merged.duplicates) == (2, 2)


def test_other_robots_and_other_cameras_are_refused(tmp_path):
    dataset = make_dataset(tmp_path / "a", episodes=1)
    slower = replace(fake_embodiment(), control_rate_hz=25, name="slow")
    other = DemonstrationDataset.create(tmp_path / "slow", slower)
    with pytest.raises(IncompatibleError, match=r"a \(fake, .*slow \(slow, .*different interfaces"):
        merge(dataset, other, out=tmp_path / "c")
    small = DemonstrationDataset.create(tmp_path / "small", fake_embodiment(), {"overhead": (12, 16)})
    with pytest.raises(IncompatibleError, match=r"store other cameras: .*overhead 12 x 16"):
        merge(dataset, small, out=tmp_path / "c")
    assert not (tmp_path / "c").exists()


def test_nothing_is_overwritten_and_damage_is_not_passed_on(tmp_path):
    dataset = make_dataset(tmp_path / "a", episodes=2)
    with pytest.raises(DatasetError, match="already exists"):
        merge(dataset, out=tmp_path / "a")
    file = dataset.episode(1).path / "state/applied/c.0.0"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(DatasetError, match=r"nothing was merged: .*a/episodes/episode_000001.zarr: state"):
        merge(dataset, out=tmp_path / "c")
    assert {item.name for item in tmp_path.iterdir()} == {"a"}


def test_two_merges_into_one_folder_do_not_mix(tmp_path):
    dataset = make_dataset(tmp_path / "a", episodes=1)
    (tmp_path / ".c.merging").mkdir()
    lock = FileLock(tmp_path / ".c.merging/commit.lock")
    lock.acquire()
    with pytest.raises(DatasetError, match="another process is merging"):
        merge(dataset, out=tmp_path / "c")
    lock.release()
    assert merge(dataset, out=tmp_path / "c").episodes == 1
