"""What a closer look learns agrees with the scene: in the crop, in space and in a mirror."""

import numpy as np
import pytest
from contracts.painted_scenes import paint_scenes

from policies.reasoner.closer_crops import SIDE, Pyramid, Square, crop_channels, no_geometry
from policies.reasoner.closer_samples import (
    VALUE_NAMES,
    CropAugmentation,
    collate_crops,
    crop_sample,
    disturbed_box,
    draw_crops,
    mirrored_crop,
)
from policies.reasoner.decoding import overlap
from policies.reasoner.network import WORDS
from policies.reasoner.scene_samples import Augmentation
from robotics.reasoning.scenes.folder import SceneFolder, SceneView

PLAIN = Augmentation(flip=0.0, no_geometry=0.0, blur=0.0, jpeg=0.0, noise=0.0, light=0.0)
AT = {name: i for i, name in enumerate(VALUE_NAMES)}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> SceneFolder:
    return SceneFolder(paint_scenes(tmp_path_factory.mktemp("painted") / "scenes", 6, seed=2))


def seen(scene: SceneView):
    return [thing for thing in scene.facts.objects if thing.is_seen]


def test_the_crop_of_a_box_shows_the_box(scenes: SceneFolder):
    for scene in scenes:
        for thing in seen(scene):
            assert thing.box is not None
            sample = crop_sample(
                *(scene, Pyramid(scene.view.image), thing, thing.box, np.random.default_rng(0), PLAIN)
            )
            left, top, right, bottom = sample.values[:4]
            assert max(right - left, bottom - top) == pytest.approx(1 / 1.4, abs=0.1) or thing.pixels < 120
            rows, columns = np.nonzero(sample.mask)
            cell = 1.5 / sample.mask.shape[0]
            assert left - cell <= columns.min() / 32 and (columns.max() + 1) / 32 <= right + cell
            assert top - cell <= rows.min() / 32 and (rows.max() + 1) / 32 <= bottom + cell
            assert sample.values[AT["is_thing"]] == 1
            assert WORDS["family"][sample.words[0]] == thing.family


def test_places_meet_the_centre_within_the_thing(scenes: SceneFolder):
    scene = scenes[0]
    for thing in seen(scene):
        assert thing.box is not None
        sample = crop_sample(
            *(scene, Pyramid(scene.view.image), thing, thing.box, np.random.default_rng(0), PLAIN)
        )
        assert sample.values[AT["has_reference"]] == 1
        shown = np.kron(sample.mask, np.ones((2, 2), bool)) & (sample.channels[7] > 0)
        places = sample.channels[3:6, shown].T * 0.1
        centre = sample.values[AT["x"] : AT["z"] + 1] * 0.05
        assert np.median(np.linalg.norm(places - centre, axis=1)) < np.linalg.norm(thing.size) / 2 + 0.01


def test_a_mirror_twice_changes_nothing(scenes: SceneFolder):
    (sample, *_) = draw_crops(scenes[1], 1, np.random.default_rng(3), PLAIN, CropAugmentation(elsewhere=0))
    once, twice = mirrored_crop(sample), mirrored_crop(mirrored_crop(sample))
    np.testing.assert_allclose(twice.values, sample.values, atol=1e-6)
    np.testing.assert_array_equal(twice.channels, sample.channels)
    assert once.values[AT["x"]] == -sample.values[AT["x"]]
    assert once.values[AT["z"]] == sample.values[AT["z"]]
    np.testing.assert_array_equal(once.mask[:, ::-1], sample.mask)


def test_boxes_that_miss_their_thing_are_called_so(scenes: SceneFolder):
    rng = np.random.default_rng(0)
    how = CropAugmentation(elsewhere=1.0)
    samples = [s for scene in scenes for s in draw_crops(scene, 4, rng, PLAIN, how)]
    truth = {float(s.values[AT["is_thing"]]) for s in samples}
    assert 0.0 in truth
    box = (10.0, 10.0, 30.0, 40.0)
    near = CropAugmentation(elsewhere=0)
    kept, moved = (
        overlap(np.array([disturbed_box(box, disturb, rng) for _ in range(200)]), np.array([box]))
        for disturb in (near, how)
    )
    assert np.median(kept) > 0.7 > 0.4 > np.median(moved)


def test_proposed_boxes_are_looked_at_as_they_are(scenes: SceneFolder):
    scene = scenes[0]
    box = seen(scene)[0].box
    assert box is not None
    proposals = np.array([box, (0.0, 0.0, 3.0, 3.0)])
    samples = draw_crops(scene, 4, np.random.default_rng(0), PLAIN, CropAugmentation(), proposals)
    assert sorted(float(s.values[AT["is_thing"]]) for s in samples) == [0.0, 1.0]


def test_a_batch_depends_on_its_numbers_only(scenes: SceneFolder):
    def drawn():
        rng = np.random.default_rng(5)
        return collate_crops(draw_crops(scenes[2], 4, rng, Augmentation(), CropAugmentation()))

    a, b = drawn(), drawn()
    assert (a.channels == b.channels).all() and (a.values == b.values).all()
    assert a.channels.shape[1:] == (10, SIDE, SIDE)


def test_windows_may_reach_over_the_border_and_pictures_may_be_tiny():
    for shape in ((1, 1, 3), (2, 400, 3), (300, 5, 3)):
        picture = np.full(shape, 200, np.uint8)
        square = Square.around((0.0, 0.0, float(shape[1]), float(shape[0])))
        crop = Pyramid(picture).crop(square)
        assert crop.shape == (SIDE, SIDE, 3)
        assert crop.max() <= 200
        channels, reference = crop_channels(crop, no_geometry(), np.array([0.1, 0.1, 0.9, 0.9]), 0.2)
        assert reference is None and np.isfinite(channels).all()


def test_a_large_window_is_averaged_not_sampled():
    stripes = np.zeros((512, 512, 3), np.uint8)
    stripes[:, ::2] = 255
    crop = Pyramid(stripes).crop(Square(0.0, 0.0, 512.0))
    assert abs(float(crop.mean()) - 127) < 3 and crop.std() < 12
