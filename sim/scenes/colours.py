"""What colour words look like: RGB around a canonical colour, clearly nearer to it than to any other."""

import numpy as np

from robotics.reasoning.language.families import COLOURS

CANONICAL: dict[str, tuple[float, float, float]] = {
    "black": (0.07, 0.07, 0.08),
    "blue": (0.12, 0.28, 0.78),
    "brown": (0.42, 0.25, 0.13),
    "green": (0.12, 0.56, 0.22),
    "grey": (0.50, 0.50, 0.51),
    "orange": (0.95, 0.48, 0.07),
    "pink": (0.95, 0.55, 0.70),
    "purple": (0.48, 0.20, 0.62),
    "red": (0.82, 0.10, 0.10),
    "turquoise": (0.15, 0.72, 0.70),
    "white": (0.92, 0.92, 0.90),
    "yellow": (0.96, 0.82, 0.12),
}
assert tuple(CANONICAL) == COLOURS

_TABLE = np.array([CANONICAL[name] for name in COLOURS])


def shade(colour: str, rng: np.random.Generator) -> np.ndarray:
    """A random RGB (3,) 0..1 that a viewer calls so."""
    base = np.array(CANONICAL[colour])
    for spread in (0.09, 0.07, 0.05, 0.03):
        bright = 1 + rng.uniform(-1.6, 1.6) * spread
        rgb = np.clip(base * bright + rng.uniform(-spread, spread, 3), 0.03, 0.97)
        if colour in ("black", "grey", "white"):
            rgb = np.clip(rgb.mean() + 0.15 * (rgb - rgb.mean()), 0.03, 0.97)
        if _is_clear(rgb, colour):
            return rgb
    return base


def _is_clear(rgb: np.ndarray, colour: str) -> bool:
    distance = np.linalg.norm(_TABLE - rgb, axis=1)
    own = COLOURS.index(colour)
    return bool(distance[own] < 0.7 * np.delete(distance, own).min())


def contrast(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A second colour (3,) for a pattern, that does not change what the first is called."""
    light, dark = np.full(3, rng.uniform(0.82, 0.95)), np.full(3, rng.uniform(0.05, 0.18))
    brightness = rgb @ [0.3, 0.6, 0.1]
    if brightness < 0.25:
        return light
    if brightness > 0.7:
        return dark if rng.random() < 0.5 else rgb * 0.45
    return [light, rgb * 0.4, dark][int(rng.integers(3))]
