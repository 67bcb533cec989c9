"""Free text -> what it asks for: a thing, its attributes and relations, or a free place."""

from robotics.errors import shorten
from robotics.reasoning.errors import QueryError
from robotics.reasoning.language import vocabulary as known
from robotics.reasoning.language.draft import StuckError
from robotics.reasoning.language.places import read_free_space
from robotics.reasoning.language.things import read_thing, read_what
from robotics.reasoning.language.words import Cursor, split_words
from robotics.reasoning.query import ParsedQuery, Target

LONGEST_QUERY = 500
"""[characters]"""


def parse_query(text: str) -> ParsedQuery:
    """What a query means: "could you point at the small mug left of the red box that is behind the plate".

    Returns:
        Without a target where the query holds words that the vocabulary does not: then these, and known
        words that are spelt like them.

    Raises:
        QueryError: The query is empty, longer than 500 characters, or its words are known but make no
            query; the message says at which word it stops making sense.
    """
    words = checked_words(text)
    unknown = without_rare_colours(words, known.unknown_words(words))
    if unknown:
        return ParsedQuery(text, None, unknown, known.suggestions(unknown))
    try:
        return ParsedQuery(text, _read(words))
    except StuckError as stuck:
        if stuck.word and not known.stands_alone(stuck.word):
            return ParsedQuery(text, None, (stuck.word,), known.suggestions((stuck.word,)))
        raise QueryError(f"cannot make sense of '{one_line(text)}': {stuck}") from None


def one_line(text: str) -> str:
    """A text for a message: without line breaks, not long."""
    return shorten(" ".join(text.split()))


def checked_words(text: str) -> list[str]:
    """The words of a text of reasonable length.

    Raises:
        QueryError: There are none, or too many.
    """
    if len(text) > LONGEST_QUERY:
        raise QueryError(f"wanted a query of at most {LONGEST_QUERY} characters, got {len(text)}")
    words = split_words(text)
    if not words:
        raise QueryError(f"the query '{one_line(text)}' is empty: wanted words such as 'the red mug'")
    return words


def without_rare_colours(words: list[str], unknown: tuple[str, ...]) -> tuple[str, ...]:
    """Unknown words less those of colour names that stand before another word ("burnt sienna mug")."""
    if not unknown:
        return ()
    colour_words: set[str] = set()
    for at in range(len(words) - 1):  # a colour's name at the end is a thing's: 'the tomato'
        for length in (3, 2, 1):
            name = words[at : at + length]
            if at + length < len(words) and len(name) == length and known.rare_colour(" ".join(name)):
                colour_words.update(name)
                break
    return tuple(word for word in unknown if word not in colour_words)


def _read(words: list[str]) -> Target:
    """Every way to read the words, until one takes them all; the one that got furthest says what is wrong."""
    furthest: StuckError | None = None
    cursor = Cursor(words)
    starts = [0]
    while cursor.take(known.ASKING):
        starts.append(cursor.at)
    # the longest polite start first, then ever less of it; but 'what is' may be more than politeness
    ways = [(start, read_what) for start in starts]
    ways += [
        (s, reader) for s in reversed(starts) for reader in (read_free_space, read_thing, read_bare_place)
    ]
    for start, reader in ways:
        attempt = Cursor(words, start)
        try:
            target = reader(attempt)
            attempt.skip(known.CLOSING)
            if attempt.done:
                return target
            raise StuckError(attempt)
        except StuckError as stuck:
            if furthest is None or stuck.at > furthest.at:
                furthest = stuck
    assert furthest is not None
    raise furthest


def read_bare_place(cursor: Cursor) -> Target:
    """'left of the bowl', without saying that a place is meant."""
    return read_free_space(cursor, bare=True)
