"""Which thing of a small scene a query means, and why none."""

from collections.abc import Sequence

import numpy as np
import pytest

from robotics.reasoning.answers import Box2D
from robotics.reasoning.language import parse_query
from robotics.reasoning.query import Thing
from robotics.reasoning.spatial import Placed, Resolution, plain, resolve

#        name, colour, family, x, y, z, side
SCENE = [
    ("red box", -0.20, 0.50, 0.04, 0.08),  # 0
    ("red mug", -0.35, 0.50, 0.04, 0.07),  # 1
    ("red mug", 0.10, 0.50, 0.04, 0.10),  # 2
    ("blue mug", 0.30, 0.30, 0.04, 0.05),  # 3
    ("white plate", 0.00, 0.80, 0.01, 0.02),  # 4
    ("green cube", -0.20, 0.50, 0.10, 0.04),  # 5, on the box
    ("yellow ball", -0.05, 0.50, 0.03, 0.05),  # 6
]
THINGS = [Placed((x, y, z), (side, side, side)) for _, x, y, z, side in SCENE]


def match(thing: Thing) -> np.ndarray:
    """An ideal recogniser: everything by its name."""
    assert thing.relation is None and thing.superlative is None
    assert not {"small", "large"} & set(thing.attributes)
    return np.array(
        [
            0.95 if thing.noun in ("", name.split()[1]) and thing.colour in ("", name.split()[0]) else 0.05
            for name, *_ in SCENE
        ]
    )


def ask(text: str, things: Sequence = THINGS) -> Resolution:
    target = parse_query(text).target
    assert isinstance(target, Thing)
    return resolve(target, things, match)


@pytest.mark.parametrize(
    ("text", "indices"),
    [
        ("the blue mug", [3]),
        ("all mugs", [1, 2, 3]),
        ("the red mug left of the red box", [1]),
        ("the mug right of the red box", [2, 3]),
        ("the leftmost mug", [1]),
        ("the rightmost red mug", [2]),
        ("the large red mug", [2]),
        ("the small red mug", [1]),
        ("the smallest mug", [3]),
        ("the cube on the box", [5]),
        ("the box under the cube", [0]),
        ("the ball between the box and the blue mug", [6]),
        ("the ball between the two red mugs", [6]),
        ("the mug nearest to the plate", [2]),
        ("the mug farthest from the plate", [3]),
        ("the object next to the ball", []),
        ("the leftmost mug right of the box", [2]),
        ("the ball right of the box that is left of the blue mug", [6]),
        ("the mug nearest to the mug that is left of the box", [2]),
    ],
)
def test_the_right_things_are_meant(text: str, indices: list[int]):
    found = ask(text)
    clear = [i for i, score in zip(found.indices, found.scores, strict=True) if score > 0.9]
    assert sorted(clear) == indices, found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("the banana", "no banana"),
        ("the green mug", "no green mug; there is a red mug"),
        ("the orange knife", "no knife at all"),
        ("the blue mug left of the red box", "there is a blue mug but none left of the red box"),
        ("the blue mug left of the green box", "no green box; there is a red box"),
        ("the mug between the blue mugs", "there is only one blue mug"),
    ],
)
def test_a_reason_says_what_is_missing(text: str, reason: str):
    found = ask(text)
    assert found.indices == ()
    assert found.reason == reason


def test_nothing_in_view_is_a_reason_too():
    assert ask("the mug", []).reason == "no mug: nothing is there"


def test_boxes_in_the_image_are_enough():
    boxes = []
    for _, x, y, z, side in SCENE:
        column, row, half = 300 + 500 * x, 400 - 350 * y - 300 * (z - side / 2), 250 * side
        boxes.append(Box2D(column - half, row - 2 * half, column + half, row))
    assert ask("the red mug left of the red box", boxes).indices[0] == 1
    assert ask("the leftmost mug", boxes).indices == (1,)
    assert ask("the cube on the box", boxes).indices == (5,)
    assert ask("the mug in front of the plate", boxes).indices[0] == 2


def test_a_plain_thing_has_no_sizes_relations_or_superlatives():
    target = parse_query("the leftmost small striped crimson mug left of the box").target
    assert isinstance(target, Thing)
    assert plain(target) == Thing("striped red mug", "mug", "red", ("striped",))
    target = parse_query("the crimson mug").target
    assert isinstance(target, Thing)
    assert plain(target).phrase == "crimson mug"


def test_an_uncertain_anchor_does_not_lower_a_certain_answer():
    def unsure(thing: Thing) -> np.ndarray:
        scores = match(thing)
        return np.where((scores > 0.5) & (thing.noun == "box"), 0.6, scores)

    target = parse_query("the red mug left of the red box").target
    assert isinstance(target, Thing)
    assert resolve(target, THINGS, unsure).scores[0] == pytest.approx(0.95)
