"""Toys, food, stationery and electronics: things without an inside."""

from collections.abc import Callable

import numpy as np

from sim.scenes.meshes import Mesh, about, box, joined, prism, revolved, tube
from sim.scenes.shape import Piece, Shape

_DARK = (0.13, 0.13, 0.15)
_WOOD = (0.62, 0.44, 0.26)
_GREEN = (0.25, 0.5, 0.18)
_STEM = (0.35, 0.25, 0.14)
_PAPER = (0.94, 0.93, 0.88)


def _round(radius: float, height: float, squeeze: float = 1.0, rings: int = 9, pointed: float = 0.0) -> Mesh:
    """An egg-like body of revolution, from z = 0 to `height`; `pointed` moves its widest place down."""
    t = np.linspace(0, np.pi, rings)
    z = height * (1 - np.cos(t)) / 2
    r = radius * np.sin(t) ** squeeze * (1 - pointed * np.cos(np.pi - t) * 0.5)
    return revolved([(float(max(a, 0.0)), float(b)) for a, b in zip(r, z, strict=True)], 20)


def ball(rng: np.random.Generator) -> Shape:
    radius = rng.uniform(0.018, 0.04)
    return Shape.of([Piece(_round(radius, 2 * radius, rings=13))], 0)


def cube(rng: np.random.Generator) -> Shape:
    side = rng.uniform(0.028, 0.06)
    return Shape.of([Piece(box((side, side, side)))], 4, top=(side / 2, side / 2))


def block(rng: np.random.Generator) -> Shape:
    x, y, z = rng.uniform(0.055, 0.11), rng.uniform(0.024, 0.04), rng.uniform(0.02, 0.04)
    return Shape.of([Piece(box((x, y, z)))], 2, top=(x / 2, y / 2))


def cylinder(rng: np.random.Generator) -> Shape:
    radius = rng.uniform(0.014, 0.03)
    height = radius * rng.uniform(1.6, 4.0)
    return Shape.of(
        [Piece(revolved([(0, 0), (radius, 0), (radius, height), (0, height)]))],
        0,
        lies=True,
        top=(radius * 0.7, radius * 0.7),
    )


def cone(rng: np.random.Generator) -> Shape:
    radius = rng.uniform(0.02, 0.04)
    height = radius * rng.uniform(1.6, 2.8)
    return Shape.of([Piece(revolved([(0, 0), (radius, 0), (0.0015, height), (0, height)]))], 0)


def wedge(rng: np.random.Generator) -> Shape:
    x, y, z = rng.uniform(0.04, 0.08), rng.uniform(0.03, 0.05), rng.uniform(0.025, 0.05)
    outline = np.array([[-x / 2, 0.0], [x / 2, 0.0], [rng.choice([-x / 2, 0.0]), z]])
    return Shape.of([Piece(prism(outline, y).moved(rotation=about("x", np.pi / 2)))], 1)


def _star_outline(outer: float, inner: float, points: int = 5) -> np.ndarray:
    angle = np.arange(2 * points) * np.pi / points
    radius = np.where(np.arange(2 * points) % 2 == 0, outer, inner)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def star(rng: np.random.Generator) -> Shape:
    outer = rng.uniform(0.028, 0.05)
    outline = _star_outline(outer, outer * rng.uniform(0.4, 0.55))
    return Shape.of([Piece(prism(outline, rng.uniform(0.015, 0.03)))], 1)


def cross(rng: np.random.Generator) -> Shape:
    arm, half = rng.uniform(0.026, 0.045), rng.uniform(0.008, 0.013)
    a, h = arm, half
    outline = np.array(
        [
            [h, h],
            [h, a],
            [-h, a],
            [-h, h],
            [-a, h],
            [-a, -h],
            [-h, -h],
            [-h, -a],
            [h, -a],
            [h, -h],
            [a, -h],
            [a, h],
        ]
    )
    return Shape.of([Piece(prism(outline, rng.uniform(0.015, 0.028)))], 4)


def ring(rng: np.random.Generator) -> Shape:
    outer, height = rng.uniform(0.024, 0.045), rng.uniform(0.012, 0.024)
    inner = outer * rng.uniform(0.5, 0.68)
    profile = [(inner, 0), (outer, 0), (outer, height), (inner, height), (inner, 0)]
    return Shape.of([Piece(revolved(profile, 28, hollow=0.0))], 0)


def apple(rng: np.random.Generator) -> Shape:
    radius = rng.uniform(0.028, 0.038)
    stem = tube(np.array([[0, 0, radius * 1.6], [0.002, 0, radius * 2.05]]), np.array([0.0018, 0.0015]), 6)
    return Shape.of(
        [Piece(_round(radius, 1.75 * radius, 0.75, pointed=-0.15)), Piece(stem, _STEM, "stem")], 0
    )


def pear(rng: np.random.Generator) -> Shape:
    radius = rng.uniform(0.026, 0.034)
    profile = [(0, 0), (0.7, 0.1), (1, 0.55), (0.95, 0.95), (0.6, 1.6), (0.42, 2.1), (0.2, 2.45), (0, 2.5)]
    body = revolved([(r * radius, z * radius) for r, z in profile], 20)
    stem = tube(np.array([[0, 0, 2.45], [0.1, 0, 2.95]]) * radius, np.array([0.0018, 0.0014]), 6)
    return Shape.of([Piece(body), Piece(stem, _STEM, "stem")], 0, lies=True)


def egg(rng: np.random.Generator) -> Shape:
    radius = rng.uniform(0.019, 0.025)
    return Shape.of(
        [Piece(_round(radius, radius * 2.65, pointed=0.25, rings=13))], 0, lies=True, upright=False
    )


def banana(rng: np.random.Generator) -> Shape:
    bend, radius = rng.uniform(0.07, 0.1), rng.uniform(0.014, 0.019)
    angle = np.linspace(-0.95, 0.95, 11)
    path = np.column_stack([bend * np.sin(angle), bend * (np.cos(angle) - 1), 0 * angle + radius])
    profile = radius * np.clip(np.cos(angle * 1.38), 0.24, None) ** 0.5
    return Shape.of([Piece(tube(path, profile, 8))], 1)


def carrot(rng: np.random.Generator) -> Shape:
    length, radius = rng.uniform(0.1, 0.15), rng.uniform(0.012, 0.019)
    x = np.linspace(0, length, 6)
    body = tube(
        np.column_stack([x, 0 * x, 0 * x + radius]), radius * np.array([0.8, 1, 0.85, 0.62, 0.4, 0.1]), 10
    )
    leaves = [
        tube(np.array([[0, 0, radius], [-0.03, y, radius + z]]), np.array([0.004, 0.002]), 6)
        for y, z in ((-0.012, 0.002), (0.0, 0.006), (0.012, 0.002))
    ]
    return Shape.of([Piece(body), Piece(joined(*leaves), _GREEN)], 1)


def book(rng: np.random.Generator) -> Shape:
    x, y, z = rng.uniform(0.14, 0.21), rng.uniform(0.1, 0.14), rng.uniform(0.015, 0.035)
    pages = box((x - 0.006, y - 0.006, z - 0.006), (0, 0.003, 0.003))
    covers = joined(
        box((x, y, 0.003)), box((x, y, 0.003), (0, 0, z - 0.003)), box((x, 0.003, z), (0, -y / 2 + 0.0015, 0))
    )
    return Shape.of([Piece(covers), Piece(pages, _PAPER)], 1, top=(x / 2, y / 2))


def phone(rng: np.random.Generator) -> Shape:
    """Screen up or down: only from below does one see its colour whole."""
    x, y, z = rng.uniform(0.13, 0.16), rng.uniform(0.065, 0.078), rng.uniform(0.008, 0.011)
    black = (0.06, 0.07, 0.09)
    if rng.random() < 0.5:
        screen = box((x * 0.88, y * 0.82, 0.0008), (0, 0, z))
        return Shape.of([Piece(box((x, y, z))), Piece(screen, black)], 2)
    lenses = box((0.022, 0.022, 0.0015), (x / 2 - 0.02, y / 2 - 0.02, z))
    return Shape.of([Piece(box((x, y, z))), Piece(lenses, black)], 1)


def remote(rng: np.random.Generator) -> Shape:
    x, y, z = rng.uniform(0.14, 0.19), rng.uniform(0.038, 0.05), rng.uniform(0.015, 0.022)
    light = (0.85, 0.85, 0.85)
    buttons = [
        box((0.009, 0.009, 0.003), (x * (i - 2.5) / 8, y * (j - 0.5) / 2.2, z))
        for i in range(6)
        for j in range(2)
    ]
    power = box((0.01, 0.01, 0.003), (x * 0.42, 0, z))
    return Shape.of([Piece(box((x, y, z))), Piece(joined(*buttons), light), Piece(power, (0.8, 0.1, 0.1))], 1)


def sponge(rng: np.random.Generator) -> Shape:
    x, y, z = rng.uniform(0.08, 0.11), rng.uniform(0.055, 0.07), rng.uniform(0.022, 0.032)
    rough = tuple(rng.choice([[0.2, 0.4, 0.25], [0.25, 0.25, 0.28], [0.75, 0.72, 0.62]]))
    return Shape.of([Piece(box((x, y, z * 0.7))), Piece(box((x, y, z * 0.3), (0, 0, z * 0.7)), rough)], 2)


SOLIDS: dict[str, Callable[[np.random.Generator], Shape]] = {
    "apple": apple,
    "ball": ball,
    "banana": banana,
    "block": block,
    "book": book,
    "carrot": carrot,
    "cone": cone,
    "cross": cross,
    "cube": cube,
    "cylinder": cylinder,
    "egg": egg,
    "pear": pear,
    "phone": phone,
    "remote": remote,
    "ring": ring,
    "sponge": sponge,
    "star": star,
    "wedge": wedge,
}
