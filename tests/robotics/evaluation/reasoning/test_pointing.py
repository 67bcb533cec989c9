"""Who knows the truth scores all points; who guesses does not."""

import numpy as np
import pytest
from contracts.knowing_reasoner import KnowingReasoner

from robotics.evaluation.reasoning.detecting import detect_flat, detect_solid
from robotics.evaluation.reasoning.matching import match, success_probabilities
from robotics.evaluation.reasoning.pointing import ask, questions_of, score
from robotics.reasoning.answers import Found, Point
from robotics.reasoning.errors import AnswerFormatError, QueryError
from robotics.reasoning.reasoner import Reasoner
from robotics.reasoning.scenes.folder import SceneFolder
from robotics.reasoning.scenes.questions import Kind


def verdicts_of(reasoner, folder: SceneFolder, wanted: int = 6):
    return [
        ask(reasoner, scene, question, is_first=i == 0, number=number)
        for number, scene, questions in questions_of(folder, np.random.default_rng(0), wanted)
        for i, question in enumerate(questions)
    ]


def test_who_knows_the_truth_is_right_in_everything(folder: SceneFolder):
    verdicts = verdicts_of(KnowingReasoner(folder), folder)
    assert [v.text for v in verdicts if not v.right] == []
    scores = {s.kind: s for s in score(verdicts)}
    assert set(scores) == {k.value for k in Kind} - {Kind.HELD_OUT.value}
    assert scores["relations"].rate == 1
    assert scores["relations"].interval[0] < 1


class Guessing(KnowingReasoner):
    """Points at the picture's middle, whatever is asked."""

    def point(self, view, query: str, limit: int = 1) -> Found[Point]:
        return Found((Point(view.width / 2, view.height / 2),), 0.5)


def test_who_guesses_scores_little_and_never_says_absent_or_unknown(folder: SceneFolder):
    scores = {s.kind: s for s in score(verdicts_of(Guessing(folder), folder))}
    assert scores["attributes"].rate < 0.7
    assert scores["absent"].right == scores["unknown words"].right == 0
    assert scores["absent"].said == {"point": scores["absent"].count}


@pytest.mark.parametrize(
    ("error", "said"),
    [(AnswerFormatError("no list", "well ..."), "unparsable"), (QueryError("no"), "refused")],
)
def test_unparsable_and_refused_are_wrong_and_told_apart(folder: SceneFolder, error, said: str):
    class Failing(KnowingReasoner):
        def point(self, view, query: str, limit: int = 1):
            raise error

    for result in score(verdicts_of(Failing(folder), folder, wanted=2)):
        assert result.right == 0
        assert result.said == {said: result.count}


def test_boxes_of_who_knows_have_full_precision(folder: SceneFolder):
    rng = np.random.default_rng(0)
    knowing: Reasoner = KnowingReasoner(folder)  # type: ignore[assignment]
    scenes = [folder[i] for i in range(6)]
    flat = detect_flat(knowing, scenes, rng)
    assert flat.flat_precision().value == 1
    assert flat.flat_precision().wanted > 10
    solid = detect_solid(knowing, scenes, rng, with_depth=True)
    for threshold in (0.15, 0.25, 0.5):
        assert solid.solid_precision(threshold).value == pytest.approx(1)


def test_boxes_that_are_off_lose_at_the_strict_threshold_first(folder: SceneFolder):
    class Shifted(KnowingReasoner):
        def boxes3d(self, view, query: str, limit: int = 50):
            found = super().boxes3d(view, query, limit)
            from dataclasses import replace

            return Found(
                tuple(replace(b, center=(b.center[0] + 0.35 * b.size[0], *b.center[1:])) for b in found), 1.0
            )

    scenes = [folder[i] for i in range(6)]
    solid = detect_solid(Shifted(folder), scenes, np.random.default_rng(0), with_depth=False)  # type: ignore[arg-type]
    assert solid.solid_precision(0.15).value > 0.9
    assert solid.solid_precision(0.5).value < 0.5


def test_matches_of_who_knows_are_near_and_wrong_pairs_refused(folder: SceneFolder):
    knowing: Reasoner = KnowingReasoner(folder)  # type: ignore[assignment]
    found = match(knowing, folder, np.random.default_rng(0), 5, calibrated=False)
    assert found.near == found.points > 10
    assert found.accepted == 0 < found.wrong_points


def test_success_is_asked_of_views_before_and_after(folder: SceneFolder):
    knowing: Reasoner = KnowingReasoner(folder)  # type: ignore[assignment]
    achieved, failed = success_probabilities(knowing, folder, 100)
    assert len(achieved) == len(failed) == 6
    assert min(achieved) > max(failed)
