"""Free places: 'an empty spot on the table left of the bowl', 'where can I put something'."""

from robotics.reasoning.language import vocabulary as known
from robotics.reasoning.language.draft import StuckError
from robotics.reasoning.language.things import read_anchors, skip_table_name
from robotics.reasoning.language.words import Cursor
from robotics.reasoning.query import FreeSpace


def read_free_space(cursor: Cursor, bare: bool = False) -> FreeSpace:
    """A free place, perhaps relative to things.

    Args:
        bare: It starts with the relation.

    Raises:
        StuckError: There is none here.
    """
    if not bare and not _read_place(cursor):
        raise StuckError(cursor)
    relation, anchors = None, ()
    while not cursor.done:
        here = cursor.at
        if cursor.take(known.TO_PUT) or cursor.take(known.HERE):
            continue
        if cursor.take_word("of") and skip_table_name(cursor):
            continue
        cursor.at = here
        if bool(cursor.take(known.THAT_IS)) and cursor.take(known.FREE):
            continue
        if not cursor.starts(known.RELATION):
            cursor.take(known.NEARLY)
        found = cursor.take(known.RELATION) if relation is None else None
        if found is None:
            cursor.at = here
            break
        relation, anchors = found, read_anchors(cursor, found, 0)
    if bare and relation is None:
        raise StuckError(cursor)
    return FreeSpace(relation, anchors)


def _read_place(cursor: Cursor) -> bool:
    """'a free spot', 'somewhere', 'where can I put something', 'the table'."""
    if cursor.take(known.WHERE_TO_PUT) or cursor.take(known.SOMEWHERE):
        while cursor.take(known.FREE):
            pass
        return True
    cursor.take(known.EVERY)
    cursor.skip(known.ARTICLE)
    while cursor.take(known.FREE) or cursor.take(known.DEGREE) or cursor.take(known.ATTRIBUTE):
        pass
    return cursor.take(known.PLACE) is not None or cursor.take(known.TABLE) is not None
