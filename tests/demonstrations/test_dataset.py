"""The dataset folder: creating, opening, index, identity, refusals."""

import json
import threading
from dataclasses import replace

import pytest
from contracts.demonstration_episodes import assert_is_recorded, make_dataset, record_episode
from contracts.fake_embodiment import fake_embodiment

from demonstrations.dataset import DemonstrationDataset
from demonstrations.verify import verify
from robotics.errors import DatasetError, IncompatibleError, UnknownNameError


def test_the_description_comes_back(tmp_path):
    created = make_dataset(tmp_path / "data")
    opened = DemonstrationDataset.open(tmp_path / "data", fake_embodiment())
    assert opened.description == created.description
    assert opened.description.action_names == fake_embodiment().action_names
    assert opened.camera_names == fake_embodiment().camera_names
    assert len(opened) == 0


def test_cameras_may_be_chosen_with_size_and_rate(tmp_path):
    dataset = DemonstrationDataset.create(
        tmp_path / "data", fake_embodiment(), {"overhead": (12, 16)}, camera_rate_hz=10
    )
    (camera,) = dataset.description.cameras
    assert (camera.name, camera.height, camera.width, camera.rate_hz) == ("overhead", 12, 16, 10)
    with pytest.raises(UnknownNameError, match="overhead"):
        DemonstrationDataset.create(tmp_path / "other", fake_embodiment(), ["top"])


def test_nothing_is_overwritten(tmp_path):
    make_dataset(tmp_path / "data")
    with pytest.raises(DatasetError, match="already exists"):
        make_dataset(tmp_path / "data")
    assert len(DemonstrationDataset.open_or_create(tmp_path / "data", fake_embodiment())) == 0
    (tmp_path / "file").write_text("mine")
    with pytest.raises(DatasetError, match="already exists"):
        make_dataset(tmp_path / "file")


def test_another_robot_is_refused(tmp_path):
    dataset = make_dataset(tmp_path / "data")
    slower = replace(fake_embodiment(), control_rate_hz=25)
    with pytest.raises(IncompatibleError, match="control rates 50 and 25 Hz"):
        dataset.writer(slower)
    with pytest.raises(IncompatibleError, match="control rates"):
        DemonstrationDataset.open(tmp_path / "data", slower)
    other = replace(fake_embodiment(), arm=fake_embodiment().arm[:1], name="one_arm")
    with pytest.raises(IncompatibleError, match=r"'fake' and 'one_arm', different joints"):
        dataset.writer(other)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.update(schema_version=99), "newer"),
        (lambda table: table.pop("schema_version"), "no schema_version"),
        (lambda table: table.pop("action_names"), "action_names"),
        (lambda table: table.update(cameras=[{"nme": "overhead"}]), "wrong kind"),
    ],
)
def test_a_wrong_dataset_json_is_one_clear_line(tmp_path, change, message):
    path = make_dataset(tmp_path / "data").path
    table = json.loads((path / "dataset.json").read_text())
    change(table)
    (path / "dataset.json").write_text(json.dumps(table))
    with pytest.raises(DatasetError, match=message):
        DemonstrationDataset.open(path)
    with pytest.raises(DatasetError, match="no demonstration dataset"):
        DemonstrationDataset.open(tmp_path)


@pytest.mark.parametrize("damage", ["gone", "torn", "garbage", "stale"])
def test_the_index_is_rebuilt_from_the_episodes(tmp_path, damage):
    entries = make_dataset(tmp_path / "data", episodes=3).entries
    index = tmp_path / "data/index.jsonl"
    whole = index.read_bytes()
    if damage == "gone":
        index.unlink()
    elif damage == "torn":
        index.write_bytes(whole[:-30])
    elif damage == "garbage":
        index.write_bytes(b"\xff\x00 not json\n[1]\n" + whole)
    else:
        index.write_bytes(whole + whole.splitlines()[0].replace(b'"number": 0', b'"number": 17') + b"\n")
    dataset = DemonstrationDataset.open(tmp_path / "data")
    assert dataset.entries == entries
    assert index.read_bytes() == whole
    assert verify(dataset) == []


def test_a_torn_line_does_not_swallow_the_next(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=2)
    index = tmp_path / "data/index.jsonl"
    index.write_bytes(index.read_bytes()[:-30])
    with dataset.writer(fake_embodiment()) as writer:
        assert record_episode(writer, seed=2) == 2
    assert [entry.seed for entry in DemonstrationDataset.open(tmp_path / "data").entries] == [0, 1, 2]


def test_an_uncommitted_episode_is_not_served(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=2)
    marker = dataset.episode(0).path / "zarr.json"
    marker.write_text(marker.read_text().replace('"complete": true', '"complete": false'))
    with pytest.raises(DatasetError, match="never committed"):
        dataset.episode(0)
    assert len(dataset.episode(1)) == 20


def test_episodes_to_learn_from_are_chosen_by_outcome_and_task(tmp_path):
    dataset = make_dataset(tmp_path / "data")
    with dataset.writer(fake_embodiment()) as writer:
        for success in (True, False, None):
            record_episode(writer, success=success)
    assert dataset.demonstrations() == [0, 2]
    assert dataset.demonstrations(task="turn_left_arm") == [0, 2]
    assert dataset.demonstrations(task="other") == []


def test_identity_follows_the_content_and_not_the_order(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=2)
    identity = dataset.dataset_identity()
    assert identity == DemonstrationDataset.open(tmp_path / "data").dataset_identity()
    episodes = tmp_path / "data/episodes"
    (episodes / "episode_000000.zarr").rename(episodes / "episode_000005.zarr")
    moved = DemonstrationDataset.open(tmp_path / "data")
    assert [entry.number for entry in moved.entries] == [1, 5]
    assert moved.dataset_identity() == identity
    with moved.writer(fake_embodiment()) as writer:
        record_episode(writer, seed=9)
    assert moved.dataset_identity() != identity
    assert moved.entries[-1].number == 6


def test_several_writers_may_add_at_once(tmp_path):
    dataset = make_dataset(tmp_path / "data")
    handles = [DemonstrationDataset.open(tmp_path / "data") for _ in range(3)]

    def record(handle, first):
        with handle.writer(fake_embodiment()) as writer:
            for seed in range(first, first + 4):
                record_episode(writer, seed=seed)

    threads = [threading.Thread(target=record, args=(h, 10 * k)) for k, h in enumerate(handles)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    dataset.refresh()
    assert sorted(entry.seed or 0 for entry in dataset.entries) == [
        0,
        1,
        2,
        3,
        10,
        11,
        12,
        13,
        20,
        21,
        22,
        23,
    ]
    for index, entry in enumerate(dataset.entries):
        assert_is_recorded(dataset, index, entry.seed or 0, ticks=20)
    assert verify(dataset) == []
