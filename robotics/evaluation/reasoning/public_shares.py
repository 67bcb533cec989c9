"""Right, wrong, refused or not parsed: what comes of questions that have one right answer."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from robotics.reasoning.errors import (
    AnswerFormatError,
    MissingInputError,
    QueryError,
    UnsupportedQuestionError,
)

NOT_PARSED, REFUSED, NONE_FOUND = "not parsed", "refused", "none found"

Reply = TypeVar("Reply")


@dataclass(frozen=True)
class Outcome:
    """Of one question."""

    split: str
    right: bool
    said: str = ""
    """Why it is wrong, where that is not the answer's content, e.g. `REFUSED`."""


@dataclass(frozen=True)
class PublicShare:
    """Of one benchmark, or one split of it."""

    split: str
    right: int
    asked: int
    said: dict[str, int] = field(default_factory=dict)
    """How often each `Outcome.said`; all of them are wrong."""


def attempt(ask: Callable[[], Reply]) -> tuple[Reply | None, str]:
    """The reply, or None and why there is none. Every question counts, so that a refusal is no way out.

    Raises:
        BackendError: The model behind the reasoner failed.
    """
    try:
        return ask(), ""
    except AnswerFormatError:
        return None, NOT_PARSED
    except (QueryError, MissingInputError, UnsupportedQuestionError):
        return None, REFUSED


def count_shares(outcomes: Sequence[Outcome], name: str) -> list[PublicShare]:
    """All outcomes under the benchmark's name, then each of its splits; only the former where it has one."""
    splits = list(dict.fromkeys(outcome.split for outcome in outcomes))
    shares = [_share(outcomes, name)]
    if len(splits) > 1:
        shares += [_share([o for o in outcomes if o.split == s], f"{name} {s}") for s in splits]
    return shares


def _share(outcomes: Sequence[Outcome], name: str) -> PublicShare:
    said = Counter(outcome.said for outcome in outcomes if outcome.said)
    return PublicShare(name, sum(outcome.right for outcome in outcomes), len(outcomes), dict(said))
