"""A packed dataset is the same dataset, but for how its pictures are stored."""

from typing import Any

import numpy as np
import pytest
from contracts.demonstration_episodes import (
    PERIOD_NS,
    assert_is_recorded,
    make_dataset,
    make_image,
    make_state,
    record_episode,
)
from contracts.fake_embodiment import fake_embodiment

from demonstrations.cache import FrameCache
from demonstrations.dataset import DemonstrationDataset
from demonstrations.pack import pack_dataset
from demonstrations.schema import EpisodeOutcome
from demonstrations.verify import verify
from demonstrations.video import VIDEO_FILE, VideoConfig
from demonstrations.view import CameraView
from demonstrations.windows import DemonstrationWindows, WindowConfig
from robotics.errors import DatasetError
from robotics.observation import CameraFrame


@pytest.fixture
def source(tmp_path):
    return make_dataset(tmp_path / "data", episodes=3, ticks=30)


@pytest.fixture
def packed(source, tmp_path):
    pack_dataset(source, tmp_path / "packed", workers=2)
    return DemonstrationDataset.open(tmp_path / "packed", fake_embodiment())


def test_the_same_reader_reads_the_same_episodes(source, packed):
    assert len(packed) == 3
    for index in range(3):
        assert_is_recorded(packed, index, seed=index, ticks=30)
        one, other = source.episode(index), packed.episode(index)
        for name in one.state:
            np.testing.assert_array_equal(one.state[name], other.state[name])
        assert other.metadata.derived_from == (one.checksum,)
        assert other.metadata.edit == "pack crf 18 gop 10 preset veryfast"
        assert other.metadata.events == one.metadata.events
        assert [c.encoding for c in other.metadata.cameras.values()] == ["h264", "h264"]
        small = other.frames("overhead", [3, 14], size=(12, 16))
        assert small.shape == (2, 12, 16, 3)
        assert abs(float(small[1].mean()) - make_image(14 + index).mean()) < 3
    assert verify(packed) == []
    assert verify(source) == []


def test_it_has_no_jpegs_and_says_so(packed):
    with pytest.raises(
        DatasetError, match="'overhead' is stored as h264 and has no JPEGs; read it with frames"
    ):
        packed.episode(0).jpegs("overhead", [0])


def test_zarr_opens_what_is_left_of_it(packed):
    import zarr

    group = zarr.open_group(packed.episode(1).path, mode="r")
    assert group["state/position"].shape == (30, 14)
    video: Any = group["images/overhead"].attrs["video"]
    assert (video["file"], video["frames"]) == (VIDEO_FILE, 15)


def test_training_reads_it_like_the_original(source, packed, tmp_path):
    config = WindowConfig({"overhead": CameraView(12, 16)}, horizon=3)
    ours = DemonstrationWindows(packed, config, cache=tmp_path / "cache")
    decoded, theirs = DemonstrationWindows(packed, config), DemonstrationWindows(source, config)
    for index in (0, 31, 89):
        np.testing.assert_array_equal(ours[index]["action"], theirs[index]["action"])
        image = ours[index]["images"]["overhead"].astype(int)
        np.testing.assert_array_equal(image, decoded[index]["images"]["overhead"])
        assert np.abs(image - theirs[index]["images"]["overhead"]).max() <= 4
    cache = FrameCache.build(packed, {"overhead": (12, 16), "wrist_left": (6, 8)}, path=tmp_path / "all")
    assert len(cache) == 45


def test_it_reports_sizes_and_loss(source, tmp_path):
    report = pack_dataset(source, tmp_path / "packed")
    camera = report.cameras["overhead"]
    assert (report.episodes, report.skipped, camera.frames) == (3, 0, 45)
    assert 40 < camera.psnr_min <= camera.psnr < 99
    folder = tmp_path / "packed/episodes"
    assert camera.packed_bytes == sum(
        p.stat().st_size for p in folder.glob(f"*/images/overhead/{VIDEO_FILE}")
    )
    coarse = pack_dataset(source, tmp_path / "coarse", VideoConfig(crf=45)).cameras["overhead"]
    assert coarse.psnr < camera.psnr


def test_after_an_interruption_it_goes_on(source, tmp_path):
    class PowerCutError(Exception):
        pass

    def cut(done, of):
        if done == 2:
            raise PowerCutError

    with pytest.raises(PowerCutError):
        pack_dataset(source, tmp_path / "packed", progress=cut)
    (tmp_path / "packed/staging/pack_12345678.partial/images").mkdir(parents=True)
    report = pack_dataset(source, tmp_path / "packed")
    assert (report.episodes, report.skipped) == (1, 2)
    packed = DemonstrationDataset.open(tmp_path / "packed")
    for index in range(3):
        assert_is_recorded(packed, index, seed=index)
    assert [*(tmp_path / "packed/staging").iterdir()] == []
    assert verify(packed) == []
    assert pack_dataset(source, tmp_path / "packed").skipped == 3


def test_recording_goes_on_in_a_packed_dataset(packed):
    with packed.writer(fake_embodiment()) as writer:
        record_episode(writer, seed=7)
    assert [e.metadata.cameras["overhead"].encoding for e in packed] == ["h264"] * 3 + ["jpeg"]
    assert_is_recorded(packed, 3, seed=7)


def test_packed_episodes_are_copied_and_a_dead_camera_stays_empty(source, tmp_path):
    with source.writer(fake_embodiment()) as writer:
        writer.begin()
        for tick in range(4):
            writer.append_state(make_state(tick))
            writer.append_frame("overhead", CameraFrame(make_image(tick), tick * PERIOD_NS))
        writer.commit(EpisodeOutcome(True))
    pack_dataset(source, tmp_path / "packed", episodes=[3])
    once = DemonstrationDataset.open(tmp_path / "packed")
    assert len(once.episode(0).frames("wrist_left", [])) == 0
    assert pack_dataset(once, tmp_path / "again").cameras == {}
    twice = DemonstrationDataset.open(tmp_path / "again")
    np.testing.assert_array_equal(
        once.episode(0).frames("overhead", range(4)), twice.episode(0).frames("overhead", range(4))
    )
    assert verify(twice) == []


def test_damage_is_refused_before_and_named_after(source, packed, tmp_path):
    path = packed.episode(1).path / "images/wrist_left" / VIDEO_FILE
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    assert [str(p) for p in verify(packed)] == [
        f"episode_000001.zarr: images/wrist_left/{VIDEO_FILE} is damaged: its checksum does not match"
    ]
    array = source.episode(0).path / "state/position/c.0.0"
    array.write_bytes(array.read_bytes()[:-1])
    with pytest.raises(DatasetError, match=r"state/position/c.0.0 is damaged"):
        pack_dataset(source, tmp_path / "new")
    shard = source.episode(1).path / "images/overhead/c.0.0.0.0"
    shard.write_bytes(shard.read_bytes()[:-1])
    with pytest.raises(DatasetError, match="damaged"):
        pack_dataset(source, tmp_path / "new", episodes=[1])
    assert len(DemonstrationDataset.open(tmp_path / "new")) == 0


def test_a_folder_that_holds_something_else_is_refused(source, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("precious")
    with pytest.raises(DatasetError, match="holds something other than a dataset"):
        pack_dataset(source, tmp_path / "mine")
    with pytest.raises(DatasetError, match="not 'pack crf 18 gop 10 preset veryfast' but ''; choose another"):
        pack_dataset(source, source.path)
    pack_dataset(source, tmp_path / "packed")
    with pytest.raises(DatasetError, match=r"not 'pack crf 30 .*' but 'pack crf 18"):
        pack_dataset(source, tmp_path / "packed", VideoConfig(crf=30))


def test_odd_sizes_are_refused(tmp_path):
    dataset = DemonstrationDataset.create(tmp_path / "odd", fake_embodiment(), {"overhead": (21, 28)})
    with pytest.raises(DatasetError, match=r"camera 'overhead' is 21 x 28; H\.264 wants even sizes"):
        pack_dataset(dataset, tmp_path / "packed")
