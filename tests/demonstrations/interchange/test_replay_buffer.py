"""The replay buffer of diffusion_policy: zarr v2, read back by zarr."""

import json
from typing import Any

import numpy as np
import pytest
import zarr
from contracts.interchange_round_trip import export, make_varied_dataset

from demonstrations.interchange.selection import ExportOptions


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return make_varied_dataset(tmp_path_factory.mktemp("data") / "set")


def test_episodes_stand_end_to_end(dataset, tmp_path):
    out = tmp_path / "buffer.zarr"
    export(dataset, "diffusion-policy", out)
    assert json.loads((out / "data/action/.zarray").read_text())["zarr_format"] == 2
    group: Any = zarr.open_group(str(out), mode="r")
    ends = group["meta/episode_ends"][:]
    assert ends.tolist() == [20, 51, 60]
    assert {array.shape[0] for _, array in group["data"].arrays()} == {60}
    start = 0
    for episode, end in zip(dataset, ends, strict=True):
        np.testing.assert_array_equal(group["data/action"][start:end], episode.intended)
        np.testing.assert_array_equal(group["data/joint_position"][start:end], episode.position)
        np.testing.assert_array_equal(group["data/time_ns"][start:end], episode.time_ns)
        for camera in dataset.camera_names:
            wanted = episode.frames(camera, episode.frame_of_rows(camera))
            np.testing.assert_array_equal(group[f"data/{camera}_image"][start:end], wanted)
        start = end
    assert group["data/overhead_image"].chunks == (1, 24, 32, 3)
    own = json.loads((out / "robotics.json").read_text())
    assert [e["checksums"]["episode"] for e in own["episodes"]] == [e.checksum for e in dataset]


def test_fewer_rows_and_smaller_pictures(dataset, tmp_path):
    out = tmp_path / "buffer.zarr"
    export(dataset, "diffusion-policy", out, ExportOptions(rate_hz=25, size=(6, 8), action="applied"))
    group: Any = zarr.open_group(str(out), mode="r")
    assert group["meta/episode_ends"][:].tolist() == [10, 26, 31]
    assert group["data/wrist_left_image"].shape == (31, 6, 8, 3)
    np.testing.assert_array_equal(group["data/action"][:10], dataset.episode(0).applied[::2])
