"""Scenes whose picture, truth and physics must agree."""

import numpy as np
import pytest

from robotics.embodiments import load_embodiment
from robotics.pinhole import unproject
from robotics.pose import quaternion_to_matrix
from sim.gl import RenderingUnavailableError
from sim.scenes.trial_scenes import TrialScenes


@pytest.fixture(scope="module")
def scenes() -> TrialScenes:
    try:
        return TrialScenes(load_embodiment("aloha2"), width=160, height=120)
    except RenderingUnavailableError as error:
        pytest.skip(str(error))


def test_what_is_seen_of_a_thing_lies_in_its_box(scenes):
    scene = scenes.make(4_000_003, count=4)
    assert len({scene.family(number) for number in range(1, 5)}) == 4
    k, camera = scene.view.intrinsics, scene.view.camera_in_world
    rows, columns = np.mgrid[: scene.view.height, : scene.view.width] + 0.5
    places = unproject(
        np.stack([columns, rows, scene.view.depth], axis=-1), camera.rotation, camera.position, k
    )
    for number in range(1, 5):
        mask, box = scene.mask(number), scene.box(number)
        assert mask.sum() >= 60
        local = (places[mask] - box.center) @ quaternion_to_matrix(np.array(box.rotation))
        assert (np.abs(local) <= np.array(box.size) / 2 + 0.002).all()
        assert scene.table.body_pose(scene.body(number)).position[2] > 0.0


def test_the_same_seed_makes_the_same_scene(scenes):
    first = scenes.make(4_000_007, count=2)
    scenes.make(4_000_008, count=1)
    again = scenes.make(4_000_007, count=2)
    assert np.array_equal(first.view.image, again.view.image)
    assert np.array_equal(first.view.depth, again.view.depth)
    assert [i.family for i in first.instances] == [i.family for i in again.instances]


def test_too_many_things_are_refused(scenes):
    with pytest.raises(ValueError, match="no scene of 60 things"):
        scenes.make(4_000_001, count=60)
