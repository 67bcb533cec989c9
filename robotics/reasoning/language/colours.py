"""Colour words: those that training says, those that it never says, and any other named colour by its RGB."""

import functools

import numpy as np

from robotics.reasoning.language.families import COLOURS
from robotics.reasoning.language.nouns import Synonym, parse_synonyms

COLOUR_WORDS: dict[str, tuple[Synonym, ...]] = {
    colour: parse_synonyms(text, colour)
    for colour, text in {
        "black": "black | jet black, ebony, pitch black",
        "blue": "blue, navy, dark blue, light blue | azure, cobalt, sky blue, sapphire, royal blue, indigo",
        "brown": "brown, chocolate brown, dark brown, light brown | chestnut, mahogany, umber,"
        " coffee brown, chocolate",
        "green": "green, emerald, dark green, light green | lime, olive, forest green, jade, lime green",
        "grey": "grey, gray, dark grey, light grey | silver, slate, slate grey, charcoal, ash grey",
        "orange": "orange, tangerine, dark orange, light orange | amber, bright orange, pumpkin orange",
        "pink": "pink, rose, light pink, hot pink | fuchsia, salmon pink, bright pink, bubblegum pink",
        "purple": "purple, violet, dark purple, light purple | lavender, lilac, mauve, plum purple",
        "red": "red, crimson, dark red, bright red | scarlet, ruby, cherry red, vermilion, blood red, maroon,"
        " burgundy",
        "turquoise": "turquoise, cyan, dark turquoise | teal, aqua, aquamarine, light turquoise",
        "white": "white, ivory, off white | cream, snow white, pearl white",
        "yellow": "yellow, golden, bright yellow, light yellow | gold, lemon yellow, canary yellow,"
        " dark yellow",
    }.items()
}

_NEIGHBOURS = 5
"""Prototypes that vote on what an unlisted colour name means."""


def srgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65), shape (..., 3), of sRGB 0..1, shape (..., 3)."""
    rgb = np.asarray(rgb, float)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = linear @ to_xyz.T / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


@functools.cache
def named_colours() -> dict[str, str]:
    """About 1,000 more colour names -> canonical colour: CSS4's and those of the xkcd colour survey.

    Names that end in a canonical colour ("sea green") mean it and vote, as prototypes in Lab, on those that
    do not ("crimson"). Matplotlib, which has both tables, takes 0.2 s to import: hence on first need only.
    """
    from matplotlib.colors import CSS4_COLORS, XKCD_COLORS, to_rgb

    rgb = {name.removeprefix("xkcd:"): to_rgb(value) for name, value in XKCD_COLORS.items()}
    rgb |= {name: to_rgb(value) for name, value in CSS4_COLORS.items()}
    lab = {name: srgb_to_lab(np.array(value)) for name, value in rgb.items()}
    meaning = {name: last_colour for name in lab if (last_colour := _canonical_end(name))}
    prototypes = np.array([lab[name] for name in meaning])  # (prototype, 3)
    votes = np.array([COLOURS.index(colour) for colour in meaning.values()])
    for name in lab.keys() - meaning.keys():
        nearest = np.argsort(np.linalg.norm(prototypes - lab[name], axis=1))[:_NEIGHBOURS]
        meaning[name] = COLOURS[np.bincount(votes[nearest], minlength=len(COLOURS)).argmax()]
    return meaning


def _canonical_end(name: str) -> str:
    """'red' of 'dark red' or 'darkred', '' of 'crimson'."""
    name = name.replace("gray", "grey")
    return next((c for c in COLOURS if name.endswith(c)), "")
