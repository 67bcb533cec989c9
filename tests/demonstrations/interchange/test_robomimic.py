"""robomimic's HDF5, as its documentation describes it."""

import json

import numpy as np
import pytest
from contracts.demonstration_episodes import record_episode
from contracts.fake_embodiment import fake_embodiment
from contracts.interchange_round_trip import export, make_varied_dataset, open_hdf5

from demonstrations.interchange.exporting import export_episodes
from demonstrations.interchange.selection import ExportOptions, select_episodes


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    dataset = make_varied_dataset(tmp_path_factory.mktemp("data") / "set")
    with dataset.writer(fake_embodiment()) as writer:
        record_episode(writer, ticks=5, seed=4, success=False)
    return dataset


def test_demonstrations_hold_what_the_episodes_hold(dataset, tmp_path):
    export(dataset, "robomimic", tmp_path / "out", ExportOptions(valid_fraction=0.34))
    with open_hdf5(tmp_path / "out/demonstrations.hdf5") as file:
        assert sorted(file["data"]) == ["demo_0", "demo_1", "demo_2"]
        assert file["data"].attrs["total"] == 60
        environment = json.loads(file["data"].attrs["env_args"])
        assert environment["env_name"] == "turn_left_arm"
        assert {"type", "env_kwargs"} <= {*environment}
        demo, episode = file["data/demo_1"], dataset.episode(1)
        assert demo.attrs["num_samples"] == 31
        np.testing.assert_array_equal(demo["actions"][:], episode.intended)
        np.testing.assert_array_equal(demo["obs/joint_position"][:], episode.position)
        images = demo["obs/overhead_image"][:]
        np.testing.assert_array_equal(images, episode.frames("overhead", episode.frame_of_rows("overhead")))
        assert demo["rewards"][:].tolist() == [0] * 30 + [1]
        assert demo["dones"][:].tolist() == [0] * 30 + [1]
        assert file["mask/train"][:].tolist() == [b"demo_0", b"demo_1"]
        assert file["mask/valid"][:].tolist() == [b"demo_2"]


def test_a_failure_earns_no_reward(dataset, tmp_path):
    export_episodes(select_episodes(dataset, [3]), "robomimic", tmp_path / "out")
    with open_hdf5(tmp_path / "out/demonstrations.hdf5") as file:
        assert not file["data/demo_0/rewards"][:].any()
        assert file["data/demo_0/dones"][-1] == 1
