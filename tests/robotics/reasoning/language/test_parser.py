"""What people type, and what it must mean."""

import contextlib

import numpy as np
import pytest

from robotics.reasoning.errors import QueryError
from robotics.reasoning.language import parse_query, without_phrases
from robotics.reasoning.language.parser import LONGEST_QUERY
from robotics.reasoning.language.vocabulary import KNOWN_WORDS
from robotics.reasoning.query import FreeSpace, Relation, Superlative, Thing

R, S = Relation, Superlative
BOX, MUG, BOWL, PLATE, CUP, CUBE = (
    Thing("", noun) for noun in ("box", "mug", "bowl", "plate", "cup", "cube")
)
RED_BOX, RED_MUG = Thing("", "box", "red"), Thing("", "mug", "red")


def near(thing: Thing, relation: Relation, *anchors: Thing, **more) -> Thing:
    return Thing("", thing.noun, thing.colour, thing.attributes, relation=relation, anchors=anchors, **more)


MEANINGS = {
    "the mug": MUG,
    "mug": MUG,
    "a red mug": RED_MUG,
    "RED   MUG!!": RED_MUG,
    "the mug that is red": RED_MUG,
    "the coffee mug": MUG,
    "the cup with a handle": MUG,
    "coffee cup with a handle": MUG,
    "the crimson mug": RED_MUG,
    "a scarlet coffee cup": RED_MUG,
    "the burgundy mug": RED_MUG,
    "the dark blue cup": Thing("", "cup", "blue"),
    "the light green sphere": Thing("", "ball", "green"),
    "the burnt sienna brick": Thing("", "block", "orange"),
    "a seafoam green dish": Thing("", "plate", "green"),
    "gray tin": Thing("", "can", "grey"),
    "the can": Thing("", "can"),
    "can you see the can": Thing("", "can"),
    "where is the plus sign": Thing("", "cross"),
    "the small red mug": Thing("", "mug", "red", ("small",)),
    "the tiny, striped cup": Thing("", "cup", "", ("small", "striped")),
    "a very big and spotted ball": Thing("", "ball", "", ("large", "spotted")),
    "the mug with stripes": Thing("", "mug", "", ("striped",)),
    "the mug that is striped": Thing("", "mug", "", ("striped",)),
    "wrench with polka dots": Thing("", "wrench", "", ("spotted",)),
    "the red one": Thing("", "", "red"),
    "the orange": Thing("", "", "orange"),
    "any object": Thing(""),
    "could you point at the small red mug, please?": Thing("", "mug", "red", ("small",)),
    "I'm looking for the screwdriver": Thing("", "screwdriver"),
    "please hand me the remote control": Thing("", "remote"),
    "I need the wrench, thanks": Thing("", "wrench"),
    "Where's the mug in the picture?": MUG,
    "show me where the mug is": MUG,
    "put a point on the mug on the table": MUG,
    "the location of the red mug": RED_MUG,
    "all mugs": Thing("", "mug", all_of_them=True),
    "every red mug": Thing("", "mug", "red", all_of_them=True),
    "the mugs": Thing("", "mug", all_of_them=True),
    "all of the knives": Thing("", "knife", all_of_them=True),
    "both boxes": Thing("", "box", all_of_them=True),
    "where are the coffee cups?": Thing("", "mug", all_of_them=True),
    "the mugs on the tray": Thing("", "mug", relation=R.ON, anchors=(Thing("", "tray"),), all_of_them=True),
    "the mug left of the red box": near(MUG, R.LEFT_OF, RED_BOX),
    "the mug to the left of the red box": near(MUG, R.LEFT_OF, RED_BOX),
    "the mug on the left side of the red box": near(MUG, R.LEFT_OF, RED_BOX),
    "the mug that's just left of the red box": near(MUG, R.LEFT_OF, RED_BOX),
    "the bowl on the right of the cube": near(BOWL, R.RIGHT_OF, CUBE),
    "the ball right behind the box": near(Thing("", "ball"), R.BEHIND, BOX),
    "the cube in front of the jar": near(CUBE, R.IN_FRONT_OF, Thing("", "jar")),
    "the object inside the bowl": near(Thing(""), R.IN, BOWL),
    "the apple in the middle bowl": near(Thing("", "apple"), R.IN, Thing("", "bowl", superlative=S.MIDDLE)),
    "the plate under the apple": near(PLATE, R.UNDER, Thing("", "apple")),
    "the mug on top of the book": near(MUG, R.ON, Thing("", "book")),
    "the pen which is lying next to the phone": near(Thing("", "pen"), R.NEXT_TO, Thing("", "phone")),
    "the spoon beside the plate": near(Thing("", "spoon"), R.NEXT_TO, PLATE),
    "the mug closest to the box": near(MUG, R.NEAREST_TO, BOX),
    "the mug nearest the box": near(MUG, R.NEAREST_TO, BOX),
    "the cup farthest from the bowl": near(CUP, R.FARTHEST_FROM, BOWL),
    "the block between the red mug and the green one": near(
        Thing("", "block"), R.BETWEEN, RED_MUG, Thing("", "mug", "green")
    ),
    "the block between the two cups": near(
        Thing("", "block"), R.BETWEEN, *(Thing("", "cup", all_of_them=True),) * 2
    ),
    "what is left of the mug?": near(Thing(""), R.LEFT_OF, MUG),
    "the mug left of the red box that is behind the plate": near(
        MUG, R.LEFT_OF, near(RED_BOX, R.BEHIND, PLATE)
    ),
    "the mug left of the box behind the plate": near(MUG, R.LEFT_OF, near(BOX, R.BEHIND, PLATE)),
    "the leftmost mug": Thing("", "mug", superlative=S.LEFTMOST),
    "the mug on the left": Thing("", "mug", superlative=S.LEFTMOST),
    "the left-hand mug": Thing("", "mug", superlative=S.LEFTMOST),
    "the bowl on the far right": Thing("", "bowl", superlative=S.RIGHTMOST),
    "the right hammer": Thing("", "hammer", superlative=S.RIGHTMOST),
    "nearest mug": Thing("", "mug", superlative=S.NEAREST),
    "the one closest to me": Thing("", superlative=S.NEAREST),
    "the cup furthest away": Thing("", "cup", superlative=S.FARTHEST),
    "the largest red box": Thing("", "box", "red", superlative=S.LARGEST),
    "the biggest one": Thing("", superlative=S.LARGEST),
    "the smaller cube": Thing("", "cube", superlative=S.SMALLEST),
    "the mug that is the tallest": Thing("", "mug", superlative=S.TALLEST),
    "the cube in the middle of the table": Thing("", "cube", superlative=S.MIDDLE),
    "the leftmost mug on the tray": near(MUG, R.ON, Thing("", "tray"), superlative=S.LEFTMOST),
    "the handle of the mug": Thing("", "mug", part="handle"),
    "the red mug's handle": Thing("", "mug", "red", part="handle"),
    "the mug handle": Thing("", "mug", part="handle"),
    "the drawer's handle": Thing("", "cabinet", part="handle"),
    "the handle of the drawer": Thing("", "cabinet", part="handle"),
    "the grey cabinet's drawer": Thing("", "cabinet", "grey", part="drawer"),
    "the drawer": Thing("", "cabinet", part="drawer"),
    "the lid of the jar left of the mug": Thing("", "jar", part="lid", relation=R.LEFT_OF, anchors=(MUG,)),
    "free space": FreeSpace(),
    "an empty spot on the table": FreeSpace(),
    "the table": FreeSpace(),
    "free space behind the plate": FreeSpace(R.BEHIND, (PLATE,)),
    "a free place to the right of the bowl": FreeSpace(R.RIGHT_OF, (BOWL,)),
    "somewhere in front of the small red mug": FreeSpace(
        R.IN_FRONT_OF, (Thing("", "mug", "red", ("small",)),)
    ),
    "where can I put something between the cup and the plate": FreeSpace(R.BETWEEN, (CUP, PLATE)),
    "where is there room next to the bowl?": FreeSpace(R.NEXT_TO, (BOWL,)),
    "the space on the tray": FreeSpace(R.ON, (Thing("", "tray"),)),
    "a place on the table left of the box that is free": FreeSpace(R.LEFT_OF, (BOX,)),
    "an open area behind the open box": FreeSpace(R.BEHIND, (BOX,)),
    "left of the bowl": FreeSpace(R.LEFT_OF, (BOWL,)),
    "point to the spot left of the bowl": FreeSpace(R.LEFT_OF, (BOWL,)),
}


@pytest.mark.parametrize("text", MEANINGS)
def test_a_query_means_what_a_person_means(text: str):
    parsed = parse_query(text)
    assert parsed.target is not None, parsed.unknown_words
    assert without_phrases(parsed.target) == MEANINGS[text]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("could you find the leftmost small crimson mug left of the box", "small crimson mug"),
        ("all coffee mugs", "coffee mug"),
        ("the mug with stripes", "mug with stripes"),
        ("the mug that is red", "red mug"),
        ("the handle of the red mug", "red mug"),
        ("the blue one", "blue object"),
    ],
)
def test_the_phrase_keeps_the_words_for_the_thing_itself(text: str, phrase: str):
    target = parse_query(text).target
    assert isinstance(target, Thing)
    assert target.phrase == phrase


@pytest.mark.parametrize(
    ("text", "unknown", "suggested"),
    [
        ("the xylophone", ("xylophone",), None),
        ("the mugg", ("mugg",), "mug"),
        ("the scredriver left of the bananna", ("scredriver", "bananna"), "screwdriver"),
        ("the wooden mug", ("wooden",), None),
        ("the mug not red", ("not",), None),
        ("the second mug from the left", ("second",), None),
        ("the mug without lid", ("without",), None),
        ("the tomato", ("tomato",), None),
        ("the coffee", ("coffee",), "coffee mug"),
        ("3 mugs", ("3",), None),
        ("кружка", ("кружка",), None),
    ],
)
def test_unknown_words_are_reported_never_ignored(text: str, unknown: tuple[str, ...], suggested: str | None):
    parsed = parse_query(text)
    assert parsed.target is None
    assert parsed.unknown_words == unknown
    if suggested:
        assert suggested in parsed.suggestions


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("???", "empty"),
        ("x" * 10_000, "at most 500"),
        ("the red blue mug", "two colours"),
        ("the mug left of", "a thing is missing"),
        ("the leftmost rightmost mug", "both"),
        ("the mug and the bowl", "'and'"),
        ("the cup between the mug", "two things"),
        ("the mug left of the cup right of the box behind the plate in the bowl", "more than 2"),
        ("the", "missing"),
        ("please", "missing"),
    ],
)
def test_what_makes_no_query_is_refused_in_one_line(text: str, says: str):
    with pytest.raises(QueryError, match=says) as caught:
        parse_query(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_known_words_in_any_order_are_understood_or_refused():
    rng = np.random.default_rng(2)
    words = sorted(KNOWN_WORDS)
    for _ in range(1500):
        text = " ".join(rng.choice(words, size=rng.integers(1, 12)))[:LONGEST_QUERY]
        try:
            parsed = parse_query(text)
        except QueryError:
            continue
        assert (parsed.target is None) == bool(parsed.unknown_words)


def test_what_is_no_language_is_refused_or_reported():
    rng = np.random.default_rng(3)
    for _ in range(150):
        text = "".join(chr(c) for c in rng.integers(1, 0x2FFF, size=rng.integers(1, 60)))
        with contextlib.suppress(QueryError):
            assert parse_query(text).target is None
