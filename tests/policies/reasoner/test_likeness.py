"""Points of things are found again in another picture by what they look like; not where other things are."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from contracts.painted_scenes import paint_scenes
from contracts.true_maps import truthful_reasoner

from policies.reasoner.embedded import EmbeddedReasoner
from policies.reasoner.likeness import match_points
from policies.reasoner.reprojection import carry_points
from robotics.evaluation.reasoning.matching import match
from robotics.reasoning.answers import Point
from robotics.reasoning.errors import MissingInputError
from robotics.reasoning.scenes.folder import SceneFolder
from robotics.reasoning.view import View


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paint_scenes(tmp_path_factory.mktemp("painted") / "scenes", 8, seed=5, cameras=2)


@pytest.fixture
def knowing(scenes: Path, monkeypatch: pytest.MonkeyPatch) -> EmbeddedReasoner:
    return truthful_reasoner(scenes, monkeypatch)


def test_pictures_alone_tell_where_things_went_and_that_others_are_not_there(
    knowing: EmbeddedReasoner, scenes: Path
):
    score = match(knowing, SceneFolder(scenes), np.random.default_rng(0), 8, calibrated=False)
    assert score.points > 30
    assert score.near / score.points > 0.6
    assert score.accepted / score.wrong_points < 0.3  # eight scenes of few colours: some show the same things


def test_a_point_on_the_table_and_an_empty_picture_have_no_match(knowing: EmbeddedReasoner, scenes: Path):
    first = SceneFolder(scenes)[0]
    rows, columns = np.nonzero(first.ids > 200)
    table = Point(columns[0] + 0.5, rows[0] + 0.5)
    look = knowing.look(View(first.view.image))
    (found,) = match_points(look, [table], look)
    assert found.target is None and found.source == table
    assert match_points(look, [], look) == ()


def test_in_the_same_picture_every_point_keeps_its_place(knowing: EmbeddedReasoner, scenes: Path):
    first = SceneFolder(scenes)[0]
    look = knowing.look(View(first.view.image))
    for thing in first.facts.objects:
        rows, columns = np.nonzero(first.ids == thing.id)
        if len(rows) < 60:
            continue
        point = Point(columns[len(rows) // 3] + 0.5, rows[len(rows) // 3] + 0.5)
        (found,) = match_points(look, [point], look)
        assert found.target is not None
        assert np.hypot(found.target.column - point.column, found.target.row - point.row) < 3


def test_depth_and_calibration_are_used_where_they_are(knowing: EmbeddedReasoner, scenes: Path):
    folder = SceneFolder(scenes)
    first, second = folder[0].view, folder[1].view
    point = Point(80.0, 60.0)
    assert knowing.correspond(first, [point], second) == carry_points(first, [point], second)
    with pytest.raises(MissingInputError, match="second view lacks calibration"):
        carry_points(first, [point], replace(second, camera_in_world=None))
