"""A mixture gives its sources' samples; robots of other shapes are refused, or filled up where allowed."""

from dataclasses import replace

import numpy as np
import pytest
from contracts.demonstration_episodes import make_dataset
from contracts.fake_embodiment import fake_embodiment

from demonstrations.dataset import DemonstrationDataset
from demonstrations.mixture import Mixture
from demonstrations.sample_order import SampleOrder
from demonstrations.schema import EpisodeOutcome
from demonstrations.view import CameraView
from demonstrations.windows import DemonstrationWindows, WindowConfig
from robotics.errors import DatasetError, IncompatibleError
from robotics.observation import CameraFrame, JointState
from robotics.session import RobotMode, RobotState

CONFIG = WindowConfig({"overhead": CameraView(12, 16)}, horizon=4)


@pytest.fixture
def sources(tmp_path):
    return {
        name: DemonstrationWindows(make_dataset(tmp_path / name, episodes=n, ticks=10), CONFIG)
        for name, n in (("a", 1), ("b", 3))
    }


def make_one_armed(path) -> DemonstrationDataset:
    """An embodiment that has only the left arm: seven dimensions."""
    whole = fake_embodiment()
    embodiment = replace(whole, name="one_armed", arm=whole.arm[:1])
    dataset = DemonstrationDataset.create(path, embodiment, ["wrist_left"])
    zeros = np.zeros(7)
    with dataset.writer(embodiment) as writer:
        writer.begin(instruction="wave")
        for tick in range(6):
            values = zeros + 1 + tick
            writer.append_frame(
                "wrist_left", CameraFrame(np.full((24, 32, 3), 99, np.uint8), tick * 20_000_000)
            )
            writer.append_state(
                RobotState(
                    joints=JointState(tick, tick * 20_000_000, values, zeros, values),
                    requested=values,
                    applied=values,
                    intended=values,
                    mode=RobotMode.EXECUTING,
                    plan_steps=0,
                    chunk_id=1,
                    instruction="wave",
                    missed_deadlines=0,
                    starvations=0,
                )
            )
        writer.commit(EpisodeOutcome(True))
    return dataset


def test_it_gives_the_samples_of_its_sources(sources):
    mixture = Mixture(sources)
    assert len(mixture) == 40
    assert mixture.weights == (0.25, 0.75)
    for index, (name, own) in {3: ("a", 3), 10: ("b", 0), 39: ("b", 29), -1: ("b", 29)}.items():
        sample = mixture[index]
        assert sample["source"] == ("a", "b").index(name)
        np.testing.assert_array_equal(sample["action"], sources[name][own]["action"])
        np.testing.assert_array_equal(sample["images"]["overhead"], sources[name][own]["images"]["overhead"])
    with pytest.raises(IndexError, match="40 windows, no index 40"):
        mixture[40]


def test_weights_decide_how_often_a_source_is_drawn(sources):
    mixture = Mixture(sources, {"a": 3, "b": 1})
    drawn = [mixture[batch]["source"] for batch in SampleOrder.of(mixture, batch=20, steps=20)]
    assert np.mean(np.concatenate(drawn) == 0) == pytest.approx(0.75, abs=0.02)


def test_weights_must_name_the_sources(sources):
    for weights in ({"a": 1}, {"a": 1, "b": 0}, {"a": 1, "b": 1, "c": 1}):
        with pytest.raises(DatasetError, match="one weight > 0 for each of its sources"):
            Mixture(sources, weights)
    with pytest.raises(DatasetError, match="a mixture wants"):
        Mixture({})


def test_robots_of_other_shapes_are_refused_or_filled_up(sources, tmp_path):
    one_armed = DemonstrationWindows(
        make_one_armed(tmp_path / "one"), WindowConfig({"wrist_left": CameraView(8, 8)}, horizon=4)
    )
    both = {"two": sources["a"], "one": one_armed}
    with pytest.raises(
        IncompatibleError, match="14 actions, 14 states and cameras overhead and of 7 actions"
    ):
        Mixture(both)
    sample = Mixture(both, pad=True)[10 + 2]
    np.testing.assert_array_equal(sample["action"][0], [3.0] * 7 + [0.0] * 7)
    np.testing.assert_array_equal(sample["state"][0], [3.0] * 7 + [0.0] * 7)
    assert sample["action_dim_padded"].tolist() == [False] * 7 + [True] * 7
    assert sample["image_padded"] == {"overhead": [True], "wrist_left": [False]}
    assert not sample["images"]["overhead"].any()
    assert (sample["images"]["wrist_left"] > 90).all()
    assert not Mixture(both, pad=True)[0]["action_dim_padded"].any()


def test_what_padding_cannot_fill_is_refused(sources, tmp_path):
    dataset = make_dataset(tmp_path / "other", episodes=1)
    for other, message in (
        (replace(CONFIG, horizon=5), "horizon 4 and 5"),
        (replace(CONFIG, views={"overhead": CameraView(6, 8)}), r"camera 'overhead': views of \(12, 16\)"),
    ):
        with pytest.raises(IncompatibleError, match=message):
            Mixture({"a": sources["a"], "other": DemonstrationWindows(dataset, other)}, pad=True)
