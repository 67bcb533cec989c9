"""Instructions to steps: "pick up the red cube and put it in the left bowl" is to put it in there."""

import re

from robotics.errors import shorten
from robotics.reasoning.errors import InstructionError, UnknownWordsError
from robotics.reasoning.language import vocabulary as known
from robotics.reasoning.language.clauses import ClauseReader
from robotics.reasoning.language.draft import StuckError
from robotics.reasoning.language.parser import checked_words, one_line, without_rare_colours
from robotics.reasoning.language.verbs import GOES, INSTRUCTION_WORDS, POLITE, VERB, VERBS
from robotics.reasoning.language.words import Cursor, split_words
from robotics.reasoning.steps import Step

_THEN = ("then", "finally", "afterwards", "next")
_SENTENCE_END = re.compile(r"[.;!?]+(?:\s|$)")


def parse_instruction(text: str) -> tuple[Step, ...]:
    """What an instruction wants done, in order; at least one step.

    Raises:
        UnknownWordsError: It holds words that the vocabulary does not.
        InstructionError: Its words are known, but it is nothing that can be done.
        QueryError: It is empty or longer than 500 characters.
    """
    words = checked_words(text)
    unknown = without_rare_colours(words, known.unknown_words(words, INSTRUCTION_WORDS))
    if unknown:
        raise UnknownWordsError(unknown, known.suggestions(unknown), _verb_note(words, unknown))
    reader = ClauseReader()
    for sentence in _SENTENCE_END.split(text):
        parts = [split_words(part) for part in sentence.split(",")]
        for clause in _clauses([word for part in parts for word in (*part, ",")]):
            try:
                reader.read(clause)
            except StuckError as stuck:
                if stuck.word and not known.stands_alone(stuck.word) and not VERB.find([stuck.word], 0):
                    raise UnknownWordsError((stuck.word,), known.suggestions((stuck.word,))) from None
                raise InstructionError(
                    f"cannot make sense of '{shorten(' '.join(clause))}': {stuck}; it understands: "
                    f"{', '.join(VERBS)} with things and places"
                ) from None
    if not reader.steps:
        raise InstructionError(f"'{one_line(text)}' says nothing to do; it understands: {', '.join(VERBS)}")
    return tuple(reader.steps)


def _verb_note(words: list[str], unknown: tuple[str, ...]) -> str:
    """Where the verb is what is unknown: which ones there are."""
    cursor = Cursor(words)
    cursor.skip(POLITE)
    return f"; it can: {', '.join(VERBS)}" if cursor.next in unknown else ""


def _clauses(words: list[str]) -> list[list[str]]:
    """Split at 'then', and at 'and' or a comma before a verb."""
    clauses: list[list[str]] = [[]]
    for at, word in enumerate(words):
        joins = (word in _THEN and words[at + 1] != "to") or (
            word in ("and", ",") and _starts_clause(words, at + 1)
        )
        if joins and any(
            VERB.find(clauses[-1], i) or GOES.find(clauses[-1], i) for i in range(len(clauses[-1]))
        ):
            clauses.append([])
        elif word != "," and not joins:
            clauses[-1].append(word)
    return [clause for clause in clauses if clause]


def _starts_clause(words: list[str], at: int) -> bool:
    cursor = Cursor(words, at)
    cursor.skip(POLITE)
    verb = cursor.take(VERB)
    # 'between the cup and open boxes' is none
    return verb is not None and not (words[cursor.at - 1] == "open" and cursor.starts(known.NOUN))
