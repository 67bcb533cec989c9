"""Edits as a whole: together or not at all, beside recorders and other edits, on any disk."""

import os
import shutil
import subprocess
import sys
import threading

import pytest
from contracts.demonstration_episodes import assert_is_recorded, make_dataset, record_episode
from contracts.fake_embodiment import fake_embodiment

from demonstrations import durable
from demonstrations.dataset import DemonstrationDataset
from demonstrations.editing import relabel, transaction
from demonstrations.editing.relabel import copy_relabelled
from demonstrations.editing.transaction import Edit
from demonstrations.verify import verify
from robotics.errors import DatasetError, StorageFullError


def relabel_episode(dataset, number, **changes):
    with Edit(dataset, f"relabel {number}") as edit:
        copy_relabelled(
            dataset.episode(dataset.index_of(number)), edit.new_episode(), edit="relabel", changes=changes
        )
        return edit.commit([number])


def test_a_relabelled_episode_shares_its_files_and_says_where_it_comes_from(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=2)
    old = dataset.episode(0)
    relabel_episode(dataset, 0, instruction="turn the right arm", success=False, note="why not")
    new = dataset.episode(dataset.index_of(2))
    assert (new.metadata.instruction, new.metadata.success) == ("turn the right arm", False)
    assert new.metadata.derived_from == (old.checksum,)
    assert new.checksum != old.checksum
    assert old.metadata.instruction == "turn the left arm"
    assert (new.path / "state/applied/c.0.0").samefile(old.path / "state/applied/c.0.0")
    assert not (new.path / "zarr.json").samefile(old.path / "zarr.json")
    assert dataset.entries[-1].marks == ("relabel", "note")
    assert_is_recorded(dataset, 1, 0, ticks=20)
    assert verify(dataset) == []


def test_where_there_are_no_hard_links_files_are_copied(tmp_path, monkeypatch):
    def refuse(source, target):
        raise OSError(18, "Invalid cross-device link")

    dataset = make_dataset(tmp_path / "data", episodes=1)
    monkeypatch.setattr(relabel.os, "link", refuse)
    relabel_episode(dataset, 0, success=False)
    assert not (dataset.episode(0).path / "state/tick/c.0").samefile(
        dataset.path / "episodes/episode_000000.zarr/state/tick/c.0"
    )
    assert verify(dataset) == []


def test_an_edit_that_fails_changes_nothing(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    with pytest.raises(KeyError), Edit(dataset, "relabel") as edit:
        copy_relabelled(dataset.episode(0), edit.new_episode(), edit="relabel", changes={})
        raise KeyError("interrupted by something else")
    assert [*(dataset.path / "edits").iterdir()] == []
    assert DemonstrationDataset.open(dataset.path).entries == dataset.entries
    assert dataset.history.current.version == 0


def test_two_edits_of_one_episode_do_not_both_win(tmp_path):
    first = make_dataset(tmp_path / "data", episodes=1)
    second = DemonstrationDataset.open(tmp_path / "data")
    episode = second.episode(0)
    with Edit(second, "relabel 0 again") as late:
        copy_relabelled(episode, late.new_episode(), edit="again", changes={"note": "late"})
        relabel_episode(first, 0, note="early")
        with pytest.raises(DatasetError, match=r"another edit \(relabel 0\) has hidden episodes 0 meanwhile"):
            late.commit([0])
    assert [e.metadata.note for e in DemonstrationDataset.open(tmp_path / "data")] == ["early"]


def test_edits_and_recordings_at_once_keep_each_other_whole(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=4)

    def record():
        recording = DemonstrationDataset.open(tmp_path / "data", recover=False)
        with recording.writer(fake_embodiment()) as writer:
            for seed in range(10, 14):
                record_episode(writer, seed=seed)

    def edit(number):
        relabel_episode(DemonstrationDataset.open(tmp_path / "data"), number, operator=str(number))

    threads = [threading.Thread(target=record), *(threading.Thread(target=edit, args=(n,)) for n in range(4))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    dataset.refresh()
    assert sorted(e.seed or 0 for e in dataset.entries) == [0, 1, 2, 3, 10, 11, 12, 13]
    assert sorted(e.operator for e in dataset.entries if (e.seed or 0) < 4) == ["0", "1", "2", "3"]
    assert [v.version for v in dataset.history.versions] == [0, 1, 2, 3, 4]
    assert verify(dataset) == []


def test_an_opening_leaves_an_edit_of_a_living_process_alone(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    with Edit(dataset, "relabel 0") as edit:
        copy_relabelled(dataset.episode(0), edit.new_episode(), edit="relabel", changes={"note": "x"})
        assert DemonstrationDataset.open(tmp_path / "data").recovered == ()
        assert edit.commit([0]).made == (1,)


@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_a_full_disk_is_one_line_and_changes_nothing(tmp_path, monkeypatch, fails_at):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    writes = 0

    def write(descriptor, data):
        nonlocal writes
        writes += 1
        if writes >= fails_at:
            raise OSError(28, "No space left on device")
        return os.write(descriptor, data)

    monkeypatch.setattr(durable, "write_all", write)
    monkeypatch.setattr("demonstrations.index.write_all", write)
    if fails_at < 3:
        with pytest.raises(StorageFullError, match="disk full while"):
            relabel_with_storage_errors(dataset)
    else:  # the version is written; only the index is not, which the next opening rebuilds
        with pytest.raises(StorageFullError, match="disk full while"):
            relabel_with_storage_errors(dataset)
    monkeypatch.undo()
    reopened = DemonstrationDataset.open(tmp_path / "data")
    assert [e.number for e in reopened.entries] == ([0] if fails_at < 3 else [1])
    assert verify(reopened) == []


def test_an_edit_that_fails_after_the_moment_that_counts_is_finished_later(tmp_path, monkeypatch):
    dataset = make_dataset(tmp_path / "data", episodes=1)

    def refuse(source, target):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(transaction.os, "rename", refuse)
        with pytest.raises(StorageFullError, match="disk full while editing"):
            relabel_episode(dataset, 0, note="x")
    reopened = DemonstrationDataset.open(tmp_path / "data")
    assert reopened.recovered == ("an interrupted edit was finished: version 1 (relabel 0)",)
    assert [e.metadata.note for e in reopened] == ["x"]
    assert verify(reopened) == []
    assert [*(tmp_path / "data/edits").iterdir()] == []


def relabel_with_storage_errors(dataset):
    with durable.storage_errors("editing"):
        relabel_episode(dataset, 0, note="x")


READ_ONLY = """
import sys
from robotics.cli.main import main
for words in (["ls", sys.argv[1]], ["verify", sys.argv[1]], ["filter", sys.argv[1], "--hide", "0"]):
    print(main(["data", *words]))
"""
WITHOUT_POWERS = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search") if os.getuid() == 0 else ()
"""Root may write everywhere unless that is taken from it."""


@pytest.mark.skipif(
    bool(WITHOUT_POWERS) and shutil.which("setpriv") is None, reason="root needs setpriv to lose its powers"
)
def test_without_the_right_to_write_reading_works_and_editing_is_one_line(tmp_path):
    path = make_dataset(tmp_path / "data", episodes=2).path
    shutil.rmtree(path / "in_use")
    folders = [path, *(folder for folder in path.rglob("*") if folder.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        result = subprocess.run(
            [*WITHOUT_POWERS, sys.executable, "-c", READ_ONLY, str(path)],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            check=False,
        )
    finally:
        for folder in folders:
            folder.chmod(0o755)
    codes = [line for line in result.stdout.splitlines() if line in ("0", "1", "2")]
    assert codes == ["0", "0", "2"], result.stderr
    assert "failed while editing" in result.stderr
    assert "Permission denied" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (path / "edits").exists()
