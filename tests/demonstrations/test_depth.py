"""Depth beside pictures: to the millimetre, as plain zarr, in step with the pictures, recovered with them."""

import shutil
import time
from pathlib import Path

import numpy as np
import pytest
import zarr
from contracts.demonstration_episodes import PERIOD_NS, make_dataset, make_image, make_state
from contracts.fake_embodiment import fake_embodiment
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from demonstrations.dataset import DemonstrationDataset
from demonstrations.depth import UNIT_M, decode_depth, encode_depth
from demonstrations.schema import EpisodeOutcome
from demonstrations.verify import verify
from demonstrations.writer import EpisodeWriter
from robotics.errors import DatasetError
from robotics.observation import CameraFrame

METRES = st.floats(0.0, 65.0, width=32)


def make_depth(number: int, height: int = 24, width: int = 32) -> np.ndarray:
    """[m], with an unknown corner."""
    depth = np.full((height, width), 0.5 + 0.01 * number, np.float32)
    depth[0, 0] = 0.0
    return depth


def append(writer: EpisodeWriter, ticks: range, without: tuple[int, ...] = ()) -> None:
    for tick in ticks:
        depth = None if tick in without else make_depth(tick)
        writer.append_frame("overhead", CameraFrame(make_image(tick), tick * PERIOD_NS, depth))
        writer.append_frame("wrist_left", CameraFrame(make_image(tick), tick * PERIOD_NS))
        writer.append_state(make_state(tick))


def read_depth(dataset: DemonstrationDataset, index: int) -> np.ndarray:
    """[mm], by zarr alone."""
    group = zarr.open_group(dataset.path / "episodes" / dataset.entries[index].name, mode="r")
    return np.asarray(group["depth/overhead"][..., 0])  # type: ignore[index]


@given(npst.arrays(np.float32, npst.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=METRES))
def test_a_depth_picture_comes_back_to_half_a_millimetre(depth: np.ndarray):
    back = decode_depth(encode_depth(depth), *depth.shape)
    assert back.dtype == np.float32
    np.testing.assert_allclose(back, depth, atol=0.5 * UNIT_M + 1e-5)


def test_what_is_not_finite_or_too_far_is_told_as_such():
    depth = np.array([[np.nan, np.inf, -np.inf, -1.0, 100.0]], np.float32)
    np.testing.assert_allclose(decode_depth(encode_depth(depth), 1, 5), [[0, 0, 0, 0, 65.535]], atol=1e-4)


def test_depth_is_kept_in_step_with_the_pictures_and_read_by_plain_zarr(tmp_path: Path):
    dataset = make_dataset(tmp_path / "data")
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin()
        append(writer, range(11), without=(3,))
        writer.commit(EpisodeOutcome(True))
        writer.begin()
        append(writer, range(5), without=(0,))  # the first picture decides: none here
        writer.commit(EpisodeOutcome(True))
    stored = read_depth(dataset, 0)
    assert (stored.dtype, stored.shape) == (np.uint16, (11, 24, 32))
    for tick in range(11):
        wanted = 0 if tick == 3 else 500 + 10 * tick
        assert stored[tick, 5, 5] == wanted
        assert stored[tick, 0, 0] == 0
    assert len(dataset.episode(0).image_time_ns("overhead")) == 11
    assert not (dataset.path / "episodes" / dataset.entries[0].name / "depth" / "wrist_left").exists()
    assert not (dataset.path / "episodes" / dataset.entries[1].name / "depth").exists()
    assert verify(dataset) == []


def test_a_damaged_depth_file_is_found(tmp_path: Path):
    dataset = make_dataset(tmp_path / "data")
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin()
        append(writer, range(6))
        writer.commit(EpisodeOutcome(True))
    file = next((dataset.path / "episodes").glob("*/depth/overhead/c.0.*"))
    data = bytearray(file.read_bytes())
    data[9] ^= 0xFF
    file.write_bytes(data)
    assert any("depth/overhead" in problem.text for problem in verify(dataset))


@pytest.mark.parametrize("torn", ["depth journal", "depth file", "picture journal"])
def test_an_interrupted_episode_is_recovered_with_as_many_depths_as_pictures(tmp_path: Path, torn: str):
    dataset = make_dataset(tmp_path / "data")
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin()
        append(writer, range(30))
        (staged,) = (dataset.path / "staging").glob("*.zarr")
        while writer.load.queued_frames:
            time.sleep(0.001)
        shutil.copytree(staged, tmp_path / "copy")
    shutil.move(tmp_path / "copy", staged)
    file = {
        "depth journal": staged / "journal/overhead.depth.bin",
        "depth file": staged / "depth/overhead/c.7.0.0.0",  # the shard in work
        "picture journal": staged / "journal/overhead.bin",
    }[torn]
    file.write_bytes(file.read_bytes()[:-7])
    reopened = DemonstrationDataset.open(dataset.path)
    assert "recovered" in reopened.recovered[0]
    assert verify(reopened) == []
    stored, times = read_depth(reopened, 0), reopened.episode(0).image_time_ns("overhead")
    assert 20 <= len(stored) == len(times) < 30
    np.testing.assert_array_equal(stored[:, 5, 5], 500 + 10 * np.arange(len(stored)))


def test_depth_is_stored_at_the_size_of_the_pictures_and_never_averaged(tmp_path: Path):
    dataset = DemonstrationDataset.create(tmp_path / "data", fake_embodiment(), {"overhead": (12, 16)})
    depth = np.where(np.arange(32) < 15, 1.0, 2.0).astype(np.float32) * np.ones((24, 1), np.float32)
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin()
        writer.append_frame("overhead", CameraFrame(make_image(1), 0, depth))
        writer.append_state(make_state(0))
        writer.commit(EpisodeOutcome(True))
    assert set(read_depth(dataset, 0).ravel().tolist()) == {1000, 2000}


def test_depth_of_another_size_than_its_picture_is_refused(tmp_path: Path):
    dataset = make_dataset(tmp_path / "data")
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin()
        with pytest.raises(
            DatasetError, match=r"wanted depth of the picture's size \(24, 32\), got \(3, 4\)"
        ):
            writer.append_frame("overhead", CameraFrame(make_image(1), 0, np.zeros((3, 4), np.float32)))
