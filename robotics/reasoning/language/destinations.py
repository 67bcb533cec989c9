"""Where something is to go: which of the words of a clause say what, and which say where to."""

from collections.abc import Sequence

from robotics.reasoning.language import vocabulary as known
from robotics.reasoning.language.draft import StuckError
from robotics.reasoning.language.places import read_free_space
from robotics.reasoning.language.things import read_anchors, read_thing
from robotics.reasoning.language.verbs import DOWN, OUT_OF, TOWARDS
from robotics.reasoning.language.words import Cursor
from robotics.reasoning.query import FreeSpace, Relation, Thing
from robotics.reasoning.steps import Place, PutIn, Stack, Step

CONTAINERS = frozenset({"basket", "bowl", "box", "cabinet", "can", "cup", "jar", "mug"})
CARRIERS = frozenset({"plate", "tray", "book", "block", "cube"})

_STRICT = ("into", "onto", "to", "towards", "toward")


def read_things(words: list[str], previous: Thing | None) -> tuple[Thing, ...]:
    """'the red cube and the green cylinder', 'it', 'the apple from the bowl'; all words.

    Raises:
        StuckError: They are something else.
    """
    cursor = Cursor(words)
    things = [_read_one(cursor, previous)]
    while cursor.take_word("and"):
        things.append(_read_one(cursor, things[-1]))
    if not cursor.done:
        raise StuckError(cursor)
    return tuple(things)


def _read_one(cursor: Cursor, previous: Thing | None) -> Thing:
    if cursor.take_word("it", "them"):
        if previous is None:
            cursor.at -= 1
            raise StuckError(cursor, f"what is meant by '{cursor.next}' was not said before")
        return previous
    thing = read_thing(cursor, 0, previous)
    if cursor.take(OUT_OF) is None:
        return thing
    if thing.relation is not None:
        raise StuckError(cursor, "one thing is in two places")
    source = read_thing(cursor, 1, thing)
    relation = Relation.IN if source.noun in CONTAINERS else Relation.ON
    return Thing(
        *(thing.phrase, thing.noun, thing.colour, thing.attributes, thing.part, thing.superlative),
        *(relation, (source,), thing.all_of_them),
    )


def read_transfer(
    words: list[str], previous: Thing | None, arm: str, goal: Thing | None = None
) -> tuple[Step, ...]:
    """What goes where: 'the red cube in the left bowl'.

    Args:
        previous: What 'it' may stand for as the thing that goes.
        goal: What 'it' may stand for as where it goes: "open the drawer and put the cube in it".

    Several readings are tried, the likelier first: 'into' says where to, the first 'in' or 'on' mostly does,
    and other relations may as well say which thing is meant.

    Raises:
        StuckError: No reading takes all words.
    """
    furthest: StuckError | None = None
    for at in _splits(words):
        try:
            things = read_things(words[:at], previous)
            return tuple(_steps(things, read_destination(words[at:], things[-1], goal), arm))
        except StuckError as stuck:
            if furthest is None or stuck.at > furthest.at:
                furthest = stuck
    if furthest is None:
        read_things(words, previous)
        raise StuckError(Cursor(words, len(words)), "it does not say where to")
    raise furthest


def _splits(words: list[str]) -> list[int]:
    """Where a destination may start, the likeliest first."""
    ranked = []
    for at in range(1, len(words)):
        relation = known.RELATION.find(words, at)
        behind_that_is = known.THAT_IS.find(words, at - 1) is not None or words[at - 1] in ("is", "are")
        if relation is not None:
            rank = 1 if relation[0] in (Relation.IN, Relation.ON) else 2
        elif TOWARDS.find(words, at) or DOWN.find(words, at) or known.SOMEWHERE.find(words, at):
            rank = 1
        else:
            continue
        rank = 0 if words[at] in _STRICT and (relation is None or relation[1] == 1) else rank
        ranked.append((behind_that_is, rank, at))
    return [at for _, _, at in sorted(ranked)]


def read_destination(
    words: list[str], thing: Thing, goal: Thing | None = None
) -> FreeSpace | tuple[Relation, Thing]:
    """A free place, or that it goes in or on something; all words.

    Raises:
        StuckError: They say something else.
    """
    if words[-1] == "it" and goal is not None and goal != thing:
        relation = known.RELATION.find(words, 0)
        if relation and relation[0] in (Relation.IN, Relation.ON) and relation[1] == len(words) - 1:
            return relation[0], goal
    for reader in (_read_in_or_on, _read_towards, _read_down, _read_place, _read_relation):
        cursor = Cursor(words)
        try:
            destination = reader(cursor, thing)
            cursor.skip(known.HERE)
            if not cursor.done:
                raise StuckError(cursor)
            return destination
        except StuckError as stuck:
            last = stuck
    raise last


def _read_in_or_on(cursor: Cursor, thing: Thing) -> FreeSpace | tuple[Relation, Thing]:
    relation = cursor.take(known.RELATION)
    if relation not in (Relation.IN, Relation.ON):
        raise StuckError(cursor)
    start = cursor.at
    try:
        place = read_free_space(cursor)
        if cursor.done:
            return place
    except StuckError:
        pass
    cursor.at = start
    return relation, read_thing(cursor, 0, thing)


def _read_towards(cursor: Cursor, thing: Thing) -> FreeSpace | tuple[Relation, Thing]:
    if cursor.starts(known.RELATION) or cursor.take(TOWARDS) is None:
        raise StuckError(cursor)
    start = cursor.at
    try:
        return read_free_space(cursor)
    except StuckError:
        cursor.at = start
    goal = read_thing(cursor, 0, thing)
    if goal.noun in CONTAINERS:
        return Relation.IN, goal
    return (Relation.ON, goal) if goal.noun in CARRIERS else FreeSpace(Relation.NEXT_TO, (goal,))


def _read_down(cursor: Cursor, thing: Thing) -> FreeSpace | tuple[Relation, Thing]:
    if cursor.take(DOWN) is None:
        raise StuckError(cursor)
    if cursor.done:
        return FreeSpace()
    destination = read_destination(cursor.words[cursor.at :], thing)
    cursor.at = len(cursor.words)
    return destination


def _read_place(cursor: Cursor, thing: Thing) -> FreeSpace:
    return read_free_space(cursor)


def _read_relation(cursor: Cursor, thing: Thing) -> FreeSpace:
    cursor.skip(known.NEARLY)
    relation = cursor.take(known.RELATION)
    if relation is None:
        raise StuckError(cursor)
    return FreeSpace(relation, read_anchors(cursor, relation, 0, thing))


def _steps(things: Sequence[Thing], destination: FreeSpace | tuple[Relation, Thing], arm: str) -> list[Step]:
    if isinstance(destination, FreeSpace):
        return [Place(thing, destination, arm) for thing in things]
    relation, goal = destination
    kind = PutIn if relation is Relation.IN else Stack
    return [kind(thing, goal, arm) for thing in things]
