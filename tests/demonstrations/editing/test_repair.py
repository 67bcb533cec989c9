"""Repair keeps every good part, sets the rest aside with a reason, and leaves a dataset that verifies."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from contracts.demonstration_episodes import (
    assert_is_recorded,
    make_dataset,
    make_interrupted_dataset,
    record_episode,
)
from contracts.fake_embodiment import fake_embodiment

from demonstrations.arrays import write_array
from demonstrations.dataset import DemonstrationDataset
from demonstrations.editing.repair import repair
from demonstrations.editing.transaction import Edit
from demonstrations.verify import verify
from demonstrations.versions import VERSIONS_FILE


def damage(file, position=100):
    data = bytearray(file.read_bytes())
    data[position] ^= 0x10
    file.write_bytes(data)


def whole_again(path):
    dataset = DemonstrationDataset.open(path)
    assert dataset.recovered == ()
    assert verify(dataset) == []
    assert repair(path) == []
    return dataset


def test_a_whole_dataset_is_left_as_it_is(tmp_path):
    path = make_dataset(tmp_path / "data", episodes=2).path
    before = {f: f.stat().st_mtime_ns for f in path.rglob("*") if f.is_file() and "in_use" not in f.parts}
    assert repair(path) == []
    assert before == {
        f: f.stat().st_mtime_ns for f in path.rglob("*") if f.is_file() and "in_use" not in f.parts
    }


def test_the_part_before_a_damaged_picture_is_kept(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=2)
    path = dataset.path
    damage(dataset.episode(1).path / "images/overhead/c.1.0.0.0")  # holds frames 4 .. 7, so rows 8 .. 15
    told = repair(path, dry_run=True)
    assert "would become a new episode" in told[0]
    assert verify(dataset) != []
    (line,) = repair(path)
    assert line.startswith("episode 1: images/overhead/c.1.0.0.0 is damaged")
    assert line.endswith("moved to set_aside/; ticks 0:8 of 20 became episode 2, version 1")
    dataset = whole_again(path)
    assert [e.number for e in dataset.entries] == [0, 2]
    kept = dataset.episode(1)
    assert (len(kept), kept.metadata.truncated, kept.metadata.success) == (8, True, None)
    assert "c.1.0.0.0 is damaged" in kept.metadata.note
    np.testing.assert_array_equal(kept.image_time_ns("overhead"), np.arange(4) * 40_000_000)
    assert_is_recorded(dataset, 1, 1)
    assert dataset.demonstrations() == [0]
    note = json.loads((path / "set_aside/episode_000001.zarr/NOTE.json").read_text())
    assert "is damaged" in note["reason"]


@pytest.mark.parametrize("name", ["state/applied/c.0.0", "images/overhead/c.0.0.0.0", "zarr.json"])
def test_an_episode_without_a_good_beginning_is_set_aside_whole(tmp_path, name):
    dataset = make_dataset(tmp_path / "data", episodes=2)
    file = dataset.episode(0).path / name
    if name == "zarr.json":
        file.write_text("{ torn")
    else:
        damage(file)
    (line,) = repair(dataset.path)
    assert "nothing of it could be kept" in line
    dataset = whole_again(dataset.path)
    assert [e.number for e in dataset.entries] == [1]
    assert (dataset.path / "set_aside/episode_000000.zarr" / name).exists()


def test_edited_attributes_cost_the_judgement_only(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    marker = dataset.episode(0).path / "zarr.json"
    marker.write_text(marker.read_text().replace("turn the left arm", "turn the right arm"))
    (line,) = repair(dataset.path)
    assert "ticks 0:20 of 20 became episode 1" in line
    dataset = whole_again(dataset.path)
    meta = dataset.episode(0).metadata
    assert (meta.success, meta.truncated) == (None, False)
    assert "attributes were edited" in meta.note
    assert_is_recorded(dataset, 0, 0, ticks=20)


def test_values_that_were_edited_with_a_new_crc_are_kept_without_a_judgement_and_with_a_note(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    episode = dataset.episode(0)
    write_array(episode.path / "state/progress", np.ones(20))
    (line,) = repair(dataset.path)
    assert "state/progress/c.0 is damaged: its checksum does not match" in line
    meta = whole_again(dataset.path).episode(0).metadata
    assert (meta.success, meta.truncated) == (None, False)
    assert "state/progress/c.0 is damaged" in meta.note


def test_an_episode_of_another_robot_is_set_aside(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    slower = replace(fake_embodiment(), control_rate_hz=25)
    other = DemonstrationDataset.create(tmp_path / "other", slower)
    with other.writer(slower) as writer:
        record_episode(writer)
    shutil.copytree(other.episode(0).path, dataset.path / "episodes/episode_000001.zarr")
    (line,) = repair(dataset.path)
    assert "another robot" in line
    assert [e.number for e in whole_again(dataset.path).entries] == [0]


def test_a_file_that_does_not_belong_is_moved_out(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    (dataset.episode(0).path / "state/notes.txt").write_text("?")
    (line,) = repair(dataset.path)
    assert "state/notes.txt did not belong to it" in line
    assert [e.number for e in whole_again(dataset.path).entries] == [0]
    assert (dataset.path / "set_aside/episode_000000.zarr.added/state/notes.txt").read_text() == "?"


def test_a_damaged_hidden_episode_is_set_aside_and_stays_hidden(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=2)
    with Edit(dataset, "filter --hide 0") as edit:
        edit.commit([0])
    damage(dataset.path / "episodes/episode_000000.zarr/images/overhead/c.1.0.0.0")
    (line,) = repair(dataset.path)
    assert "it was hidden" in line
    assert [e.number for e in whole_again(dataset.path).entries] == [1]


def test_damaged_versions_are_kept_aside_and_the_good_ones_stay_in_force(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=3)
    for number in (0, 1):
        with Edit(dataset, f"filter --hide {number}") as edit:
            edit.commit([number])
    file = dataset.path / VERSIONS_FILE
    cut = file.read_bytes()[:-9]
    file.write_bytes(cut)
    assert "line 2 is cut off" in repair(dataset.path, dry_run=True)[0]
    assert file.read_bytes() == cut
    assert "versions 0 .. 1 are kept" in repair(dataset.path)[0]
    assert [e.number for e in whole_again(dataset.path).entries] == [1, 2]
    (kept,) = (dataset.path / "set_aside").iterdir()
    assert kept.read_bytes() == cut


def test_what_a_crash_left_and_a_lost_index_are_repaired(tmp_path):
    make_interrupted_dataset(tmp_path / "data")
    (tmp_path / "data/index.jsonl").unlink()
    assert "recovered up to tick 50" in repair(tmp_path / "data")[0]
    assert len(whole_again(tmp_path / "data")) == 2


def test_an_index_of_older_software_gets_what_it_lacks(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=2)
    index = dataset.path / "index.jsonl"
    whole = index.read_bytes()
    tables = [json.loads(line) for line in whole.splitlines()]
    for table in tables:
        del table["size_bytes"], table["marks"], table["operator"]
    old = b"".join(json.dumps(table).encode() + b"\n" for table in tables)
    index.write_bytes(old)
    assert [e.size_bytes for e in DemonstrationDataset.open(dataset.path).entries] == [None, None]
    assert index.read_bytes() == old
    assert repair(dataset.path) == ["the index was rebuilt from the episodes"]
    assert index.read_bytes() == whole
