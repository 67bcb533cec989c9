"""Samples say what the facts say, in a mirror as well; the network's input knows where pixels look."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from contracts.painted_scenes import paint_scenes

from policies.reasoner.preparing import network_size, prepare
from policies.reasoner.scene_samples import TARGETS, Augmentation, SceneViews, disturb, mirrored
from robotics.reasoning.scenes.folder import SceneFolder


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paint_scenes(tmp_path_factory.mktemp("painted") / "scenes", 3, seed=2)


def test_surface_and_centre_of_a_sample_meet_in_the_level_frame(scenes: Path):
    sample, scene = SceneViews([scenes]).sample(0), SceneFolder(scenes)[0]
    for number, thing in enumerate(scene.facts.objects):
        cells = sample.cells == thing.id
        if not cells.any():
            continue
        centre = sample.targets[number, TARGETS.index("x") : TARGETS.index("z") + 1]
        away = np.linalg.norm(sample.surface[cells] - centre, axis=-1)
        assert away.max() < np.linalg.norm(thing.size) / 2 + 0.01


def test_a_mirror_twice_changes_nothing_and_once_keeps_heights(scenes: Path):
    sample = SceneViews([scenes]).sample(1)
    once, twice = mirrored(sample), mirrored(mirrored(sample))
    np.testing.assert_array_equal(twice.image, sample.image)
    np.testing.assert_allclose(twice.targets, sample.targets, atol=1e-4)
    np.testing.assert_allclose(twice.geometry, sample.geometry)
    np.testing.assert_array_equal(once.geometry[2:, :, ::-1], sample.geometry[2:])
    np.testing.assert_array_equal(once.geometry[0, :, ::-1], -sample.geometry[0])
    assert once.words == sample.words


def test_disturbed_samples_keep_their_truth_and_depend_on_the_seed_only(scenes: Path):
    sample = SceneViews([scenes]).sample(0)
    how = Augmentation(flip=0.0, no_geometry=0.0)
    a, b = (disturb(sample, np.random.default_rng(7), how) for _ in range(2))
    np.testing.assert_array_equal(a.image, b.image)
    np.testing.assert_array_equal(a.geometry, b.geometry)
    np.testing.assert_array_equal(a.targets, sample.targets)
    assert (a.image != sample.image).any()
    known = a.geometry[4] > 0
    assert np.abs(a.geometry[3] - sample.geometry[3])[known].max() < 0.1


@pytest.mark.parametrize(
    "size, wanted", [((168, 224), (168, 224)), ((480, 640), (168, 224)), ((720, 1280), (144, 256))]
)
def test_pictures_keep_about_their_shape_and_cost(size: tuple[int, int], wanted: tuple[int, int]):
    assert network_size(*size, 168 * 224) == wanted


def test_sizes_are_bounded_for_any_picture():
    for height, width in ((1, 1), (1, 5000), (5000, 1), (6250, 8000)):
        rows, columns = network_size(height, width, 168 * 224)
        assert 32 <= rows <= 448 and 32 <= columns <= 448 and not rows % 8 and not columns % 8


def test_without_depth_cells_of_the_table_are_placed_by_its_plane(scenes: Path):
    scene = SceneFolder(scenes)[0]
    area = scene.view.width * scene.view.height
    seen = prepare(scene.view, area).surface()
    guessed = prepare(replace(scene.view, depth=None), area).surface()
    table = scene.on_table[2::4, 2::4]
    np.testing.assert_allclose(seen[table], guessed[table], atol=2e-3)
