"""A training that was interrupted ends as one that was not; its checkpoint runs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from contracts.painted_scenes import paint_scenes

from policies.reasoner.embedded import EmbeddedReasoner
from policies.reasoner.fitting import AVERAGE, load_fitting
from policies.reasoner.model_folder import WEIGHTS, ReasonerModel, load_model, save_model
from policies.reasoner.network import fused
from policies.reasoner.scene_samples import SceneViews
from policies.reasoner.train_network import train_network
from policies.reasoner.training_run import average_of, preset, train_reasoner
from robotics.errors import CheckpointError, UnknownNameError
from robotics.reasoning.scenes.folder import SceneFolder, ScenesError


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paint_scenes(tmp_path_factory.mktemp("painted") / "scenes", 6, seed=1)


def silent(line: str) -> None:
    pass


@pytest.fixture(scope="module")
def straight(scenes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of four steps without a break."""
    out = tmp_path_factory.mktemp("run") / "straight"
    train_network(SceneViews([scenes]), preset("debug").first, out, say=silent)
    return out


def test_two_steps_and_two_more_are_four(scenes: Path, straight: Path, tmp_path: Path):
    class Stopped(Exception):
        pass

    def stop_after_two(line: str) -> None:
        if line.startswith("step 2 "):
            raise Stopped

    training = replace(preset("debug").first, save_every=1)
    with pytest.raises(Stopped):
        train_network(SceneViews([scenes]), training, tmp_path, say=stop_after_two)
    _, before = average_of(tmp_path)
    assert before < 4
    train_network(SceneViews([scenes]), training, tmp_path, say=silent)
    (resumed, step), (whole, _) = average_of(tmp_path), average_of(straight)
    assert step == 4
    for (name, a), b in zip(resumed.state_dict().items(), whole.state_dict().values(), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=0, msg=name)


def test_a_run_ends_with_a_checkpoint_that_answers(scenes: Path, straight: Path):
    lines: list[str] = []
    model = train_reasoner([scenes], scenes, straight, preset("debug"), views=6, say=lines.append)
    assert any("held out" in line for line in lines)
    loaded = load_model(straight)
    assert loaded.match == model.match and loaded.provenance["steps"] == 4
    found = EmbeddedReasoner.load(straight).detect(SceneFolder(scenes)[0].view, "the red mug")
    assert 0.0 <= found.presence <= 1.0


def test_a_new_run_begins_with_weights_of_another(straight: Path):
    first, _ = average_of(straight)
    other = type(first)(replace(first.config, fine=24))
    count = load_fitting(straight / AVERAGE, other)
    trunk = [name for name in other.state_dict() if name.startswith(("stem", "down", "lateral32", "merge8"))]
    assert len(trunk) < count < len(other.state_dict())  # all but what the finest map's width decides
    torch.testing.assert_close(other.merge8.conv.weight, first.merge8.conv.weight)


def test_a_new_run_begins_with_the_weights_of_a_checkpoint(straight: Path, tmp_path: Path):
    first, _ = average_of(straight)
    save_model(tmp_path, ReasonerModel(first))
    other = type(first)(first.config)
    assert load_fitting(tmp_path / WEIGHTS, other) == len(other.state_dict())
    torch.testing.assert_close(other.maps.weight, first.maps.weight, rtol=1e-3, atol=1e-3)


def test_bad_input_is_named(tmp_path: Path, scenes: Path):
    with pytest.raises(UnknownNameError, match="debug"):
        preset("huge")
    with pytest.raises(ScenesError, match="no generated scenes"):
        SceneViews([tmp_path])
    with pytest.raises(CheckpointError, match="no training state"):
        train_reasoner([scenes], scenes, tmp_path / "out", preset("debug"), start_from=tmp_path)
    with pytest.raises(CheckpointError, match="no reasoner"):
        load_model(tmp_path)


def test_a_damaged_checkpoint_is_refused_in_one_line(straight: Path, tmp_path: Path):
    model = average_of(straight)[0]
    save_model(tmp_path, ReasonerModel(model))
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match="damaged") as refused:
        load_model(tmp_path)
    assert "\n" not in str(refused.value)


def test_weights_survive_the_checkpoint_and_fusing(straight: Path, tmp_path: Path):
    from policies.reasoner.model_folder import ReasonerModel, save_model

    net = average_of(straight)[0]
    save_model(tmp_path, ReasonerModel(net))
    image = torch.from_numpy(np.random.default_rng(0).random((1, 3, 32, 40), np.float32))
    geometry = torch.zeros(1, 5, 32, 40)
    with torch.inference_mode():
        want = net(image, geometry)
        for other in (fused(net), load_model(tmp_path).network):
            got = other(image, geometry)
            torch.testing.assert_close(got.words["family"], want.words["family"], rtol=0.02, atol=0.02)
            torch.testing.assert_close(got.values["sides"], want.values["sides"], rtol=0.02, atol=0.02)
