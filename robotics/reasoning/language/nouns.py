"""What people call the things of `families` and their parts, and which words training never says."""

from dataclasses import dataclass

from robotics.reasoning.language.families import FAMILIES


@dataclass(frozen=True)
class Synonym:
    """One way to say one meaning."""

    text: str
    """Lower case words."""
    meaning: str
    """Canonical word, e.g. of `families.FAMILIES`."""
    held_out: bool = False
    """Never said in training; kept for the test of unseen synonyms."""


# Before the bar: said in training. After it: held out. The canonical word itself always comes first.
_NOUNS = {
    "apple": "apple | toy apple",
    "ball": "ball, sphere | orb, globe, round ball",
    "banana": "banana | plantain, toy banana",
    "basket": "basket, wicker basket | hamper, woven basket",
    "block": "block, brick, cuboid | building block, rectangular block, toy brick",
    "book": "book, notebook | booklet, textbook, novel",
    "bottle": "bottle, water bottle | flask, plastic bottle",
    "bowl": "bowl, salad bowl | basin, soup bowl, cereal bowl",
    "box": "box, open box, carton | crate, bin, cardboard box",
    "brush": "brush, paintbrush | hairbrush, paint brush, scrubbing brush",
    "cabinet": "cabinet, drawer unit | cupboard, chest of drawers, dresser",
    "can": "can, tin, soda can | tin can, beverage can, soup can",
    "candle": "candle, wax candle | taper",
    "carrot": "carrot | toy carrot",
    "cone": "cone, traffic cone | pylon, safety cone",
    "cross": "cross, plus sign | plus, plus shape, cross shape",
    "cube": "cube, die | cubic block, dice, cube block",
    "cup": "cup, tumbler, drinking cup | beaker, paper cup, cup without a handle",
    "cylinder": "cylinder, cylindrical block | cylindrical piece, cylinder block",
    "egg": "egg | chicken egg, hen egg",
    "hammer": "hammer, claw hammer | mallet",
    "jar": "jar, jam jar | canister, glass jar, cookie jar",
    "knife": "knife, kitchen knife | table knife, cutter",
    "marker": "marker, felt pen | highlighter, felt tip pen, marker pen",
    "mug": "mug, coffee mug, cup with a handle | coffee cup, teacup, coffee cup with a handle, tea mug",
    "pear": "pear | toy pear",
    "pen": "pen, ballpoint pen | biro, ballpoint, pencil",
    "phone": "phone, smartphone, cell phone | mobile phone, telephone, cellphone, handset",
    "plate": "plate, dinner plate, dish | saucer, platter, flat plate",
    "remote": "remote, remote control | tv remote, remote controller, clicker",
    "ring": "ring, torus | hoop, donut, doughnut",
    "screwdriver": "screwdriver | phillips screwdriver, screw driver",
    "sponge": "sponge, dish sponge | scrubber, scouring pad, cleaning sponge",
    "spoon": "spoon, tablespoon | teaspoon, ladle, soup spoon",
    "star": "star, star shape | five pointed star, starlet",
    "tray": "tray, serving tray | salver, flat tray",
    "wedge": "wedge, ramp | doorstop, triangular block, prism",
    "wrench": "wrench | spanner, adjustable wrench",
}
assert tuple(_NOUNS) == FAMILIES

_GENERIC = "object, thing, item | piece, article"
"""Anything at all; its meaning is ''."""

_PARTS = {
    "handle": "handle, grip | shaft, knob, pull",
    "rim": "rim, edge | brim, lip",
    "lid": "lid, cover | cap, top cover",
    "drawer": "drawer | sliding drawer",
    "blade": "blade | cutting edge",
    "tip": "tip, point | nib",
    "head": "head | bristles",
    "neck": "neck | bottleneck",
    "stem": "stem, stalk | stalk end",
    "bottom": "bottom, base | underside, foot",
}

_IRREGULAR_PLURALS = {
    "die": "dice",
    "dice": "dice",
    "knife": "knives",
    "novel": "novels",
    "chest of drawers": "chests of drawers",
    "cup with a handle": "cups with a handle",
    "cup without a handle": "cups without a handle",
    "coffee cup with a handle": "coffee cups with a handle",
}


def parse_synonyms(text: str, meaning: str) -> tuple[Synonym, ...]:
    """Of 'said in training, also | held out, also'."""
    train, _, held_out = text.partition("|")
    return tuple(
        Synonym(word.strip(), meaning, held)
        for part, held in ((train, False), (held_out, True))
        for word in part.split(",")
        if word.strip()
    )


def plural(text: str) -> str:
    """Of a noun phrase: 'coffee mug' -> 'coffee mugs'."""
    if text in _IRREGULAR_PLURALS:
        return _IRREGULAR_PLURALS[text]
    *before, last = text.split()
    if last in _IRREGULAR_PLURALS:
        last = _IRREGULAR_PLURALS[last]
    elif last.endswith(("s", "x", "sh", "ch")):
        last += "es"
    elif last.endswith("y") and last[-2] not in "aeiou":
        last = last[:-1] + "ies"
    else:
        last += "s"
    return " ".join((*before, last))


NOUNS: dict[str, tuple[Synonym, ...]] = {
    family: parse_synonyms(text, family) for family, text in _NOUNS.items()
}
"""Family -> what it is called."""

GENERIC: tuple[Synonym, ...] = parse_synonyms(_GENERIC, "")

PARTS: dict[str, tuple[Synonym, ...]] = {part: parse_synonyms(text, part) for part, text in _PARTS.items()}
"""Canonical part -> what it is called."""

WHOLE_OF_PART = {"drawer": "cabinet"}
"""Parts that name their thing by themselves: 'the drawer' is a cabinet's."""
