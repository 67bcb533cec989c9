"""A part of a picture is a picture of its own: its camera, its depth and its facts agree with each other."""

import numpy as np
import pytest
from contracts.painted_scenes import paint_scenes

from policies.reasoner.framing import Window, draw_window, framed
from robotics.pinhole import project
from robotics.reasoning.scenes.folder import SceneFolder, SceneView


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> SceneView:
    return SceneFolder(paint_scenes(tmp_path_factory.mktemp("painted") / "scenes", 1, seed=2))[0]


def test_a_window_keeps_points_in_space(scene: SceneView):
    height, width = scene.ids.shape
    window = Window(width // 5, height // 6, width // 2, height // 2)
    part = framed(scene, window, 2 * window.height, 2 * window.width)
    whole = scene.points[window.top : window.top + window.height, window.left : window.left + window.width]
    middles = part.points.reshape(window.height, 2, window.width, 2, 3).mean(axis=(1, 3))
    known = np.isfinite(whole).all(-1)
    np.testing.assert_allclose(middles[known], whole[known], atol=1e-4)


def test_facts_follow_the_window(scene: SceneView):
    height, width = scene.ids.shape
    rng = np.random.default_rng(0)
    cut = 0
    for _ in range(20):
        window = draw_window(height, width, 0.4, rng)
        assert window.left + window.width <= width
        assert window.top + window.height <= height
        part = framed(scene, window, window.height, window.width)
        view = part.view
        for thing, before in zip(part.facts.objects, scene.facts.objects, strict=True):
            rows, columns = np.nonzero(part.ids == thing.id)
            assert thing.pixels == len(rows)
            if len(rows) == 0:
                assert thing.box is None
                continue
            assert thing.box == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
            cut += thing.is_cut and not before.is_cut
            centre = np.array(thing.center)
            pose = view.camera_in_world
            assert pose is not None and view.intrinsics is not None and scene.view.intrinsics is not None
            here = project(centre, pose.rotation, pose.position, view.intrinsics)
            there = project(centre, pose.rotation, pose.position, scene.view.intrinsics)
            np.testing.assert_allclose(here[:2] + np.array([window.left, window.top]), there[:2], atol=1e-6)
    assert cut


def test_the_whole_picture_is_left_alone(scene: SceneView):
    height, width = scene.ids.shape
    assert framed(scene, Window(0, 0, width, height), height, width) is scene
