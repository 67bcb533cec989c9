"""What a query means once it is parsed: a thing with attributes, perhaps placed relative to other things.

Free text is turned into these by `robotics.reasoning.language`; the embedded model finds the plain things
(`Thing` without relation) and `robotics.reasoning.spatial` says which of them the relations mean.
"""

from dataclasses import dataclass
from enum import Enum


class Relation(Enum):
    """Of a thing to an anchor, in the viewer's frame (`robotics.reasoning.spatial` defines them)."""

    LEFT_OF = "left of"
    RIGHT_OF = "right of"
    IN_FRONT_OF = "in front of"
    """Between the anchor and the viewer."""
    BEHIND = "behind"
    NEXT_TO = "next to"
    BETWEEN = "between"
    """Two anchors."""
    ON = "on"
    """Carried by the anchor."""
    IN = "in"
    """Inside the anchor."""
    UNDER = "under"
    """Carries the anchor."""
    NEAREST_TO = "nearest to"
    """The one of several that is nearest to the anchor."""
    FARTHEST_FROM = "farthest from"


class Superlative(Enum):
    """Which one of several; left, right, near and far are the viewer's."""

    LEFTMOST = "leftmost"
    RIGHTMOST = "rightmost"
    NEAREST = "nearest"
    """To the viewer."""
    FARTHEST = "farthest"
    LARGEST = "largest"
    """By volume of the box."""
    SMALLEST = "smallest"
    TALLEST = "tallest"
    """By height of the box."""
    SHORTEST = "shortest"
    MIDDLE = "middle"
    """From left to right."""


@dataclass(frozen=True)
class Thing:
    """'the leftmost small red mug left of the blue box'."""

    phrase: str
    """The words for the thing itself, as they stood in the query, in the singular, without article, relation
    and superlative: 'small red mug'. The model embeds this text (of `spatial.plain`, which has no sizes)."""
    noun: str = ""
    """Canonical family, e.g. 'mug'; '' for 'object', 'thing' (anything at all)."""
    colour: str = ""
    """Canonical colour; '' where the query names none."""
    attributes: tuple[str, ...] = ()
    """Canonical other attributes: sizes ('small', 'large', 'tall', ...), patterns, materials."""
    part: str = ""
    """A part of the thing is meant: 'handle', 'rim', 'lid'."""
    superlative: Superlative | None = None
    relation: Relation | None = None
    anchors: tuple["Thing", ...] = ()
    """One for most relations, two for BETWEEN, none without a relation."""
    all_of_them: bool = False
    """'all mugs', 'every mug', plural."""


@dataclass(frozen=True)
class FreeSpace:
    """A free place on the table (or another support), relative to things: 'free space behind the plate'."""

    relation: Relation | None = None
    """None: anywhere."""
    anchors: tuple[Thing, ...] = ()


Target = Thing | FreeSpace


@dataclass(frozen=True)
class ParsedQuery:
    """What a text was understood to mean."""

    text: str
    target: Target | None
    """None: not understood (see `unknown_words`)."""
    unknown_words: tuple[str, ...] = ()
    """Content words that the vocabulary does not hold, as they stood in the text."""
    suggestions: tuple[str, ...] = ()
    """Known words near the unknown ones, for a 'did you mean'."""
