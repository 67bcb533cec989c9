"""A copy reads as the original, wherever it lies; it appears episode by episode, and comes back equal."""

import shutil

import numpy as np
import pytest
from contracts.demonstration_episodes import assert_is_recorded, make_dataset, record_episode
from contracts.fake_embodiment import fake_embodiment
from contracts.storage_places import STORES, make_place

from demonstrations.copying import copy_dataset
from demonstrations.dataset import DemonstrationDataset
from demonstrations.episode import Episode
from demonstrations.pack import pack_dataset
from demonstrations.storage import ObjectPath, write_whole
from demonstrations.verify import verify
from demonstrations.view import CameraView
from demonstrations.windows import DemonstrationWindows, WindowConfig
from robotics.errors import DatasetError, UnknownNameError


@pytest.fixture
def source(tmp_path):
    return make_dataset(tmp_path / "data", episodes=3)


@pytest.fixture(params=STORES)
def place(request, tmp_path):
    (tmp_path / "there").mkdir()
    return make_place(request.param, tmp_path / "there")


def where(place):
    """As a user types it."""
    return place.url if isinstance(place, ObjectPath) else place


def test_a_copy_reads_as_the_original_and_comes_back_equal(source, place, tmp_path):
    report = copy_dataset(source, where(place))
    assert (report.episodes, report.skipped) == (3, 0)
    copy = DemonstrationDataset.open(where(place), fake_embodiment())
    assert copy.entries == source.entries
    assert copy.dataset_identity() == source.dataset_identity()
    for index in range(3):
        assert_is_recorded(copy, index, seed=index, ticks=20)
    with pytest.raises(UnknownNameError, match="no state array 'torque'"):
        copy.episode(0).state["torque"]
    copy_dataset(copy, tmp_path / "back")
    back = DemonstrationDataset.open(tmp_path / "back")
    assert back.entries == source.entries
    assert verify(back) == []


def test_training_reads_it_through_a_cache_on_a_disk(source, place, tmp_path):
    copy_dataset(source, where(place))
    copy = DemonstrationDataset.open(where(place))
    config = WindowConfig({"overhead": CameraView(12, 16)}, horizon=3)
    wanted = DemonstrationWindows(source, config)[25]
    for windows in (
        DemonstrationWindows(copy, config),
        DemonstrationWindows(copy, config, cache=tmp_path / "cache"),
    ):
        np.testing.assert_array_equal(windows[25]["images"]["overhead"], wanted["images"]["overhead"])
        np.testing.assert_array_equal(windows[25]["action"], wanted["action"])


def test_a_packed_dataset_is_copied_and_read_as_well(source, place, tmp_path):
    pack_dataset(source, tmp_path / "packed")
    copy_dataset(DemonstrationDataset.open(tmp_path / "packed"), where(place))
    copy = DemonstrationDataset.open(where(place))
    assert_is_recorded(copy, 2, seed=2)
    copy.episode(1).check_frames("overhead")


def test_only_what_is_missing_is_copied(source, place):
    assert copy_dataset(source, where(place), episodes=[0, 2]).episodes == 2
    with source.writer(fake_embodiment()) as writer:
        record_episode(writer, seed=3)
    report = copy_dataset(source, where(place))
    assert (report.episodes, report.skipped) == (2, 2)
    assert DemonstrationDataset.open(where(place)).entries == source.entries


def test_an_interrupted_copy_shows_whole_episodes_and_goes_on(source, place):
    shard = source.episode(1).path / "images/overhead/c.0.0.0.0"
    data = shard.read_bytes()
    shard.write_bytes(data[:-1])
    with pytest.raises(DatasetError, match=r"c\.0\.0\.0\.0 is damaged: its checksum does not match"):
        copy_dataset(source, where(place))
    copy = DemonstrationDataset.open(where(place))
    assert [entry.number for entry in copy.entries] == [0]
    with pytest.raises(DatasetError):  # files of it may be there, its marker is not
        Episode(place / "episodes/episode_000001.zarr")
    shard.write_bytes(data)
    assert copy_dataset(source, where(place)).episodes == 2
    assert_is_recorded(DemonstrationDataset.open(where(place)), 1, seed=1)


def test_another_dataset_or_other_files_are_left_alone(source, place, tmp_path):
    other = make_dataset(tmp_path / "other", episodes=1)
    (other.path / "dataset.json").write_text(
        (other.path / "dataset.json").read_text().replace('"jpeg_quality": 95', '"jpeg_quality": 90')
    )
    copy_dataset(source, where(place))
    with pytest.raises(DatasetError, match="holds another dataset"):
        copy_dataset(DemonstrationDataset.open(other.path), where(place))
    write_whole(place / "papers/thesis.txt", b"precious")
    with pytest.raises(DatasetError, match="holds something other than a dataset"):
        copy_dataset(source, where(place / "papers"))
    shutil.rmtree(source.episode(0).path)
    (source.path / "index.jsonl").unlink()
    replaced = DemonstrationDataset.open(source.path)
    shutil.move(replaced.episode(0).path, replaced.path / "episodes/episode_000000.zarr")
    with pytest.raises(DatasetError, match=r"has another episode_000000\.zarr"):
        copy_dataset(DemonstrationDataset.open(source.path), where(place))


@pytest.mark.parametrize("kind", STORES[1:])
def test_what_an_object_store_cannot_do_is_said(source, kind, tmp_path):
    (tmp_path / "there").mkdir()
    place = make_place(kind, tmp_path / "there")
    with pytest.raises(DatasetError, match="is no demonstration dataset: it has no dataset"):
        DemonstrationDataset.open(where(place))
    copy_dataset(source, where(place))
    copy = DemonstrationDataset.open(where(place))
    with pytest.raises(
        DatasetError, match="lies in an object store; record to a disk, then `robotics data copy`"
    ):
        copy.writer(fake_embodiment())
    for make in (DemonstrationDataset.create, DemonstrationDataset.open_or_create):
        with pytest.raises(DatasetError, match=r"lies in an object store|it has no dataset"):
            make(where(place / "new"), fake_embodiment())
    with pytest.raises(DatasetError, match="lies in an object store; `robotics data copy` it"):
        pack_dataset(copy, tmp_path / "packed")
    with pytest.raises(DatasetError, match="lies in an object store; give the cache a folder on a disk"):
        from demonstrations.cache import FrameCache

        FrameCache.build(copy, {"overhead": (4, 4)})
    write_whole(place / "episodes/episode_000001.zarr/images/overhead/c.0.0.0.0", b"short")
    with pytest.raises(DatasetError, match="damaged"):
        copy.episode(1).frame("overhead", 0)
    write_whole(place / "versions.jsonl", b'{"version": 1, "hidden": [0]}\n')
    assert [entry.number for entry in DemonstrationDataset.open(where(place)).entries] == [1, 2]
