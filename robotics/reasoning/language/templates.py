"""How questions start and what joins their parts; which of these training never says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Templates:
    """Ways to ask, each list free to choose from."""

    ask_thing: tuple[str, ...]
    """Before a thing with its article."""
    ask_place: tuple[str, ...]
    """Before a free place."""
    place: tuple[str, ...]
    """A free place, with article."""
    connector: tuple[str, ...]
    """Between a noun and a relation; {is} stands for is or are."""
    every: tuple[str, ...]
    """Before a noun in the singular ('every') or plural ('all')."""
    closing: tuple[str, ...]


TRAIN = Templates(
    ask_thing=(
        "",
        "",
        "",
        "point at",
        "point to",
        "find",
        "where is",
        "show me",
        "locate",
        "please find",
        "detect",
    ),
    ask_place=(
        "",
        "",
        "",
        "point at",
        "point to",
        "find",
        "find me",
        "show me",
        "please show me",
        "where is",
    ),
    place=("a free place", "a free spot", "an empty space", "free space", "the free space", "somewhere"),
    connector=("", "", "that {is} ", "which {is} "),
    every=("all", "every", "all the", "the"),
    closing=("", "", "", "please"),
)
HELD_OUT = Templates(
    ask_thing=(
        *(
            "could you point at",
            "can you find",
            "I am looking for",
            "I need",
            "please indicate",
            "would you mark",
        ),
        *("tell me where is", "can you see", "bring me", "highlight", "pick out", "I want to see"),
    ),
    ask_place=("could you point at", "can you find", "I am looking for", "I need", "please indicate"),
    place=(
        *("where can I put something", "a vacant spot", "an unoccupied area", "room", "a clear patch"),
        *("an empty place to put something", "a free location", "an open area"),
    ),
    connector=("standing ", "that {is} located ", "lying ", "placed ", "which {is} just "),
    every=("each", "all of the", "every single"),
    closing=("for me please", "thanks", "in the picture", "on the table"),
)
