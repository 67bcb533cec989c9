"""Noun phrases, read from left to right: attributes, noun, part, then what follows the noun."""

from robotics.reasoning.language import vocabulary as known
from robotics.reasoning.language.draft import Draft, StuckError
from robotics.reasoning.language.nouns import WHOLE_OF_PART
from robotics.reasoning.language.words import Cursor, Phrases
from robotics.reasoning.query import Relation, Superlative, Thing

DEEPEST = 2
"""'the mug left of the box behind the plate' is two relations deep."""
_BARE_NEAREST = ("nearest", "closest")


def read_thing(cursor: Cursor, depth: int = 0, previous: Thing | None = None) -> Thing:
    """A thing with all that belongs to it.

    Args:
        previous: What 'one' may stand for: "the red block on the green one".

    Raises:
        StuckError: There is none here.
    """
    draft = Draft()
    draft.plural = cursor.take(known.EVERY) is not None
    cursor.skip(known.ARTICLE)
    named = _read_before_noun(cursor, draft)
    if not _read_noun(cursor, draft, depth, previous) and not named:
        raise StuckError(cursor)
    while _read_behind_noun(cursor, draft, depth):
        pass
    return draft.finish()


def _read_before_noun(cursor: Cursor, draft: Draft) -> bool:
    """Colours, attributes and superlatives; whether there was any."""
    start = cursor.at
    while not cursor.done:
        here = cursor.at
        noun = max(_length(cursor, table) for table in (known.NOUN, known.PART))
        lengths = {
            "colour": _length(cursor, known.COLOUR),
            "attribute": _length(cursor, known.ATTRIBUTE),
            "superlative": _length(cursor, known.SUPERLATIVE),
        }
        kind = max(lengths, key=lambda name: lengths[name])
        if noun and noun >= lengths[kind]:
            break
        if cursor.starts(known.DEGREE) or (cursor.next == "and" and cursor.at > start and _more(cursor)):
            cursor.at += 1
        elif kind == "superlative" and lengths[kind]:
            superlative = cursor.take(known.SUPERLATIVE)
            assert superlative is not None
            draft.set_superlative(superlative, cursor)
        elif kind == "attribute" and lengths[kind]:
            draft.attributes.append(cursor.take(known.ATTRIBUTE) or "")
            draft.before += cursor.words[here : cursor.at]
        elif not _read_colour(cursor, draft):
            break
    return cursor.at > start


def _read_colour(cursor: Cursor, draft: Draft) -> bool:
    here = cursor.at
    colour = cursor.take(known.COLOUR)
    if colour is None and cursor.take(known.COLOUR_SHADE):
        colour = cursor.take(known.COLOUR)
    if colour is None:
        cursor.at = here
        for length in (3, 2, 1):
            name = cursor.words[here : here + length]
            unknown = any(word not in known.KNOWN_WORDS for word in name)
            if unknown and len(name) == length and (colour := known.rare_colour(" ".join(name))):
                cursor.at += length
                break
    if colour is None:
        return False
    draft.set_colour(colour, cursor)
    draft.before += cursor.words[here : cursor.at]
    return True


def _more(cursor: Cursor) -> bool:
    """Whether 'and' goes on with an attribute: 'the small and striped mug'."""
    after = Cursor(cursor.words, cursor.at + 1)
    return any(after.starts(table) for table in (known.COLOUR, known.ATTRIBUTE))


def _length(cursor: Cursor, table: Phrases) -> int:
    found = table.find(cursor.words, cursor.at)
    return found[1] if found else 0


def _read_noun(cursor: Cursor, draft: Draft, depth: int, previous: Thing | None) -> bool:
    if _length(cursor, known.PART) > _length(cursor, known.NOUN):
        return _read_part_of(cursor, draft, depth, previous)
    noun = cursor.take(known.NOUN)
    if noun is None:
        noun = cursor.take(known.PRONOUN)
        if noun is None:
            return False
        draft.plural |= noun.is_plural
        if previous is not None:
            draft.noun, draft.noun_words = previous.noun, previous.phrase.split()[-1:]
        return True
    draft.noun = noun.meaning
    draft.plural |= noun.is_plural
    draft.noun_words = noun.singular.split()
    possessive = cursor.take_word("'s")
    part = cursor.take(known.PART)  # "the mug's handle", 'the mug handle'
    if part is not None:
        draft.part = part.meaning
        if draft.part in WHOLE_OF_PART:  # the cabinet's drawer's handle
            _read_part_of_part(cursor, draft)
    elif possessive:
        raise StuckError(cursor)
    return True


def _read_part_of(cursor: Cursor, draft: Draft, depth: int, previous: Thing | None) -> bool:
    """'the handle of the mug', 'the drawer', 'the drawer's handle'."""
    part = cursor.take(known.PART)
    assert part is not None
    draft.part, draft.plural = part.meaning, draft.plural or part.is_plural
    whole = WHOLE_OF_PART.get(draft.part)
    if whole:
        draft.noun, draft.noun_words = whole, [whole]
        _read_part_of_part(cursor, draft)
    if cursor.next == "of" and cursor.peek(1):
        cursor.at += 1
        owner = read_thing(cursor, depth, previous)
        draft.noun, draft.noun_words = owner.noun, owner.phrase.split()
        draft.attributes += owner.attributes
        if owner.colour:
            draft.set_colour(owner.colour, cursor)
        if owner.superlative:
            draft.set_superlative(owner.superlative, cursor)
        draft.relation, draft.anchors = owner.relation, owner.anchors
        draft.plural |= owner.all_of_them
    return True


def _read_part_of_part(cursor: Cursor, draft: Draft) -> None:
    possessive = cursor.take_word("'s")
    inner = cursor.take(known.PART)
    if inner is not None:
        draft.part = inner.meaning
    elif possessive:
        raise StuckError(cursor)


def _read_behind_noun(cursor: Cursor, draft: Draft, depth: int) -> bool:
    """One more thing said about the noun; False where there is none."""
    here = cursor.at
    if cursor.done or cursor.take(known.HERE):
        return cursor.at > here
    that_is = cursor.take(known.THAT_IS) is not None
    if that_is and cursor.take(known.HERE):
        return True
    if (pattern := cursor.take(known.ATTRIBUTE_BEHIND)) is not None:
        draft.attributes.append(pattern)
        draft.behind += cursor.words[cursor.at - _taken(cursor, here) : cursor.at]
        return True
    nearly = cursor.at
    if not cursor.starts(known.RELATION) and not cursor.starts(known.SUPERLATIVE_BEHIND):
        cursor.take(known.NEARLY)
    relation, superlative = _length(cursor, known.RELATION), _length(cursor, known.SUPERLATIVE_BEHIND)
    if superlative > relation and not (relation and _goes_on(cursor, superlative)):
        found = cursor.take(known.SUPERLATIVE_BEHIND)
        assert found is not None
        draft.set_superlative(found, cursor)
        if cursor.next == "of":
            cursor.at += 1
            if not skip_table_name(cursor):
                cursor.at -= 1
        return True
    if relation and draft.relation is None:
        _read_relation(cursor, draft, depth)
        return True
    cursor.at = nearly
    if that_is and (superlative := cursor.take(_article_then(cursor))) is not None:
        draft.set_superlative(superlative, cursor)
        return True
    if that_is and _read_before_noun(cursor, draft):
        return True
    cursor.at = here
    return _read_colour(cursor, draft) if cursor.starts(known.COLOUR) else False


def _goes_on(cursor: Cursor, length: int) -> bool:
    """Whether a thing goes on after so many words: 'in the middle' of 'in the middle red bowl'."""
    after = Cursor(cursor.words, cursor.at + length)
    return any(
        after.starts(table)
        for table in (
            known.NOUN,
            known.PRONOUN,
            known.PART,
            known.COLOUR,
            known.COLOUR_SHADE,
            known.ATTRIBUTE,
        )
    )


def _article_then(cursor: Cursor) -> Phrases[Superlative]:
    """The superlatives, after 'the': 'the mug that is the largest'."""
    cursor.take_word("the")
    return known.SUPERLATIVE


def _taken(cursor: Cursor, start: int) -> int:
    """Number of words of the pattern just read, without 'that is' before it."""
    at = start
    skipped = known.THAT_IS.find(cursor.words, at)
    return cursor.at - at - (skipped[1] if skipped else 0)


def _read_relation(cursor: Cursor, draft: Draft, depth: int) -> None:
    bare = cursor.next in _BARE_NEAREST and cursor.peek(1) == ""
    relation = cursor.take(known.RELATION)
    assert relation is not None
    if bare:
        draft.set_superlative(Superlative.NEAREST, cursor)
        return
    draft.relation = relation
    draft.anchors = read_anchors(cursor, relation, depth, draft.finish())


def read_anchors(
    cursor: Cursor, relation: Relation, depth: int, previous: Thing | None = None
) -> tuple[Thing, ...]:
    """One thing, or two of 'between'.

    Raises:
        StuckError: There are none here, or too deep a nesting.
    """
    if depth >= DEEPEST:
        raise StuckError(cursor, f"more than {DEEPEST} relations inside each other")
    if relation is not Relation.BETWEEN:
        return (read_thing(cursor, depth + 1, previous),)
    cursor.take(known.ARTICLE)
    pair = cursor.take_word("two", "both")
    first = read_thing(cursor, depth + 1, previous)
    if pair or (first.all_of_them and cursor.next != "and"):
        return first, first
    if not cursor.take_word("and"):
        raise StuckError(cursor, "'between' wants two things: 'between the cup and the plate'")
    return first, read_thing(cursor, depth + 1, first)


def skip_table_name(cursor: Cursor) -> bool:
    start = cursor.at
    cursor.skip(known.ARTICLE)
    if cursor.take(known.TABLE) is not None:
        return True
    cursor.at = start
    return False


def read_what(cursor: Cursor) -> Thing:
    """'what is left of the mug': anything there.

    Raises:
        StuckError: It is not such a question.
    """
    if cursor.take(known.WHAT) is None:
        raise StuckError(cursor)
    draft = Draft()
    if not _read_behind_noun(cursor, draft, 0):
        raise StuckError(cursor)
    return draft.finish()
