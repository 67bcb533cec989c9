"""Asks a reasoner questions with known answers and judges what it says."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from robotics.evaluation.statistics import wilson_interval
from robotics.reasoning.answers import Found, Point
from robotics.reasoning.errors import AnswerFormatError, MissingInputError, QueryError
from robotics.reasoning.reasoner import Reasoner
from robotics.reasoning.scenes.folder import SceneView
from robotics.reasoning.scenes.questions import Kind, Question, QuestionWriter


@dataclass(frozen=True)
class Verdict:
    """One question, answered."""

    kind: Kind
    note: str
    text: str
    right: bool
    presence: float
    """What the reasoner gave for the thing being there at all; NaN where it did not say."""
    said: str
    """'point', 'absent', 'unknown', 'refused' (a QueryError or MissingInputError) or 'unparsable'."""
    milliseconds: float
    is_first: bool
    """Of its view: the image had to be looked at, too."""
    view: int
    """Number of the view."""


@dataclass(frozen=True)
class Score:
    """Of all questions of one kind."""

    kind: str
    count: int
    right: int
    said: dict[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return self.right / self.count if self.count else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """95 %."""
        return wilson_interval(self.right, self.count)


def ask(reasoner: Reasoner, scene: SceneView, question: Question, is_first: bool, number: int) -> Verdict:
    """Ask one question by pointing, and judge the best point."""
    started = time.perf_counter()
    found: Found[Point] | None = None
    said = ""
    try:
        found = reasoner.point(scene.view, question.text)
    except AnswerFormatError:
        said = "unparsable"
    except (QueryError, MissingInputError):
        said = "refused"
    milliseconds = (time.perf_counter() - started) * 1e3
    if found is not None:
        said = "unknown" if found.unknown_words else "point" if found.items else "absent"
    return Verdict(
        question.kind,
        question.note,
        question.text,
        judge(question, found),
        float("nan") if found is None or found.unknown_words else found.presence,
        said,
        milliseconds,
        is_first,
        number,
    )


def judge(question: Question, found: Found[Point] | None) -> bool:
    """Whether an answer is right; None, as there was none, is not."""
    if found is None:
        return False
    if question.kind is Kind.UNKNOWN:
        return question.note in {word.lower() for word in found.unknown_words}
    if question.kind is Kind.ABSENT:
        return found.absent
    return found.best is not None and question.is_hit(found.best.column, found.best.row)


def questions_of(
    scenes: Iterable[SceneView], rng: np.random.Generator, wanted: int, kinds: Sequence[Kind] = tuple(Kind)
) -> Iterator[tuple[int, SceneView, list[Question]]]:
    """Views with their questions, until there are `wanted` of each kind or no views are left.

    Each view is asked once about every kind that is still wanted and that it has a clear question of.
    """
    writer = QuestionWriter(rng)
    left = dict.fromkeys(kinds, wanted)
    for number, scene in enumerate(scenes):
        if not any(left.values()):
            return
        questions = []
        for kind in (k for k, count in left.items() if count > 0):
            question = writer.draw(scene, kind)
            if question is not None:
                questions.append(question)
                left[kind] -= 1
        if questions:
            yield number, scene, [questions[i] for i in rng.permutation(len(questions))]


def score(verdicts: Sequence[Verdict]) -> list[Score]:
    """Of each kind that was asked about."""
    scores = []
    for kind in Kind:
        mine = [v for v in verdicts if v.kind is kind]
        if mine:
            said = {word: sum(v.said == word for v in mine) for word in sorted({v.said for v in mine})}
            scores.append(Score(kind.value, len(mine), sum(v.right for v in mine), said))
    return scores
