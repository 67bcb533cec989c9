"""Whatever is said in one of the many ways is understood as it was meant."""

import numpy as np
import pytest

from robotics.reasoning.language.attributes import PATTERNS, SIZES
from robotics.reasoning.language.families import COLOURS, FAMILIES
from robotics.reasoning.language.nouns import PARTS
from robotics.reasoning.language.parser import parse_query
from robotics.reasoning.language.phrasings import say, without_phrases
from robotics.reasoning.query import FreeSpace, Relation, Superlative, Target, Thing


def draw_thing(rng: np.random.Generator, depth: int = 0) -> Thing:
    """A random thing, relations up to two deep."""
    noun = "" if rng.random() < 0.1 else str(rng.choice(FAMILIES))
    attributes = []
    if rng.random() < 0.25:
        attributes.append(str(rng.choice(list(SIZES))))
    if rng.random() < 0.25:
        attributes.append(str(rng.choice(list(PATTERNS))))
    relation = Relation(rng.choice([r.value for r in Relation])) if depth < 2 and rng.random() < 0.5 else None
    part = str(rng.choice(list(PARTS))) if depth == 0 and rng.random() < 0.15 else ""
    return Thing(
        "",
        "cabinet" if part == "drawer" else noun,
        str(rng.choice(COLOURS)) if rng.random() < 0.6 else "",
        tuple(sorted(attributes)),
        part,
        Superlative(rng.choice([s.value for s in Superlative])) if rng.random() < 0.2 else None,
        relation,
        draw_anchors(rng, relation, depth),
        bool(depth == 0 and not part and rng.random() < 0.2),
    )


def draw_anchors(rng: np.random.Generator, relation: Relation | None, depth: int) -> tuple[Thing, ...]:
    if relation is None:
        return ()
    anchors = tuple(draw_thing(rng, depth + 1) for _ in range(2 if relation is Relation.BETWEEN else 1))
    if len(anchors) == 2 and rng.random() < 0.3:
        both = Thing("", anchors[0].noun, anchors[0].colour, all_of_them=True)
        return both, both
    return anchors


def draw_target(rng: np.random.Generator) -> Target:
    if rng.random() < 0.25:
        relation = Relation(rng.choice([r.value for r in Relation])) if rng.random() < 0.8 else None
        return FreeSpace(relation, draw_anchors(rng, relation, 0))
    return draw_thing(rng)


@pytest.mark.parametrize("new_words", [False, True])
@pytest.mark.parametrize("new_phrasings", [False, True])
def test_what_is_said_is_understood(new_words: bool, new_phrasings: bool):
    rng = np.random.default_rng(5)
    for _ in range(1200):
        target = draw_target(rng)
        text = say(target, rng, new_words, new_phrasings)
        parsed = parse_query(text)
        assert parsed.target is not None, (text, parsed)
        assert without_phrases(parsed.target) == target, text
