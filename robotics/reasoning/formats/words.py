"""Answers in words: success as yes or no with a reason, and free text."""

import json
import re

from robotics.errors import shorten
from robotics.reasoning.answers import Answer, Success
from robotics.reasoning.errors import AnswerFormatError
from robotics.reasoning.formats.extract import extract_object, quote, without_thoughts
from robotics.reasoning.formats.parsed import Parsed, Repair
from robotics.reasoning.formats.scale import read_key

_VERDICT = re.compile(
    r"[\s\"'*_`(]*(yes|no)\b[\s\"'*_`)]*(?:[.,:;!\u2013\u2014-]+|$|(?=because\b))", re.IGNORECASE
)
_WORDS = {"yes": True, "true": True, "no": False, "false": False}


def write_success(success: Success) -> str:
    """As a model would."""
    content = {"success": success.achieved, "reason": success.reason}
    return f"```json\n{json.dumps(content, ensure_ascii=False)}\n```"


def parse_success(text: str) -> Parsed[Success]:
    """One verdict, from `{"success": true, "reason": "..."}` or from text that begins with yes or no.

    The probability is 1 or 0: a model's word is no calibrated number.

    Raises:
        AnswerFormatError: Neither of these.
    """
    extracted = extract_object(text)
    repairs = set(extracted.repairs) - {Repair.NO_LIST}
    if extracted.items:
        achieved, reason = _read_verdict(extracted.items[0], text, repairs)
    else:
        said = without_thoughts(text, repairs)
        verdict = _VERDICT.match(said)
        if not verdict:
            raise AnswerFormatError(
                f"wanted yes or no, got {quote(text) if text.strip() else 'nothing'}", text
            )
        achieved, reason = _WORDS[verdict.group(1).lower()], said[verdict.end() :]
        repairs.add(Repair.PROSE)
    return Parsed((Success(achieved, float(achieved), " ".join(reason.split())),), frozenset(repairs))


def parse_answer(text: str) -> Parsed[Answer]:
    """What the model says, without its thoughts.

    Raises:
        AnswerFormatError: Nothing.
    """
    repairs: set[Repair] = set()
    said = without_thoughts(text, repairs).strip()
    if not said:
        raise AnswerFormatError("an empty answer", text)
    return Parsed((Answer(said),), frozenset(repairs))


def _read_verdict(item: dict[str, object], text: str, repairs: set[Repair]) -> tuple[bool, str]:
    verdict = read_key(item, "success", text)
    if isinstance(verdict, str) and verdict.strip().lower() in _WORDS:
        repairs.add(Repair.QUOTES)
        verdict = _WORDS[verdict.strip().lower()]
    if not isinstance(verdict, bool):
        raise AnswerFormatError(f"wanted true or false as success, got {shorten(repr(verdict))}", text)
    reason = item.get("reason") or ""
    if not isinstance(reason, str):
        raise AnswerFormatError(f"wanted a text as reason, got {shorten(repr(reason))}", text)
    return verdict, reason
