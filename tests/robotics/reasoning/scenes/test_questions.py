"""Questions have one clear answer, and that answer is right."""

import numpy as np
import pytest
from contracts.painted_scenes import paint_scenes

from robotics.reasoning.language import parse_query, without_phrases
from robotics.reasoning.language.families import is_held_out
from robotics.reasoning.query import FreeSpace, Relation, Superlative, Thing
from robotics.reasoning.scenes.facts import TABLE
from robotics.reasoning.scenes.folder import SceneFolder
from robotics.reasoning.scenes.questions import Kind, Question, QuestionWriter
from robotics.reasoning.scenes.truth import fits
from robotics.reasoning.scenes.unknown import ADJECTIVES, NOUNS, say_unknown
from robotics.reasoning.spatial import viewer_axes


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> SceneFolder:
    return SceneFolder(paint_scenes(tmp_path_factory.mktemp("scenes"), scenes=8, seed=11))


@pytest.fixture(scope="module")
def asked(folder: SceneFolder) -> list[tuple[int, Question]]:
    writer = QuestionWriter(np.random.default_rng(0))
    drawn = [(i, writer.draw(folder[i], kind)) for _ in range(3) for i in range(len(folder)) for kind in Kind]
    return [(i, question) for i, question in drawn if question is not None]


def of(asked: list[tuple[int, Question]], kind: Kind) -> list[tuple[int, Question]]:
    found = [(i, q) for i, q in asked if q.kind is kind]
    assert found
    return found


def test_a_question_says_what_it_means(asked):
    for _, question in asked:
        parsed = parse_query(question.text)
        if question.kind is Kind.UNKNOWN:
            assert question.note in parsed.unknown_words, question.text
        else:
            assert parsed.target is not None
            assert question.target is not None
            assert without_phrases(parsed.target) == question.target, question.text


def test_attributes_are_those_of_the_answer(folder: SceneFolder, asked):
    for i, question in of(asked, Kind.ATTRIBUTES):
        assert isinstance(question.target, Thing)
        for thing in folder[i].facts.objects:
            fit = fits(thing, question.target)
            assert (thing.id in question.ids) == (fit == 1 and thing.is_seen)


def test_left_is_left_in_the_picture_and_right_is_right(folder: SceneFolder, asked):
    checked = 0
    for i, question in of(asked, Kind.RELATIONS):
        target = question.target
        assert isinstance(target, Thing)
        if target.relation not in (Relation.LEFT_OF, Relation.RIGHT_OF) or target.anchors[0].relation:
            continue
        objects = folder[i].facts.objects
        (anchor,) = (t for t in objects if t.is_seen and fits(t, target.anchors[0]) == 1)
        for thing in (folder[i].facts.object(j) for j in question.ids):
            assert thing.box and anchor.box
            ours, theirs = thing.box[0] + thing.box[2], anchor.box[0] + anchor.box[2]
            assert (ours < theirs) == (target.relation is Relation.LEFT_OF)
            checked += 1
    assert checked


def test_superlatives_are_so_by_far(folder: SceneFolder, asked):
    for i, question in of(asked, Kind.SUPERLATIVES):
        target, facts = question.target, folder[i].facts
        assert isinstance(target, Thing)
        group = [
            t for t in facts.objects if t.is_seen and fits(t, Thing("", target.noun, target.colour)) == 1
        ]
        assert len(group) >= 2
        if target.superlative is Superlative.LEFTMOST:
            right = viewer_axes(facts.camera_in_world).coordinates(np.array([t.center[:2] for t in group]))[
                :, 0
            ]
            assert question.ids == (group[int(right.argmin())].id,)
            assert np.diff(np.sort(right))[0] >= 0.02
        if target.superlative is Superlative.LARGEST:
            volumes = sorted((np.prod(t.size), t.id) for t in group)
            assert question.ids == (volumes[-1][1],)
            assert volumes[-1][0] > 1.29 * volumes[-2][0]


def test_free_places_show_the_table_and_nothing_near(folder: SceneFolder, asked):
    for i, question in of(asked, Kind.FREE_SPACE):
        assert isinstance(question.target, FreeSpace)
        assert question.mask is not None and question.mask.any()
        scene = folder[i]
        assert (scene.ids[question.mask] == TABLE).all()
        points = scene.points[question.mask]
        for thing in scene.facts.objects:
            nearest = np.linalg.norm(points[:, :2] - np.array(thing.center[:2]), axis=1).min()
            assert nearest > 0.025 + min(thing.size[:2]) / 2 - 1e-6


def test_what_is_absent_is_not_there_and_could_be_anywhere_else(folder: SceneFolder, asked):
    notes = []
    for i, question in of(asked, Kind.ABSENT):
        target = question.target
        assert isinstance(target, Thing)
        notes.append(question.note)
        if target.relation is None:
            assert not any(t.pixels and fits(t, target) for t in folder[i].facts.objects)
            # held-out pairs occur as positives nowhere in training: nor may they as negatives
            assert not (target.colour and is_held_out(target.colour, target.noun))
    mismatched = sum(note in ("by colour", "by pattern") for note in notes)
    assert 0.3 < mismatched / len(notes) < 0.8


def test_held_out_pairs_are_asked_for_only_where_they_are_meant_to(tmp_path, asked):
    held_out = SceneFolder(paint_scenes(tmp_path, scenes=3, seed=2, held_out=True))
    writer = QuestionWriter(np.random.default_rng(1))
    questions = [q for i in range(3) if (q := writer.draw(held_out[i], Kind.HELD_OUT))]
    assert questions
    for question in questions:
        assert isinstance(question.target, Thing)
        assert is_held_out(question.target.colour, question.target.noun)
    for _, question in of(asked, Kind.ATTRIBUTES):
        assert isinstance(question.target, Thing)
        assert not (question.target.noun and is_held_out(question.target.colour, question.target.noun))


def test_a_part_shows_within_its_thing(folder: SceneFolder, asked):
    for i, question in of(asked, Kind.PARTS):
        whole = np.isin(folder[i].ids, question.ids)
        assert question.mask is not None
        assert question.mask.any() and not (question.mask & ~whole).any()
        assert question.mask.sum() < whole.sum()


def test_the_same_seed_asks_the_same(folder: SceneFolder):
    first, second = (QuestionWriter(np.random.default_rng(4)) for _ in range(2))
    for kind in Kind:
        a, b = first.draw(folder[0], kind), second.draw(folder[0], kind)
        assert (a and a.text) == (b and b.text)


def test_points_outside_the_picture_hit_nothing(asked):
    _, question = of(asked, Kind.ATTRIBUTES)[0]
    for column, row in ((-1, 5), (5, -1), (1e6, 5), (5, 1e6)):
        assert not question.is_hit(column, row)


def test_unknown_words_are_unknown():
    rng = np.random.default_rng(0)
    for word in NOUNS:
        assert parse_query(f"the {word}").unknown_words == (word,)
    for word in ADJECTIVES:
        assert parse_query(f"the {word} red mug").unknown_words == (word,)
    for _ in range(300):
        text, word = say_unknown(Thing("", "mug", "red"), rng)
        assert word in parse_query(text).unknown_words, text
