"""Scenes on disk are read as docs/scenes.md says; what is damaged is told."""

import json
from pathlib import Path

import numpy as np
import pytest
from contracts.painted_scenes import paint_scenes

from robotics.pinhole import project
from robotics.reasoning.scenes.facts import TABLE
from robotics.reasoning.scenes.folder import SceneFolder, ScenesError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return paint_scenes(tmp_path / "scenes", scenes=3, seed=5)


def test_pixels_with_depth_lie_where_they_show(path: Path):
    folder = SceneFolder(path)
    assert len(folder) == 3
    for scene in folder:
        pose, k = scene.facts.camera_in_world, scene.view.intrinsics
        assert k is not None and scene.view.depth is not None
        seen = project(scene.points[60, 80], pose.rotation, pose.position, k)
        np.testing.assert_allclose(seen[:2], (80.5, 60.5), atol=1e-6)
        assert np.abs(scene.points[scene.ids == TABLE][:, 2]).max() < 5e-4
        for thing in scene.facts.objects:
            own = scene.points[scene.ids == thing.id]
            assert len(own) == thing.pixels
            if len(own):
                assert (np.abs(own - thing.center).max(axis=0) < np.array(thing.size).max()).all()


def test_the_clearance_is_kept_and_negative_in_things(path: Path):
    scene = SceneFolder(path)[0]
    assert scene.clearance is scene.clearance
    thing = max(scene.facts.objects, key=lambda t: t.pixels)
    assert np.nanmin(scene.clearance[scene.ids == thing.id]) < 0
    assert (scene.clearance[scene.on_table] > -1e-3).all()


def test_no_folder_and_an_unfinished_one_are_told(tmp_path: Path, path: Path):
    with pytest.raises(ScenesError, match="no generated scenes at"):
        SceneFolder(tmp_path / "nowhere")
    (path / "scenes.json").unlink()
    with pytest.raises(ScenesError, match="unfinished"):
        SceneFolder(path)


def test_damage_is_told_with_its_place(path: Path):
    about = json.loads((path / "scenes.json").read_text())
    (path / "scenes.json").write_text(json.dumps(about | {"views": 7}))
    with pytest.raises(ScenesError, match="wanted 7 views, found 3"):
        SceneFolder(path)
    (path / "scenes.json").write_text(json.dumps(about | {"format": "other"}))
    with pytest.raises(ScenesError, match="format"):
        SceneFolder(path)
    (path / "scenes.json").write_text("{")
    with pytest.raises(ScenesError, match=r"scenes\.json"):
        SceneFolder(path)
    (path / "scenes.json").write_text(json.dumps(about))
    facts = path / "shards" / "000000" / "facts.jsonl"
    lines = facts.read_text().splitlines()
    broken = json.loads(lines[1])
    del broken["objects"][0]["pixels"]
    facts.write_text("\n".join([lines[0], json.dumps(broken), lines[2]]))
    assert SceneFolder(path)[0].facts.scene == 0
    with pytest.raises(ScenesError, match=r"line 2: key 'pixels' is missing"):
        SceneFolder(path).facts(1)
    with pytest.raises(IndexError):
        SceneFolder(path)[3]
