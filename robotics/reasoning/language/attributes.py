"""Words for sizes, patterns, superlatives and relations, and which of them training never says."""

from robotics.reasoning.language.nouns import Synonym, parse_synonyms
from robotics.reasoning.query import Relation, Superlative

SIZES: dict[str, tuple[Synonym, ...]] = {
    size: parse_synonyms(text, size)
    for size, text in {
        "small": "small, little | tiny, mini, petite",
        "large": "large, big | huge, bulky, sizeable",
        "tall": "tall | high, towering",
        "short": "short, low | stubby",
        "long": "long | elongated, lengthy",
        "thin": "thin, narrow | slim, slender, skinny",
        "wide": "wide, broad | thick, fat",
    }.items()
}
"""Comparisons among things that match otherwise; `robotics.reasoning.spatial` decides them."""

PATTERNS: dict[str, tuple[Synonym, ...]] = {
    pattern: parse_synonyms(text, pattern)
    for pattern, text in {
        "plain": "plain, solid | unpatterned, monochrome",
        "striped": "striped | stripy, banded, stripey",
        "checkered": "checkered, checked | chequered, checkerboard",
        "spotted": "spotted, dotted | speckled, polka dot, dotty",
    }.items()
}

PATTERNS_BEHIND: dict[str, tuple[Synonym, ...]] = {
    pattern: parse_synonyms(text, pattern)
    for pattern, text in {
        "plain": "without a pattern | with no pattern",
        "striped": "with stripes | with bands",
        "checkered": "with checks | with a checkered pattern, with a checkerboard pattern",
        "spotted": "with dots, with spots | with polka dots",
    }.items()
}
"""Said after the noun: 'the mug with stripes'."""

SUPERLATIVES: dict[Superlative, tuple[Synonym, ...]] = {
    superlative: parse_synonyms(text, superlative.value)
    for superlative, text in {
        Superlative.LEFTMOST: "leftmost, left | left most, left hand, far left, furthest left, farthest left",
        Superlative.RIGHTMOST: "rightmost, right | right most, right hand, far right, furthest right,"
        " farthest right",
        Superlative.NEAREST: "nearest, closest | front, foremost, frontmost",
        Superlative.FARTHEST: "farthest, furthest | most distant, rearmost, back, rear, hindmost",
        Superlative.LARGEST: "largest, biggest | most voluminous, larger, bigger",
        Superlative.SMALLEST: "smallest, littlest | tiniest, smaller, least voluminous",
        Superlative.TALLEST: "tallest | highest, taller",
        Superlative.SHORTEST: "shortest | lowest, shorter",
        Superlative.MIDDLE: "middle, central | centre, center, middlemost",
    }.items()
}
"""Said before the noun."""

SUPERLATIVES_BEHIND: dict[Superlative, tuple[Synonym, ...]] = {
    superlative: parse_synonyms(text, superlative.value)
    for superlative, text in {
        Superlative.LEFTMOST: "on the left, on the far left | furthest to the left, on the left side,"
        " on the left hand side, farthest to the left, at the left, to the left",
        Superlative.RIGHTMOST: "on the right, on the far right | furthest to the right, on the right side,"
        " on the right hand side, farthest to the right, at the right, to the right",
        Superlative.NEAREST: "closest to me, nearest to me | nearest to the viewer, closest to the camera,"
        " in the front, at the front, nearest to the camera, nearest to you, closest to you, nearest me,"
        " closest to us, in front",
        Superlative.FARTHEST: "farthest from me, furthest away | farthest away, at the back, in the back,"
        " furthest from the camera, farthest from the camera, furthest from me, farthest from you,"
        " furthest from you, farthest away from me, furthest away from me, most far away",
        Superlative.MIDDLE: "in the middle | in the centre, in the center, at the center, at the centre",
    }.items()
}
"""Said after the noun."""

RELATIONS: dict[Relation, tuple[Synonym, ...]] = {
    relation: parse_synonyms(text, relation.value)
    for relation, text in {
        Relation.LEFT_OF: "left of, to the left of | on the left of, on the left side of,"
        " to the left side of,"
        " on the left hand side of, on the left-hand side of, left from, at the left of",
        Relation.RIGHT_OF: "right of, to the right of | on the right of, on the right side of,"
        " to the right side of, on the right hand side of, right from, at the right of",
        Relation.IN_FRONT_OF: "in front of | before, in the front of, on this side of, on the near side of",
        Relation.BEHIND: "behind, in back of | at the back of, beyond, in the back of, on the far side of",
        Relation.NEXT_TO: "next to, beside, near | close to, by, adjacent to, alongside, touching,"
        " at the side of, around",
        Relation.BETWEEN: "between, in between | in the middle between, midway between, in the gap between",
        Relation.ON: "on, on top of | atop, upon, onto, on the top of",
        Relation.IN: "in, inside | inside of, within, into, contained in",
        Relation.UNDER: "under, below | underneath, beneath",
        Relation.NEAREST_TO: "nearest to, closest to | nearest, closest, most near to,"
        " at the least distance from",
        Relation.FARTHEST_FROM: "farthest from, furthest from | farthest away from, furthest away from,"
        " most distant from",
    }.items()
}
