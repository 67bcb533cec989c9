"""Which families and colours meet in a scene: groups that only an attribute or a place tells apart."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from robotics.reasoning.language.families import COLOURS, FAMILIES, is_held_out
from sim.scenes.colours import contrast, shade
from sim.scenes.thing import Paint

HeldOut = Literal["absent", "allowed", "only"]
_NATURAL = {
    "apple": ("red", "green", "yellow"),
    "banana": ("yellow", "green"),
    "carrot": ("orange",),
    "egg": ("white", "brown"),
    "pear": ("green", "yellow"),
    "basket": ("brown",),
    "phone": ("black", "white", "grey"),
    "remote": ("black", "grey", "white"),
    "hammer": ("brown", "black", "red"),
    "plate": ("white",),
    "brush": ("brown",),
}


@dataclass(frozen=True)
class Wish:
    """A thing that a scene wants."""

    family: str
    colour: str


def allowed(wish: Wish, held_out: HeldOut) -> bool:
    return held_out != "absent" or not is_held_out(wish.colour, wish.family)


def any_wish(rng: np.random.Generator, held_out: HeldOut, family: str = "", colour: str = "") -> Wish:
    """A family and a colour, either given or drawn."""
    for _ in range(200):
        drawn = family or FAMILIES[int(rng.integers(len(FAMILIES)))]
        if not family and drawn == "cabinet" and rng.random() < 0.6:
            continue  # it is big: seldom
        tint = colour
        if not tint:
            natural = _NATURAL.get(drawn, ())
            names = natural if natural and rng.random() < 0.3 else COLOURS
            tint = names[int(rng.integers(len(names)))]
        wish = Wish(drawn, tint)
        if held_out == "only" and rng.random() < 0.8 and not is_held_out(tint, drawn):
            continue
        if allowed(wish, held_out):
            return wish
    return Wish(family or "cube", colour or "red")


def wishes(rng: np.random.Generator, count: int, held_out: HeldOut) -> list[Wish]:
    """So many things; often some share the family or the colour."""
    mode = rng.random()
    found: list[Wish] = []
    if mode < 0.3:  # one family in several colours, twice the same now and then
        family = any_wish(rng, held_out).family
        found = [any_wish(rng, held_out, family=family) for _ in range(min(count, int(rng.integers(2, 5))))]
        if rng.random() < 0.4:
            found.append(found[0])
    elif mode < 0.55:  # one colour on several families
        colour = any_wish(rng, held_out).colour
        found = [any_wish(rng, held_out, colour=colour) for _ in range(min(count, int(rng.integers(2, 5))))]
    elif mode < 0.7:  # a grid of attributes: a red and a blue cup, a red and a blue cube
        first, second = any_wish(rng, held_out), any_wish(rng, held_out)
        for family in (first.family, second.family):
            for colour in (first.colour, second.colour):
                if allowed(Wish(family, colour), held_out):
                    found.append(Wish(family, colour))
    while len(found) < count:
        found.append(any_wish(rng, held_out))
    order = rng.permutation(len(found))[:count]
    return [found[i] for i in order]


def paint(wish: Wish, rng: np.random.Generator, plain: float = 0.78) -> Paint:
    """A shade and maybe a pattern."""
    rgb = shade(wish.colour, rng)
    pattern = "plain" if rng.random() < plain else ("striped", "checkered", "spotted")[int(rng.integers(3))]
    return Paint(wish.colour, _three(rgb), pattern, _three(contrast(rgb, rng)), bool(rng.random() < 0.3))


def _three(values: np.ndarray) -> tuple[float, float, float]:
    r, g, b = (float(value) for value in values)
    return r, g, b
