"""Long things with a handle, lying on the table, and the cabinet with its drawer."""

from collections.abc import Callable

import numpy as np

from sim.scenes.meshes import Mesh, box, joined, prism, revolved, tube
from sim.scenes.shape import Piece, Shape

_METAL = (0.66, 0.67, 0.7)
_DARK = (0.13, 0.13, 0.15)
_WOOD = (0.66, 0.47, 0.28)
_BRISTLE = (0.85, 0.78, 0.6)


def _rod(start: float, end: float, radius: float, height: float, taper: float = 1.0) -> Mesh:
    """A round bar along x between two places [m] with its axis at `height`."""
    x = np.array([start, (start + end) / 2, end])
    return tube(
        np.column_stack([x, 0 * x, 0 * x + height]), radius * np.array([1.0, (1 + taper) / 2, taper]), 10
    )


def _grip(length: float, radius: float) -> Piece:
    return Piece(_rod(-length, 0.0, radius, radius), part="handle")


def hammer(rng: np.random.Generator) -> Shape:
    length, radius = rng.uniform(0.14, 0.2), rng.uniform(0.009, 0.013)
    head = tube(
        np.array([[0.012, -0.04, 0], [0.012, -0.015, 0], [0.012, 0.03, 0]]) + np.array([0.0, 0.0, radius]),
        np.array([1.0, 0.95, 1.15]) * rng.uniform(0.011, 0.015),
        10,
    )
    return Shape.of([_grip(length, radius), Piece(head, [_METAL, _DARK][rng.integers(2)], "head")], 1)


def screwdriver(rng: np.random.Generator) -> Shape:
    length, radius = rng.uniform(0.075, 0.1), rng.uniform(0.011, 0.016)
    shaft = _rod(0.0, rng.uniform(0.07, 0.11), 0.0035, radius)
    return Shape.of([_grip(length, radius), Piece(shaft, _METAL, "tip")], 1)


def knife(rng: np.random.Generator) -> Shape:
    length, radius = rng.uniform(0.085, 0.11), rng.uniform(0.008, 0.011)
    blade_length, width = rng.uniform(0.1, 0.14), rng.uniform(0.018, 0.028)
    outline = np.array(
        [
            [0, -width / 2],
            [blade_length * 0.8, -width / 2],
            [blade_length, width / 4],
            [blade_length * 0.7, width / 2],
            [0, width / 2],
        ]
    )
    blade = prism(outline, 0.002).moved((0, 0, radius - 0.001))
    return Shape.of([_grip(length, radius), Piece(blade, _METAL, "blade")], 1)


def marker(rng: np.random.Generator) -> Shape:
    length, radius = rng.uniform(0.11, 0.14), rng.uniform(0.008, 0.011)
    body = _rod(-length * 0.62, 0.0, radius, radius)
    cap = _rod(0.0, length * 0.38, radius * 1.08, radius * 1.08, 0.85)
    white = (0.92, 0.92, 0.9)
    colours = [(white, None), (None, _DARK)][rng.integers(2)]
    return Shape.of([Piece(body, colours[0]), Piece(cap, colours[1], "lid")], 1)


def pen(rng: np.random.Generator) -> Shape:
    length, radius = rng.uniform(0.12, 0.15), rng.uniform(0.004, 0.006)
    body = _rod(-length * 0.88, 0.0, radius, radius)
    tip = _rod(0.0, length * 0.12, radius, radius, 0.2)
    return Shape.of([Piece(body), Piece(tip, [_METAL, _DARK, _WOOD][rng.integers(3)], "tip")], 1)


def spoon(rng: np.random.Generator) -> Shape:
    length, radius = rng.uniform(0.1, 0.14), rng.uniform(0.004, 0.006)
    scoop_x, scoop_y = rng.uniform(0.024, 0.034), rng.uniform(0.016, 0.023)
    scoop = revolved([(0, 0), (0.6, 0.1), (1, 0.55), (0.92, 0.55), (0.55, 0.2), (0, 0.14)], 20)
    stretch, ahead = np.array([scoop_x, scoop_y, 0.016]), np.array([scoop_x * 0.9, 0.0, 0.0])
    stretched = Mesh(
        scoop.vertices * stretch + ahead,
        scoop.faces,
        tuple(h * stretch + ahead for h in scoop.hulls),
        tuple(s * stretch + ahead for s in scoop.solids),
    )
    grip = Piece(_rod(-length, 0.004, radius, 0.008, 0.8), part="handle")
    return Shape.of([grip, Piece(stretched, part="head")], 1)


def wrench(rng: np.random.Generator) -> Shape:
    length, width = rng.uniform(0.1, 0.14), rng.uniform(0.007, 0.01)
    jaw, thick = rng.uniform(0.015, 0.02), rng.uniform(0.008, 0.011)
    grip = box((length, 2 * width, thick))
    angle = np.radians(np.linspace(42, 318, 16))
    outer = np.column_stack([jaw * np.cos(angle), jaw * np.sin(angle)])
    inner = outer[::-1] * 0.5
    quads = [
        prism(np.array([outer[i], outer[i + 1], inner[-2 - i], inner[-1 - i]]), thick)
        for i in range(len(angle) - 1)
    ]
    head = joined(*quads).moved((length / 2 + jaw * 0.85, 0, 0))
    return Shape.of([Piece(grip, part="handle"), Piece(head, part="head")], 1)


def brush(rng: np.random.Generator) -> Shape:
    length, radius = rng.uniform(0.09, 0.13), rng.uniform(0.006, 0.009)
    head, width = rng.uniform(0.045, 0.065), rng.uniform(0.022, 0.036)
    back = box((head, width, 0.01), (head / 2, 0, 0.014))
    bristles = box((head * 0.94, width * 0.9, 0.016), (head / 2, 0, -0.002))
    grip = Piece(_rod(-length, 0.004, radius, 0.019, 1.0), part="handle")
    return Shape.of([grip, Piece(back, part="head"), Piece(bristles, _BRISTLE, "head")], 1)


def cabinet(rng: np.random.Generator) -> Shape:
    """Its drawer's front looks along -y of the drawing, and so does the handle."""
    width, depth, height = rng.uniform(0.18, 0.26), rng.uniform(0.15, 0.21), rng.uniform(0.08, 0.12)
    wall = 0.006
    hull = joined(
        box((width, depth, wall)),
        box((width, depth, wall), (0, 0, height - wall)),
        box((width, wall, height), (0, depth / 2 - wall / 2, 0)),
        *(box((wall, depth, height), (s * (width - wall) / 2, 0, 0)) for s in (-1, 1)),
    )
    front_y = -depth / 2
    inner = width - 2 * wall - 0.006
    front = box((inner, 0.012, height - 2 * wall - 0.006), (0, front_y + 0.006, wall + 0.003))
    length, middle = depth - 0.02, front_y + depth / 2
    sides = joined(
        *(
            box((0.004, length, height * 0.5), (s * (inner / 2 - 0.004), middle, wall + 0.004))
            for s in (-1, 1)
        ),
        box((inner - 0.008, length, 0.004), (0, middle, wall + 0.004)),
        box((inner - 0.008, 0.004, height * 0.5), (0, middle + length / 2 - 0.002, wall + 0.004)),
    )
    z, reach = height * rng.uniform(0.45, 0.65), rng.uniform(0.025, 0.05)
    if rng.random() < 0.5:  # a T: a stem and a bar
        handle = joined(
            box((0.018, reach, 0.02), (0, front_y - reach / 2, z - 0.01)),
            box((rng.uniform(0.04, 0.06), 0.01, 0.024), (0, front_y - reach, z - 0.012)),
        )
    else:  # a bow
        half = inner * rng.uniform(0.12, 0.28)
        path = np.array([[-half, 0.002, 0], [-half, -reach, 0], [half, -reach, 0], [half, 0.002, 0]])
        handle = tube(path + np.array([0.0, front_y, z]), np.full(4, 0.006), 8)
    colour = [None, (0.93, 0.42, 0.07), _METAL, _DARK][rng.integers(4)]
    front_colour = [None, (0.9, 0.9, 0.88), _WOOD][rng.integers(3)]
    pieces = [
        Piece(hull),
        Piece(front, front_colour, "drawer", slides=True),
        Piece(sides, (0.78, 0.66, 0.5), "drawer", slides=True),
        Piece(handle, colour, "handle", slides=True),
    ]
    return Shape.of(pieces, 1, top=(width / 2, depth / 2), slide=(0.0, -0.65 * depth, 0.0))


TOOLS: dict[str, Callable[[np.random.Generator], Shape]] = {
    "brush": brush,
    "cabinet": cabinet,
    "hammer": hammer,
    "knife": knife,
    "marker": marker,
    "pen": pen,
    "screwdriver": screwdriver,
    "spoon": spoon,
    "wrench": wrench,
}
