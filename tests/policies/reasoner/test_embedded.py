"""The embedded reasoner keeps the contract with any weights, and looks at a view once."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from contracts.painted_scenes import paint_scenes
from contracts.reasoner_contract import ReasonerContract, make_view
from contracts.true_maps import truthful_reasoner

from policies.reasoner.embedded import EmbeddedReasoner
from policies.reasoner.model_folder import MatchCalibration, ReasonerModel
from policies.reasoner.network import ReasonerNet
from policies.reasoner.training_run import preset
from robotics.reasoning.errors import MissingInputError, UnsupportedQuestionError
from robotics.reasoning.scenes.folder import SceneFolder


def tiny_model() -> ReasonerModel:
    """Random weights that see things everywhere."""
    torch.manual_seed(0)
    network = ReasonerNet(preset("debug").first.network)
    with torch.no_grad():
        network.maps.bias[:2] = 1.0  # type: ignore[index]
    return ReasonerModel(network.eval(), MatchCalibration(threshold=-20.0))


@pytest.fixture(scope="module")
def tiny() -> EmbeddedReasoner:
    return EmbeddedReasoner(tiny_model())


class TestContract(ReasonerContract):
    @pytest.fixture
    def reasoner(self, tiny: EmbeddedReasoner) -> EmbeddedReasoner:
        return tiny


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paint_scenes(tmp_path_factory.mktemp("painted") / "scenes", 6, seed=3)


@pytest.fixture
def knowing(scenes: Path, monkeypatch: pytest.MonkeyPatch) -> EmbeddedReasoner:
    """Whose network says the truth about the painted scenes."""
    return truthful_reasoner(scenes, monkeypatch)


def test_a_view_is_looked_at_once(tiny: EmbeddedReasoner):
    view = make_view()
    assert tiny.look(view) is tiny.look(view)
    assert tiny.look(make_view()) is not tiny.look(view)


def test_with_a_network_that_says_the_truth_points_hit_the_thing(knowing: EmbeddedReasoner, scenes: Path):
    asked = 0
    for scene in SceneFolder(scenes):
        for thing in scene.facts.objects:
            twins = [
                t
                for t in scene.facts.objects
                if (t.family, t.colour) == (thing.family, thing.colour) and t.pixels
            ]
            if (
                thing.pixels < 150
                or thing.visible < 0.8
                or len(twins) > 1
                or thing.family in ("block", "cube")
            ):
                continue
            found = knowing.point(scene.view, f"the {thing.colour} {thing.family}")
            assert found.best is not None, found.reason
            assert scene.ids[int(found.best.row), int(found.best.column)] == thing.id
            box = knowing.boxes3d(scene.view, f"the {thing.colour} {thing.family}").best
            assert box is not None
            np.testing.assert_allclose(box.center, thing.center, atol=3e-3)
            asked += 1
    assert asked > 8


def test_an_absent_thing_is_absent_and_says_what_is_there_instead(knowing: EmbeddedReasoner, scenes: Path):
    scene = SceneFolder(scenes)[0]
    thing = max(scene.facts.objects, key=lambda t: t.pixels)
    others = {t.colour for t in scene.facts.objects if t.family == thing.family}
    colour = next(c for c in ("red", "green", "blue", "pink", "white") if c not in others)
    found = knowing.detect(scene.view, f"the {colour} {thing.family}")
    assert found.absent and found.presence < 0.5
    assert f"no {colour} {thing.family}" in found.reason


def test_an_unknown_word_is_named_and_says_nothing_about_presence(tiny: EmbeddedReasoner):
    found = tiny.point(make_view(), "the zorp left of the red block")
    assert found.unknown_words == ("zorp",) and not found.absent
    assert "zorp" in found.reason


def test_free_space_is_on_the_table_and_clear_of_things(knowing: EmbeddedReasoner, scenes: Path):
    hits = 0
    for scene in SceneFolder(scenes):
        place = knowing.point(scene.view, "free space on the table").best
        if place is None:
            continue
        hits += 1
        assert scene.on_table[int(place.row), int(place.column)]
        assert place.position is not None and abs(place.position[2]) < 0.01
        for thing in scene.facts.objects:
            assert np.hypot(*(np.array(place.position[:2]) - thing.center[:2])) > 0.025
    assert hits >= 4


def test_counting_and_colours_are_answered_from_what_is_seen(knowing: EmbeddedReasoner, scenes: Path):
    scene = SceneFolder(scenes)[0]
    thing = max((t for t in scene.facts.objects), key=lambda t: t.pixels)
    twins = [t for t in scene.facts.objects if t.family == thing.family and t.pixels > 100]
    if len(twins) == 1:
        assert (
            thing.colour in knowing.answer([scene.view], f"what colour is the {thing.family}?").text.lower()
        )
    assert knowing.answer([scene.view], f"is there a {thing.colour} {thing.family}?").text.startswith("Yes")
    assert knowing.answer([scene.view], "why is the sky blue?").confidence == 0.0


def test_grasps_without_depth_and_boxes_of_places_are_refused(tiny: EmbeddedReasoner):
    view = make_view()
    with pytest.raises(MissingInputError, match="depth"):
        tiny.grasps(replace(view, depth=None), "the red block")
    with pytest.raises(UnsupportedQuestionError, match="free space"):
        tiny.detect(view, "free space on the table")


def test_matches_follow_depth_into_the_other_view(tmp_path: Path, tiny: EmbeddedReasoner):
    folder = SceneFolder(paint_scenes(tmp_path / "pairs", 1, seed=5, cameras=2))
    first, second = folder[0], folder[1]
    from robotics.reasoning.answers import Point

    right = hidden = 0
    for thing in first.facts.objects:
        rows, columns = np.nonzero(first.ids == thing.id)
        if len(rows) < 60:
            continue
        for i in (0, len(rows) // 2):
            point = Point(columns[i] + 0.5, rows[i] + 0.5)
            (match,) = tiny.correspond(first.view, [point], second.view)
            if match.target is None:
                hidden += 1
                continue
            r, c = int(match.target.row), int(match.target.column)
            right += thing.id in second.ids[max(r - 1, 0) : r + 2, max(c - 1, 0) : c + 2]
            assert match.target.position is not None
    assert right > 0
