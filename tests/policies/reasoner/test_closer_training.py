"""The closer look learns, resumes to the bit, and its answers land on the things that it was shown."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from contracts.painted_scenes import paint_scenes

from policies.reasoner.closer_crops import LIGHT
from policies.reasoner.closer_look import CloserLooker
from policies.reasoner.closer_network import CloserNet, CloserNetConfig
from policies.reasoner.closer_samples import CropAugmentation, collate_crops, draw_crops
from policies.reasoner.closer_training import (
    CLOSER_WEIGHTS,
    CropBatches,
    closer_losses,
    closer_scores,
    train_closer,
)
from policies.reasoner.embedded import EmbeddedReasoner
from policies.reasoner.looking import Looker
from policies.reasoner.model_folder import ReasonerModel, load_model, save_model
from policies.reasoner.network import ReasonerNet, fused
from policies.reasoner.proposals import Proposals, propose
from policies.reasoner.scene_samples import Augmentation, SceneViews
from policies.reasoner.training_run import average_of_closer, preset
from robotics.reasoning.scenes.folder import SceneFolder

PLAIN = Augmentation(flip=0.0, no_geometry=0.0, blur=0.0, jpeg=0.0, noise=0.0, light=0.0)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paint_scenes(tmp_path_factory.mktemp("painted") / "scenes", 6, seed=1)


def silent(line: str) -> None:
    pass


def test_two_steps_and_two_more_are_four(scenes: Path, tmp_path: Path):
    class Stopped(Exception):
        pass

    def stop_after_two(line: str) -> None:
        if line.startswith("step 2 "):
            raise Stopped

    views, training = SceneViews([scenes]), replace(preset("debug").closer, save_every=1)
    whole = train_closer(views, views, training, tmp_path / "a" / "closer", say=silent)
    with pytest.raises(Stopped):
        train_closer(views, views, training, tmp_path / "b" / "closer", say=stop_after_two)
    assert average_of_closer(tmp_path / "b")[1] < 4
    resumed = train_closer(views, views, training, tmp_path / "b" / "closer", say=silent)
    for (name, a), b in zip(resumed.state_dict().items(), whole.state_dict().values(), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=0, msg=name)


@pytest.fixture(scope="module")
def learned(scenes: Path) -> CloserNet:
    """One that has learned a few painted things by heart."""
    torch.manual_seed(0)
    net = CloserNet(CloserNetConfig((16, 16, 32, 32), (1, 1, 1), 64)).train()
    optimiser = torch.optim.AdamW(net.parameters(), lr=4e-3)
    views, rng = SceneViews([scenes]), np.random.default_rng(0)
    for _ in range(60):
        samples = [s for i in range(6) for s in draw_crops(views.scene(i), 5, rng, PLAIN, CropAugmentation())]
        batch = collate_crops(samples)
        losses = closer_losses(net(batch.channels, batch.light), batch)
        optimiser.zero_grad()
        sum(CLOSER_WEIGHTS[name] * loss for name, loss in losses.items()).backward()
        optimiser.step()
    return net.eval()


def test_it_learns_words_masks_and_boxes(learned: CloserNet, scenes: Path):
    scores = closer_scores(learned, SceneViews([scenes]))
    assert scores["family"] > 0.6
    assert scores["mask IoU"] > 0.6
    assert scores["box IoU"] > 0.55


def test_a_batch_of_boxes_that_miss_gives_finite_losses(learned: CloserNet, scenes: Path):
    how = CropAugmentation(elsewhere=1.0)
    batch = collate_crops(draw_crops(SceneFolder(scenes)[0], 4, np.random.default_rng(1), PLAIN, how))
    batch.values[:, -2] = 0.0
    losses = closer_losses(learned(batch.channels, batch.light), batch)
    assert all(torch.isfinite(loss) for loss in losses.values())
    assert losses["family"] == 0


def test_it_survives_the_checkpoint_and_fusing(learned: CloserNet, tmp_path: Path):
    first = ReasonerNet(preset("debug").first.network).eval()
    save_model(tmp_path, ReasonerModel(first, closer=learned))
    loaded = load_model(tmp_path).closer
    assert loaded is not None
    crops = torch.from_numpy(np.random.default_rng(0).random((2, 10, 64, 64), np.float32))
    light = torch.zeros(2, LIGHT)
    with torch.inference_mode():
        want = learned(crops, light)
        for other in (fused(learned), loaded):
            got = other(crops, light)
            torch.testing.assert_close(got.words["family"], want.words["family"], rtol=0.05, atol=0.05)
            torch.testing.assert_close(got.mask, want.mask, rtol=0.05, atol=0.1)
    save_model(tmp_path, ReasonerModel(first))
    assert load_model(tmp_path).closer is None


def test_the_first_look_proposes_boxes_within_the_views(scenes: Path, tmp_path: Path):
    first = sees_things_everywhere()
    views = SceneViews([scenes])
    propose(first, views, 3, say=silent).save(tmp_path / "proposals.npz")
    proposals = Proposals.load(tmp_path / "proposals.npz")
    assert proposals.views.tolist() == [0, 2, 5]
    for place in range(3):
        boxes = proposals.of(place)
        assert len(boxes)
        assert (boxes[:, 2:] > boxes[:, :2]).all() and boxes.min() >= 0 and boxes[:, 2].max() <= 160
    batches = CropBatches(views, replace(preset("debug").closer, proposed=1.0), proposals)
    assert {-1.0, 0.0, 1.0} >= set(batches[0].of("is_thing").tolist())


def sees_things_everywhere() -> ReasonerNet:
    """An untrained first look."""
    torch.manual_seed(1)
    first = ReasonerNet(preset("debug").first.network).eval()
    with torch.no_grad():
        assert first.maps.bias is not None
        first.maps.bias[:2] = 3.0
    return first


@pytest.mark.parametrize("without", ["nothing", "depth", "calibration", "place", "colour", "opacity"])
def test_any_view_is_looked_at_closer(learned: CloserNet, scenes: Path, without: str):
    scene = SceneFolder(scenes)[0]
    view = scene.view
    if without == "depth":
        view = replace(view, depth=None)
    elif without == "calibration":
        view = replace(view, depth=None, intrinsics=None, camera_in_world=None)
    elif without == "colour":
        view = replace(view, image=view.image[..., 0].copy())
    elif without == "opacity":
        view = replace(view, image=np.dstack([view.image, view.image[..., 0]]))
    elif without == "place":
        view = replace(view, camera_in_world=None)
    first = sees_things_everywhere()
    look = Looker(ReasonerModel(first)).look(view)
    assert look.things
    things, patches = CloserLooker(learned).refine(view, look.prepared, look.things)
    assert len(things) == len(patches) == len(look.things)
    for thing in things:
        left, top, right, bottom = thing.box
        assert 0 <= left < right <= look.prepared.width + 1e-6
        assert 0 <= top < bottom <= look.prepared.height + 1e-6
        assert np.isfinite(thing.center).all() and (thing.size > 0).all()
        np.testing.assert_allclose(np.exp(thing.words["colour"]).sum(), 1.0, atol=1e-3)
    reasoner = EmbeddedReasoner(ReasonerModel(first, closer=learned))
    for box in reasoner.detect(view, "object").items:
        assert 0 <= box.left < box.right <= view.width
