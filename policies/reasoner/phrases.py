"""What things are called when presence is calibrated: some of their attributes; and of whom it is true."""

import numpy as np

from robotics.reasoning.query import Thing

Words = tuple[str, str, str]
"""Family, colour, pattern."""
ALSO_CALLED = {"block": {"cube"}}
"""Families that the noun may mean, too."""
_UNSURE = {"cup": {"mug"}, "cube": {"block"}, "cylinder": {"can"}, "ball": {"egg"}}
"""Families for which the noun is neither right nor wrong."""
_KINDS = ("noun", "colour_noun", "colour", "pattern_noun", "pattern_colour_noun", "pattern")
_WEIGHTS = (0.27, 0.45, 0.1, 0.07, 0.06, 0.05)


def describe(words: Words, rng: np.random.Generator) -> Thing:
    """A thing that these words fit, by some of them."""
    family, colour, pattern = words
    kind = str(rng.choice(_KINDS, p=_WEIGHTS))
    patterned = pattern != "plain" or rng.random() < 0.2
    return Thing(
        "",
        family if "noun" in kind else "",
        colour if "colour" in kind else "",
        (pattern,) if "pattern" in kind and patterned else (),
    )


def judge(thing: Thing, words: Words) -> int:
    """Whether a description fits: 1 yes, 0 no, -1 neither."""
    family, colour, pattern = words
    if thing.colour and thing.colour != colour:
        return 0
    if thing.attributes and thing.attributes[0] != pattern:
        return 0
    if not thing.noun or thing.noun == family or family in ALSO_CALLED.get(thing.noun, ()):
        return 1
    return -1 if family in _UNSURE.get(thing.noun, ()) else 0
