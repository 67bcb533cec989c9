"""What the canonical colours look like on things."""

import colorsys

import numpy as np

from robotics.reasoning.language.families import COLOURS, is_held_out

RGB: dict[str, tuple[float, float, float]] = {
    "black": (0.07, 0.07, 0.08),
    "blue": (0.11, 0.28, 0.80),
    "brown": (0.42, 0.26, 0.14),
    "green": (0.13, 0.56, 0.20),
    "grey": (0.48, 0.48, 0.50),
    "orange": (0.95, 0.46, 0.06),
    "pink": (0.95, 0.52, 0.70),
    "purple": (0.48, 0.18, 0.62),
    "red": (0.80, 0.11, 0.10),
    "turquoise": (0.13, 0.74, 0.74),
    "white": (0.92, 0.92, 0.90),
    "yellow": (0.96, 0.82, 0.12),
}


def varied(colour: str, rng: np.random.Generator) -> np.ndarray:
    """A shade that still is that colour, RGB 0..1 (3,)."""
    hue, saturation, value = colorsys.rgb_to_hsv(*RGB[colour])
    neutral = colour in ("black", "white", "grey")
    hue += 0.0 if neutral else rng.uniform(-0.018, 0.018)
    saturation *= rng.uniform(0.8, 1.1)
    value = value * rng.uniform(0.85, 1.12) if colour != "black" else rng.uniform(0.04, 0.13)
    return np.array(colorsys.hsv_to_rgb(hue % 1.0, min(saturation, 1.0), float(np.clip(value, 0.03, 1.0))))


def draw_colour(family: str, held_out: str, rng: np.random.Generator) -> str:
    """A colour word for a thing.

    Args:
        held_out: 'absent': never a pair that training must not see; 'allowed': any; 'only': a held-out one
            where the family has one.
    """
    kept_back = [colour for colour in COLOURS if is_held_out(colour, family)]
    if held_out == "only" and kept_back:
        return kept_back[rng.integers(len(kept_back))]
    choices = [c for c in COLOURS if held_out != "absent" or c not in kept_back]
    return choices[rng.integers(len(choices))]
