"""Maps that say the truth are read as the truth."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from contracts.painted_scenes import paint_scenes
from contracts.true_maps import true_maps

from policies.reasoner.decoding import distinct_things, overlap, read_maps
from policies.reasoner.preparing import prepare
from policies.reasoner.scene_samples import SceneViews
from robotics.reasoning.scenes.folder import SceneFolder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paint_scenes(tmp_path_factory.mktemp("painted") / "scenes", 6, seed=3)


@pytest.mark.parametrize("index", range(6))
def test_things_are_found_with_boxes_masks_places_and_words(folder: Path, index: int):
    scene = SceneFolder(folder)[index]
    prepared = prepare(scene.view, scene.view.width * scene.view.height)
    sight = read_maps(true_maps(SceneViews([folder]).sample(index)), prepared)
    level = prepared.level_in_world
    assert level is not None
    for thing in scene.facts.objects:
        if thing.pixels < 120 or thing.visible < 0.7:
            continue
        boxes = np.array([t.box for t in sight.things])
        same = overlap(boxes, np.array([thing.box]))[:, 0]
        seen = sight.things[int(same.argmax())]
        assert same.max() > 0.95
        own = scene.ids[2::4, 2::4] == thing.id
        mine = np.zeros_like(own)
        mine[seen.cells] = True
        assert (mine & own).sum() > 0.9 * own.sum()
        np.testing.assert_allclose(level.apply(seen.center), thing.center, atol=2e-3)
        np.testing.assert_allclose(seen.size, thing.size, rtol=1e-3)
        axis = level.rotation @ [math.cos(seen.yaw), math.sin(seen.yaw), 0.0]
        turn = math.atan2(axis[1], axis[0]) - 2 * math.atan2(thing.quaternion[3], thing.quaternion[0])
        assert abs(math.sin((4 if thing.symmetry == 4 else 2) / 2 * turn)) < 0.01
        assert seen.words["family"].argmax() == list(_families()).index(thing.family)


def test_without_depth_places_follow_from_the_picture(folder: Path):
    from dataclasses import replace

    scene = SceneFolder(folder)[0]
    bare = replace(scene.view, depth=None)
    prepared = prepare(bare, bare.width * bare.height)
    assert not prepared.geometry.any()
    sight = read_maps(true_maps(SceneViews([folder]).sample(0)), prepared)
    level = prepared.level_in_world
    assert level is not None
    places = np.array([level.apply(t.center) for t in sight.things])
    for thing in scene.facts.objects:
        if thing.pixels > 120 and thing.visible > 0.7:
            assert np.linalg.norm(places - np.array(thing.center), axis=1).min() < 0.01


def test_nothing_is_found_where_there_is_nothing(folder: Path):
    scene = SceneFolder(folder)[0]
    prepared = prepare(scene.view, scene.view.width * scene.view.height)
    maps = true_maps(SceneViews([folder]).sample(0))
    maps.values["thing"].fill_(-10.0)
    sight = read_maps(maps, prepared)
    assert sight.things == () and (sight.label == -1).all()


def _families() -> tuple[str, ...]:
    from robotics.reasoning.language.families import FAMILIES

    return FAMILIES


def test_a_thing_found_twice_is_one_and_a_stack_is_two(folder: Path):
    prepared = prepare((view := SceneFolder(folder)[0].view), view.width * view.height)
    (thing, *_) = read_maps(true_maps(SceneViews([folder]).sample(0)), prepared).things
    left, top, right, bottom = thing.box
    again = replace(thing, probability=0.3, box=(left + 1, top, right, bottom))
    above = replace(thing, probability=0.9, center=thing.center + np.array([0, 0, 2 * thing.size.max()]))
    assert distinct_things([again, thing]) == [1]
    assert sorted(distinct_things([again, above, thing])) == [1, 2]
    assert distinct_things([]) == []
