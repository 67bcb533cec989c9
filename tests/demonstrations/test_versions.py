"""Versions: what each shows, that numbers are never used twice, and that damage is refused, not guessed."""

import pickle

import pytest
from contracts.demonstration_episodes import make_dataset, make_interrupted_dataset, record_episode
from contracts.fake_embodiment import fake_embodiment

from demonstrations.dataset import DemonstrationDataset
from demonstrations.editing.gc import collect_garbage, find_garbage
from demonstrations.editing.transaction import Edit
from demonstrations.in_use import versions_in_use
from demonstrations.versions import VERSIONS_FILE
from robotics.errors import DatasetError


def numbers(dataset):
    return [entry.number for entry in dataset.entries]


def hide(dataset, *hidden, show=()):
    with Edit(dataset, f"hide {hidden}") as edit:
        return edit.commit(hidden, show=show)


def record(dataset, seed):
    with dataset.writer(fake_embodiment()) as writer:
        return record_episode(writer, seed=seed)


def test_without_an_edit_everything_is_shown_as_version_0(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=2)
    assert dataset.version.version == 0
    assert not (tmp_path / "data" / VERSIONS_FILE).exists()
    assert numbers(DemonstrationDataset.open(tmp_path / "data", version=0)) == [0, 1]


def test_the_last_line_is_in_force_and_new_recordings_are_always_visible(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=4)
    identity = dataset.dataset_identity()
    assert hide(dataset, 1, 2).version == 1
    assert numbers(dataset) == [0, 3]
    assert record(dataset, seed=9) == 2
    assert numbers(dataset) == [0, 3, 4]
    assert [e.metadata.seed for e in dataset] == [0, 3, 9]
    assert dataset.demonstrations() == [0, 1, 2]
    assert dataset.index_of(4) == 2
    assert dataset.dataset_identity() != identity
    reopened = DemonstrationDataset.open(tmp_path / "data")
    assert numbers(reopened) == [0, 3, 4]
    assert [e.number for e in reopened.committed_entries] == [0, 1, 2, 3, 4]


def test_an_older_version_is_frozen_and_read_only(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=3)
    identity = dataset.dataset_identity()
    hide(dataset, 0)
    record(dataset, seed=7)
    hide(dataset, 1)
    first = DemonstrationDataset.open(tmp_path / "data", version=0)
    assert numbers(first) == [0, 1, 2]
    assert first.dataset_identity() == identity
    assert numbers(DemonstrationDataset.open(tmp_path / "data", version=1)) == [1, 2, 3]
    assert numbers(DemonstrationDataset.open(tmp_path / "data", version=2)) == [2, 3]
    with pytest.raises(DatasetError, match="can only be read"):
        first.writer(fake_embodiment())
    with pytest.raises(DatasetError, match="can only be read"):
        hide(first, 2)
    with pytest.raises(DatasetError, match=r"no version 3; it has 0 \.\. 2"):
        DemonstrationDataset.open(tmp_path / "data", version=3)


def test_unknown_and_hidden_episodes_are_told_apart(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=3)
    hide(dataset, 1)
    with pytest.raises(DatasetError, match="hides episode 1 in version 1"):
        dataset.index_of(1)
    with pytest.raises(DatasetError, match="no episode 7; it has: 0, 2"):
        dataset.index_of(7)


def test_a_number_is_never_used_twice(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=3)
    hide(dataset, 2)
    assert collect_garbage(dataset).numbers == (2,)
    record(dataset, seed=5)
    assert numbers(dataset) == [0, 1, 3]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[:-5], "line 2 is cut off"),
        (lambda data: data[:-1], "line 2 is cut off"),
        (lambda data: b"{}\n" + data, "line 1 is damaged"),
        (lambda data: data.split(b"\n", 1)[1], "line 1 is damaged"),
        (lambda data: data.replace(b'"hidden": [1]', b'"hidden": "x"'), "line 1 is damaged"),
    ],
)
def test_a_damaged_history_is_refused(tmp_path, damage, message):
    dataset = make_dataset(tmp_path / "data", episodes=3)
    hide(dataset, 1)
    hide(dataset, 2)
    file = tmp_path / "data" / VERSIONS_FILE
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(DatasetError, match=f"{message}; `robotics data repair`"):
        DemonstrationDataset.open(tmp_path / "data")


def test_restoring_shows_the_old_and_keeps_what_was_recorded_since(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=3)
    hide(dataset, 0)
    record(dataset, seed=7)
    record(dataset, seed=8)
    hide(dataset, 4)
    history = dataset.history
    assert history.hidden_to_restore(history.get(0)) == {4}
    assert history.hidden_to_restore(history.get(1)) == {0}  # 4 was recorded while 1 was in force


def test_gc_deletes_what_is_hidden_and_says_what_cannot_be_shown_any_more(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=3)
    hide(dataset, 1)
    path = dataset.path / "episodes/episode_000001.zarr"
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    assert find_garbage(dataset).freed_bytes == size
    assert path.exists()
    garbage = collect_garbage(dataset)
    assert (garbage.numbers, garbage.freed_bytes, garbage.held) == ((1,), size, ())
    assert not path.exists()
    assert [*(dataset.path / "edits").iterdir()] == []
    assert numbers(DemonstrationDataset.open(dataset.path)) == [0, 2]
    with pytest.raises(DatasetError, match="version 0 cannot be shown, its episodes 1 were deleted"):
        DemonstrationDataset.open(dataset.path, version=0)
    assert collect_garbage(dataset).numbers == ()


def test_gc_spares_what_an_open_dataset_shows(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=4)
    hide(dataset, 0)
    older = DemonstrationDataset.open(tmp_path / "data")
    hide(dataset, 1)
    garbage = collect_garbage(dataset)
    assert (garbage.numbers, garbage.held) == ((0,), (1,))
    assert len(older.episode(0).applied) == 20
    older.refresh()
    assert numbers(older) == [2, 3]
    assert collect_garbage(dataset).numbers == (1,)


def test_the_hold_on_a_version_survives_pickling_and_ends_with_its_object(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    copy = pickle.loads(pickle.dumps(dataset))
    del dataset
    assert versions_in_use(tmp_path / "data", range(2)) == {0}
    assert len(copy) == 1
    del copy
    assert versions_in_use(tmp_path / "data", range(2)) == set()


def test_what_a_recorder_left_is_recovered_by_looking_at_an_older_version_too(tmp_path):
    make_interrupted_dataset(tmp_path / "data")
    older = DemonstrationDataset.open(tmp_path / "data", version=0)
    assert older.recovered == ("episode 1 recovered up to tick 50, marked truncated",)
    assert not (tmp_path / "data/set_aside").exists()


def test_with_a_damaged_history_nothing_is_recovered_or_set_aside(tmp_path):
    staged = make_interrupted_dataset(tmp_path / "data")
    (tmp_path / "data" / VERSIONS_FILE).write_text("{ torn")
    with pytest.raises(DatasetError, match="cut off"):
        DemonstrationDataset.open(tmp_path / "data")
    assert staged.exists()
    assert not (tmp_path / "data/set_aside").exists()
