"""ERQA from the user's disk, with its own metric: the share of multiple-choice questions answered right.

The benchmark (github.com/embodiedreasoning/ERQA) is one TFRecord file of 400 questions with one letter as the
answer. A reply counts if it names one option, and no other; what it could mean is not guessed.
"""

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from robotics.evaluation.reasoning.public_shares import (
    NOT_PARSED,
    Outcome,
    PublicShare,
    attempt,
    count_shares,
)
from robotics.evaluation.reasoning.tfrecord import Values, parse_example, read_records
from robotics.reasoning.errors import ImageError
from robotics.reasoning.images import read_photo
from robotics.reasoning.reasoner import Reasoner
from robotics.reasoning.scenes.folder import ScenesError
from robotics.reasoning.view import View

FILE = "erqa.tfrecord"
_BARE = re.compile(r"[\s*\"'`(\[]*([A-Za-z])[\s*\"'`)\].:]*")
"""Nothing but a letter: `B`, `b.`, `(B)`, `**B**`."""
_LETTER = r"[\s*(\[\"'`]*(A(?!\s+(?!(?:or|and|is|as|because|since)\b)[a-z])|[B-H])(?![\w'])"
"""In a sentence; an A before another word is an article."""
_FURTHER = rf"(?:[\s*)\]\"'`]*(?:\bor\b|\band\b|[/,&]){_LETTER})?"
_ANSWERS = re.compile(rf"\b(?i:answer)\b(?i:\s+is)?\s*[:=]?{_LETTER}{_FURTHER}")
"""`Answer: B`, `the answer is **B**`, and both of `the answer is B or C`."""
_BOXED = re.compile(r"\\boxed\{\s*(?:\\text\{)?([A-H])\W")
_OPTIONS = re.compile(rf"\b(?i:option|choice)\b\s*:?{_LETTER}{_FURTHER}")
_LEADING = re.compile(r"\s*[*(\[]*([A-H])[*]*[.):\]]")
"""`B. The left one`, `(B) the left one`."""
_LISTED = re.compile(r"(?<![\w'])([A-H])[.):\]](?:\s|$)")
"""Further options beside a leading one: `A. or B.`"""


@dataclass(frozen=True)
class ChoiceQuestion:
    """One question about one picture or several, and the letter that answers it."""

    kind: str
    text: str
    """With [image 2] where a picture stands between the words."""
    answer: str
    """An upper-case letter."""
    images: tuple[bytes, ...]
    """Encoded, in the order in which the text has them."""
    source: str
    """File and record, for messages."""


def find_erqa(folder: Path) -> Path | None:
    """The benchmark's file in a copy of its repository or beside it; None: it is not there."""
    return next((f for f in (folder / "data" / FILE, folder / FILE) if f.is_file()), None)


def read_erqa(file: Path) -> list[ChoiceQuestion]:
    """
    Raises:
        ScenesError: Damaged, or not as its authors publish it; which record.
    """
    questions = []
    for number, data in enumerate(read_records(file), 1):
        source = f"{file} record {number}"
        try:
            questions.append(_parse_question(parse_example(data), source))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ScenesError(f"{source}: {error}") from None
    return questions


def _parse_question(features: dict[str, Values], source: str) -> ChoiceQuestion:
    text, answer = _text(features, "question"), _text(features, "answer").strip().upper()
    if not re.fullmatch("[A-Z]", answer):
        raise ValueError(f"wanted one letter as the answer, got {answer[:40]!r}")
    images = [bytes(image) for image in features.get("image/encoded", [])]  # type: ignore[arg-type]
    if not images:
        raise ValueError("wanted pictures as 'image/encoded', got none")
    places = [int(place) for place in features.get("visual_indices", [])]
    places += [0] * (len(images) - len(places))
    ordered = sorted(zip(places, range(len(images)), strict=False))
    kind = _text(features, "question_type") if features.get("question_type") else "untyped"
    return ChoiceQuestion(kind, _marked(text, ordered), answer, tuple(images[i] for _, i in ordered), source)


def _text(features: dict[str, Values], name: str) -> str:
    values = features.get(name)
    if not values:
        raise ValueError(f"no '{name}'; it has: {', '.join(sorted(features))}")
    if not isinstance(values[0], bytes):
        raise ValueError(f"wanted bytes as '{name}', got {type(values[0]).__name__}")
    return values[0].decode()


def _marked(text: str, ordered: Sequence[tuple[int, int]]) -> str:
    """The text with a mark at each picture's place; place 0 is in front of the text and has none.

    Reasoners take pictures and words apart, so that the words have to say where the pictures belong.
    """
    for number in range(len(ordered), 0, -1):
        place = min(ordered[number - 1][0], len(text))
        if place > 0:
            text = f"{text[:place].rstrip()} [image {number}] {text[place:].lstrip()}"
    return text.strip()


def extract_option(reply: str) -> str | None:
    """The one option that a reply names, as an upper-case letter; None: it names none, or several.

    What it calls its answer, or leaves alone in the last line, goes before options that it merely discusses.
    """
    bare = [_BARE.fullmatch(part) for part in (reply, *reply.strip().splitlines()[-1:])]
    named = {match[1].upper() for match in bare if match} | set(_BOXED.findall(reply))
    named |= {letter for pair in _ANSWERS.findall(reply) for letter in pair if letter}
    if not named:
        named = {letter for pair in _OPTIONS.findall(reply) for letter in pair if letter}
        leading = _LEADING.match(reply)
        if leading:
            named |= {leading[1], *_LISTED.findall(reply)}
    return named.pop() if len(named) == 1 else None


def score_erqa(reasoner: Reasoner, questions: Sequence[ChoiceQuestion]) -> list[PublicShare]:
    """All questions, then each type.

    Raises:
        ImageError: A picture is damaged; which record.
    """
    return count_shares([_ask(reasoner, question) for question in questions], "ERQA")


def _ask(reasoner: Reasoner, question: ChoiceQuestion) -> Outcome:
    views = [_view(image, number, question) for number, image in enumerate(question.images, 1)]
    answer, said = attempt(lambda: reasoner.answer(views, question.text))
    if answer is None:
        return Outcome(question.kind, False, said)
    option = extract_option(answer.text)
    return Outcome(question.kind, option == question.answer, "" if option else NOT_PARSED)


def _view(image: bytes, number: int, question: ChoiceQuestion) -> View:
    """Through a file: that reader turns, scales and refuses pictures as it does for every question."""
    with tempfile.TemporaryDirectory(prefix="erqa_") as folder:
        file = Path(folder) / f"image {number}"
        file.write_bytes(image)
        try:
            return read_photo(file).view
        except ImageError as error:
            raise ImageError(str(error).replace(str(file), f"{question.source} image {number}")) from None
