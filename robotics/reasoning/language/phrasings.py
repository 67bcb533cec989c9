"""From meaning to words: `say` puts a query in one of many ways, `parse_query` takes it back.

Training hears the words and phrasings of the first half of each list only; the held-out ones are kept for the
test of unseen synonyms and phrasings.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from robotics.reasoning.language.attributes import (
    PATTERNS,
    PATTERNS_BEHIND,
    RELATIONS,
    SIZES,
    SUPERLATIVES,
    SUPERLATIVES_BEHIND,
)
from robotics.reasoning.language.colours import COLOUR_WORDS
from robotics.reasoning.language.nouns import GENERIC, NOUNS, PARTS, WHOLE_OF_PART, Synonym, plural
from robotics.reasoning.language.templates import HELD_OUT, TRAIN
from robotics.reasoning.language.vocabulary import NOUN, PART
from robotics.reasoning.language.words import split_words
from robotics.reasoning.query import FreeSpace, Relation, Target, Thing

_CANONICAL = 0.4
"""Probability of the canonical word where there is a choice: it is what people say most."""


def without_phrases(target: Target) -> Target:
    """The meaning alone, for comparison: two texts may mean the same in other words."""
    anchors = tuple(_bare(anchor) for anchor in target.anchors)
    if isinstance(target, FreeSpace):
        return replace(target, anchors=anchors)
    return _bare(target)


def _bare(thing: Thing) -> Thing:
    return replace(thing, phrase="", anchors=tuple(_bare(anchor) for anchor in thing.anchors))


class Speaker:
    """Says the same thing in ever other words.

    Args:
        rng: Decides which.
        new_words: Use held-out synonyms where there are any, instead of the words of training.
        new_phrasings: Use held-out ways to ask and to join.
    """

    def __init__(self, rng: np.random.Generator, new_words: bool = False, new_phrasings: bool = False):
        self._rng = rng
        self._new_words = new_words
        self._templates = HELD_OUT if new_phrasings else TRAIN

    def say(self, target: Target) -> str:
        """A whole query."""
        templates = self._templates
        if isinstance(target, FreeSpace):
            place = self.place(target)
            ask = "" if place.startswith("where") else self._choose(templates.ask_place)
        else:
            place, ask = self.thing(target), self._choose(templates.ask_thing)
            if target.relation is None and not target.part and self._rng.random() < 0.25:
                place = place.removeprefix("the ")
            if target.all_of_them and ask.endswith("where is"):
                ask = ask.removesuffix("is") + "are"
        return " ".join(part for part in (ask, place, self._choose(templates.closing)) if part)

    def plain(self, thing: Thing) -> str:
        """Attributes, colour and noun alone, without article: 'small crimson mug with stripes'."""
        return self._noun_phrase(thing, plural_noun=False)

    def thing(self, thing: Thing) -> str:
        """With article and all that places it among others."""
        if thing.part:
            return self._with_part(thing)
        every = self._choose(self._templates.every) if thing.all_of_them else ""
        is_plural = every.startswith(("all", "the"))
        if is_plural and every == "the" and not _is_known_plural(self._canonical_noun(thing)):
            every = "all"
        before, behind = self._superlative(thing)
        noun = self._noun_phrase(thing, is_plural, only_clear_plurals=every == "the")
        head = " ".join(part for part in (every or "the", before, noun, behind) if part)
        if thing.relation is None:
            return head
        connector = self._choose(self._templates.connector).format(**{"is": "are" if is_plural else "is"})
        return f"{head} {connector}{self._relation(thing.relation, thing.anchors)}"

    def place(self, space: FreeSpace) -> str:
        """A free place, with article and anchors."""
        head = self._choose(self._templates.place)
        if space.relation is None:
            return f"{head} on the table" if self._rng.random() < 0.4 else head
        return f"{head} {self._relation(space.relation, space.anchors)}"

    def _with_part(self, thing: Thing) -> str:
        part = self._word(PARTS[thing.part])
        whole = replace(thing, part="")
        alone = whole == Thing("", thing.noun, all_of_them=False) or without_phrases(whole) == Thing(
            "", thing.noun
        )
        if WHOLE_OF_PART.get(thing.part) == thing.noun and alone and self._rng.random() < 0.6:
            return f"the {part}"
        if not thing.noun and alone:
            return f"the {part}"
        if thing.relation is None and thing.superlative is None and not thing.all_of_them:
            noun = self._noun_phrase(replace(whole, attributes=_no_patterns(thing)), False)
            if _no_patterns(thing) != thing.attributes or self._rng.random() < 0.5:
                return f"the {part} of {self.thing(whole)}"
            joint = "'s" if self._rng.random() < 0.5 or _would_merge(noun, part) else ""
            return f"the {noun}{joint} {part}"
        return f"the {part} of {self.thing(whole)}"

    def _relation(self, relation: Relation, anchors: Sequence[Thing]) -> str:
        word = self._word(RELATIONS[relation])
        if relation is Relation.BETWEEN:
            first, second = anchors
            if first == second and first.all_of_them:
                noun = self._noun_phrase(first, plural_noun=True, only_clear_plurals=True)
                return f"{word} the two {noun}"
            return f"{word} {self.thing(first)} and {self.thing(second)}"
        return f"{word} {self.thing(anchors[0])}"

    def _superlative(self, thing: Thing) -> tuple[str, str]:
        """Before and behind the noun."""
        if thing.superlative is None:
            return "", ""
        behind = SUPERLATIVES_BEHIND.get(thing.superlative)
        if behind and thing.relation is None and self._rng.random() < 0.35:
            return "", self._word(behind)
        return self._word(SUPERLATIVES[thing.superlative]), ""

    def _noun_phrase(self, thing: Thing, plural_noun: bool, only_clear_plurals: bool = False) -> str:
        sizes = [self._word(SIZES[a]) for a in thing.attributes if a in SIZES]
        patterns, behind = [], []
        for pattern in (a for a in thing.attributes if a in PATTERNS):
            if self._rng.random() < 0.25:
                behind.append(self._word(PATTERNS_BEHIND[pattern]))
            else:
                patterns.append(self._word(PATTERNS[pattern]))
        colour = [self._word(COLOUR_WORDS[thing.colour])] if thing.colour else []
        middle = [*patterns, *colour] if self._rng.random() < 0.7 else [*colour, *patterns]
        noun = self._word(NOUNS[thing.noun] if thing.noun else GENERIC)
        if plural_noun and only_clear_plurals and not _is_known_plural(noun):
            noun = self._canonical_noun(thing)
        return " ".join([*sizes, *middle, plural(noun) if plural_noun else noun, *behind])

    def _canonical_noun(self, thing: Thing) -> str:
        return (NOUNS[thing.noun] if thing.noun else GENERIC)[0].text

    def _word(self, synonyms: Sequence[Synonym]) -> str:
        held_out = [s.text for s in synonyms if s.held_out]
        if self._new_words and held_out:
            return self._choose(held_out)
        train = [s.text for s in synonyms if not s.held_out]
        return train[0] if self._rng.random() < _CANONICAL else self._choose(train)

    def _choose(self, options: Sequence[str]) -> str:
        return options[int(self._rng.integers(len(options)))]


def say(
    target: Target, rng: np.random.Generator, new_words: bool = False, new_phrasings: bool = False
) -> str:
    """A query that means `target`; `parse_query` gives it back but for the phrases (`without_phrases`)."""
    return Speaker(rng, new_words, new_phrasings).say(target)


def _no_patterns(thing: Thing) -> tuple[str, ...]:
    return tuple(a for a in thing.attributes if a not in PATTERNS)


def _is_known_plural(noun: str) -> bool:
    """Whether the plural can be told from the singular: not of 'dice'."""
    found = NOUN.find(split_words(plural(noun)), 0)
    return found is not None and found[0].is_plural


def _would_merge(noun: str, part: str) -> bool:
    """Whether the noun and the part read as another noun when they stand side by side."""
    words = split_words(f"{noun} {part}")
    size = len(split_words(part))
    return any(
        found is not None and at + found[1] > len(words) - size
        for at in range(len(words) - size)
        for found in (NOUN.find(words, at), PART.find(words, at))
    )
