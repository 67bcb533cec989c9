"""The tables that queries are read with, made from the word lists, and which words they know at all."""

import difflib
import functools
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from robotics.reasoning.language.attributes import (
    PATTERNS,
    PATTERNS_BEHIND,
    RELATIONS,
    SIZES,
    SUPERLATIVES,
    SUPERLATIVES_BEHIND,
)
from robotics.reasoning.language.colours import COLOUR_WORDS, named_colours
from robotics.reasoning.language.nouns import GENERIC, NOUNS, PARTS, Synonym, plural
from robotics.reasoning.language.politeness import ASKING, CLOSING
from robotics.reasoning.language.words import Phrases
from robotics.reasoning.query import Relation, Superlative


class Noun(NamedTuple):
    """What a noun says."""

    meaning: str
    """Family ('' for any object), or canonical part."""
    is_plural: bool
    singular: str
    """The noun as it stood, of one thing: what a model embeds."""


def _both_numbers(synonyms: Iterable[Synonym]) -> list[tuple[str, Noun]]:
    every = tuple(synonyms)
    singular = [(s.text, Noun(s.meaning, False, s.text)) for s in every]
    return singular + [(plural(s.text), Noun(s.meaning, True, s.text)) for s in every]


_ALL_NOUNS = [s for synonyms in NOUNS.values() for s in synonyms] + list(GENERIC)
_MORE_GENERIC = (
    ("shape", False),
    ("everything", True),
    ("anything", False),
    ("something", False),
    ("stuff", True),
)

NOUN: Phrases[Noun] = Phrases(
    _both_numbers(_ALL_NOUNS)
    + [(text, Noun("", is_plural, "object")) for text, is_plural in (*_MORE_GENERIC, ("shapes", True))]
)
PRONOUN: Phrases[Noun] = Phrases([("one", Noun("", False, "object")), ("ones", Noun("", True, "object"))])
PART: Phrases[Noun] = Phrases(_both_numbers(s for part in PARTS.values() for s in part))
COLOUR: Phrases[str] = Phrases((s.text, s.meaning) for words in COLOUR_WORDS.values() for s in words)
COLOUR_SHADE: Phrases[bool] = Phrases(
    (word, True) for word in ("light", "dark", "bright", "pale", "deep", "vivid", "pastel")
)
"""Before a colour they change nothing."""
ATTRIBUTE: Phrases[str] = Phrases(
    (s.text, s.meaning) for table in (SIZES, PATTERNS) for words in table.values() for s in words
)
ATTRIBUTE_BEHIND: Phrases[str] = Phrases(
    (s.text, s.meaning) for words in PATTERNS_BEHIND.values() for s in words
)
SUPERLATIVE: Phrases[Superlative] = Phrases(
    (s.text, key) for key, words in SUPERLATIVES.items() for s in words
)
SUPERLATIVE_BEHIND: Phrases[Superlative] = Phrases(
    (text, key)
    for key, words in SUPERLATIVES_BEHIND.items()
    for s in words
    for text in (s.text, f"all the way {s.text}")
)
RELATION: Phrases[Relation] = Phrases((s.text, key) for key, words in RELATIONS.items() for s in words)

ARTICLE: Phrases[bool] = Phrases(
    (word, True)
    for word in (
        "the",
        "a",
        "an",
        "this",
        "that",
        "these",
        "those",
        "some",
        "my",
        "your",
        "our",
        "its",
        "any",
    )
)
EVERY: Phrases[bool] = Phrases(
    (text, True)
    for text in ("all of the", "all of", "all the", "all", "every", "every single", "each", "each of", "both")
)
DEGREE: Phrases[bool] = Phrases((word, True) for word in ("very", "really", "quite", "rather", "fairly"))
"""Before an attribute."""
NEARLY: Phrases[bool] = Phrases(
    (word, True) for word in ("just", "directly", "immediately", "right", "straight", "somewhere", "anywhere")
)
"""Before a relation."""
THAT_IS: Phrases[bool] = Phrases(
    (f"{start}{middle}".strip(), True)
    for start in ("that is ", "which is ", "that are ", "which are ", "that", "which", "")
    for middle in (
        ["located", "sitting", "standing", "lying", "placed", "positioned", "found", "resting"]
        + ([""] if start.strip() else [])
        + (["sits", "stands", "lies"] if start.strip() in ("that", "which") else [])
        + (["you see", "i see", "you can see"] if start.strip() == "that" else [])
    )
    if f"{start}{middle}".strip() not in ("that", "which")
)
FREE: Phrases[bool] = Phrases(
    (word, True)
    for word in ("free", "empty", "vacant", "open", "available", "unoccupied", "bare", "unused", "clear")
)
PLACE: Phrases[bool] = Phrases(
    (text, True)
    for text in (
        *("place", "spot", "space", "area", "room", "location", "position", "patch", "region", "places"),
        *("table space", "bit of table", "part of the table", "spot of table", "surface", "table surface"),
        *("patch of table", "area of the table", "spaces", "spots", "table top", "piece of table", "gap"),
    )
)
TABLE: Phrases[bool] = Phrases((word, True) for word in ("table", "desk", "tabletop", "table top", "surface"))
HERE: Phrases[bool] = Phrases(
    [
        (f"on {article} {table}".replace("  ", " "), True)
        for article in ("the", "a", "this", "my", "our", "your", "")
        for table in ("table", "desk", "tabletop", "table top", "surface")
    ]
    + [
        (f"{within} {article} {picture}", True)
        for within in ("in", "on", "of", "within")
        for article in ("the", "this", "that")
        for picture in ("picture", "image", "photo", "scene", "view", "photograph", "camera image")
    ]
    + [("in view", True)]
)
"""Where everything is; it says nothing."""
_TO_PUT = [
    f"{verb} {what}"
    for verb in ("put", "place", "set", "drop", "lay", "leave", "set down", "put down", "stand")
    for what in ("something", "it", "this", "things", "something down", "it down", "another object", "one")
]
TO_PUT: Phrases[bool] = Phrases(
    (f"{start} {put}", True)
    for start in ("to", "where i can", "where i could", "where you can", "where we can", "for me to")
    for put in _TO_PUT
)
WHERE_TO_PUT: Phrases[bool] = Phrases(
    (f"where {can} {put}", True)
    for can in ("can i", "could i", "should i", "can we", "can you", "could you", "to", "i can", "you can")
    for put in _TO_PUT
)
WHAT: Phrases[bool] = Phrases(
    (f"{what} {stands}", True)
    for what in ("what", "whatever", "which object", "which thing")
    for stands in ("is", "stands", "lies", "sits", "is there", "is standing", "is lying", "is located")
)
SOMEWHERE: Phrases[bool] = Phrases((word, True) for word in ("somewhere", "anywhere", "someplace"))

CONTENT_TABLES: tuple[Phrases, ...] = (
    *(NOUN, PART, COLOUR, COLOUR_SHADE, ATTRIBUTE, ATTRIBUTE_BEHIND, SUPERLATIVE, SUPERLATIVE_BEHIND),
    *(RELATION, FREE, PLACE),
)
_FUNCTION_TABLES: tuple[Phrases, ...] = (
    *(PRONOUN, ARTICLE, EVERY, DEGREE, NEARLY, THAT_IS, TABLE, HERE, TO_PUT, WHERE_TO_PUT, WHAT, SOMEWHERE),
    *(ASKING, CLOSING),
)
_GLUE = {"and", "of", "'s", "is", "are", "that", "which", "with", "two", "it"}

FUNCTION_WORDS: frozenset[str] = (
    frozenset(
        set().union(*(t.words() for t in _FUNCTION_TABLES)) | _GLUE | RELATION.words() | ARTICLE.words()
    )
    - NOUN.words()
)
"""Words that carry the sentence, not the meaning of a thing."""
KNOWN_WORDS: frozenset[str] = frozenset(
    set().union(*(t.words() for t in (*CONTENT_TABLES, *_FUNCTION_TABLES))) | _GLUE
)
_SUGGESTED: tuple[str, ...] = tuple(
    sorted(set().union(*(t.phrases() for t in (NOUN, PART, COLOUR, ATTRIBUTE, SUPERLATIVE, RELATION))))
)


@functools.cache
def rare_colour(words: str) -> str | None:
    """Canonical colour of a colour name that is in no word list of ours; None: no such colour."""
    return named_colours().get(words) or named_colours().get(words.replace(" ", ""))


@functools.cache
def suggestions(unknown: tuple[str, ...]) -> tuple[str, ...]:
    """Known words that are spelt like unknown ones, at most three each."""
    near: list[str] = []
    for word in unknown[:5]:  # comparing takes 10 ms a word
        if len(word) <= 30:
            near += difflib.get_close_matches(word, _SUGGESTED, n=3, cutoff=0.72)
    return tuple(dict.fromkeys(near))


def unknown_words(words: Sequence[str], also: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Words that no table holds, in their order; `also` are known besides."""
    return tuple(dict.fromkeys(w for w in words if w not in KNOWN_WORDS and w not in also))


def stands_alone(word: str) -> bool:
    """Whether a word means something by itself, unlike 'coffee' of 'coffee mug'."""
    return word in FUNCTION_WORDS or any(table.find([word], 0) for table in CONTENT_TABLES)
