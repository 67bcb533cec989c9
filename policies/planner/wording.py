"""A thing or a place as a query in words, always in the same words, close to those of the instruction."""

from dataclasses import replace

from robotics.reasoning.query import FreeSpace, Relation, Superlative, Thing

_RELATIONS = {
    Relation.LEFT_OF: "to the left of",
    Relation.RIGHT_OF: "to the right of",
    Relation.NEAREST_TO: "nearest to",
    Relation.FARTHEST_FROM: "farthest from",
}


def words_for(target: Thing | FreeSpace) -> str:
    """A query that `parse_query` reads as `target` again, but for the articles of its phrases."""
    if isinstance(target, FreeSpace):
        return " ".join(("free space", *_relation(target.relation, target.anchors)))
    return " ".join(_thing(target))


def _thing(thing: Thing) -> list[str]:
    if thing.part:
        return [thing.part, "of", "the", *_thing(replace(thing, part=""))]
    words = [thing.superlative.value] if isinstance(thing.superlative, Superlative) else []
    words.append(thing.phrase or _canonical(thing))
    return words + _relation(thing.relation, thing.anchors)


def _canonical(thing: Thing) -> str:
    return " ".join((*thing.attributes, *filter(None, (thing.colour,)), thing.noun or "object"))


def _relation(relation: Relation | None, anchors: tuple[Thing, ...]) -> list[str]:
    if relation is None:
        return []
    words = [_RELATIONS.get(relation, relation.value)]
    for index, anchor in enumerate(anchors):
        words += (["and"] if index else []) + ["the", *_thing(anchor)]
    return words
