"""Things that hold other things, or that one drinks from: bowls, plates, mugs, bottles, boxes."""

from collections.abc import Callable

import numpy as np

from sim.scenes.meshes import Mesh, box, joined, revolved, tube
from sim.scenes.shape import Cavity, Piece, Shape

_DARK = (0.16, 0.16, 0.18)
_METAL = (0.72, 0.73, 0.75)


def open_vessel(bottom: float, rim: float, height: float, wall: float) -> Mesh:
    """A round vessel that widens from `bottom` to `rim` (inner radii) over `height` [m]."""
    curve = [(bottom + (rim - bottom) * t**0.7, height * t) for t in (0.0, 0.25, 0.5, 0.75, 1.0)]
    outside = [(0.0, 0.0), (bottom, 0.0), *((r + wall, max(z, 0.001)) for r, z in curve[1:])]
    inside = [(r, max(z, wall)) for r, z in reversed(curve)]
    return revolved([*outside, *inside, (0.0, wall)], hollow=wall)


def _rim(radius: float, height: float, wall: float) -> Piece:
    """The upper edge of a round vessel."""
    low = height - 0.004
    profile = [(radius, low), (radius + wall, low), (radius + wall, height), (radius, height), (radius, low)]
    return Piece(revolved(profile, hollow=0.0), part="rim")


def bowl(rng: np.random.Generator) -> Shape:
    rim, wall = rng.uniform(0.05, 0.085), 0.004
    bottom, height = rim * rng.uniform(0.4, 0.75), rim * rng.uniform(0.5, 0.85)
    inner = bottom * 0.75
    return Shape.of(
        [Piece(open_vessel(bottom, rim, height, wall)), _rim(rim, height, wall)],
        0,
        cavity=Cavity((inner, inner), wall),
    )


def plate(rng: np.random.Generator) -> Shape:
    rim, height = rng.uniform(0.07, 0.12), rng.uniform(0.012, 0.022)
    bottom = rim * rng.uniform(0.6, 0.75)
    inner = bottom * 0.7
    return Shape.of(
        [Piece(open_vessel(bottom, rim, height, 0.004)), _rim(rim, height, 0.004)],
        0,
        cavity=Cavity((inner, inner), 0.004),
    )


def cup(rng: np.random.Generator) -> Shape:
    rim, wall = rng.uniform(0.03, 0.042), 0.003
    height = rim * rng.uniform(1.9, 2.8)
    bottom = rim * rng.uniform(0.65, 0.95)
    return Shape.of(
        [Piece(open_vessel(bottom, rim, height, wall)), _rim(rim, height, wall)],
        0,
        lies=True,
        cavity=Cavity((bottom * 0.6, bottom * 0.6), wall),
    )


def mug(rng: np.random.Generator) -> Shape:
    radius, wall = rng.uniform(0.034, 0.045), 0.004
    height = radius * rng.uniform(1.8, 2.5)
    body = revolved(
        [(0, 0), (radius, 0), (radius, height), (radius - wall, height), (radius - wall, wall), (0, wall)],
        hollow=wall,
    )
    angle = np.linspace(-1.35, 1.35, 9)
    reach, half = radius * rng.uniform(0.6, 0.85), height * rng.uniform(0.26, 0.36)
    path = np.column_stack(
        [radius - 0.002 + reach * np.cos(angle), 0 * angle, height * 0.52 + half * np.sin(angle)]
    )
    handle = tube(path, np.full(9, rng.uniform(0.0045, 0.007)), 8)
    inner = (radius - wall) * 0.65
    return Shape.of(
        [Piece(body), _rim(radius - wall, height, wall), Piece(handle, part="handle")],
        1,
        lies=True,
        cavity=Cavity((inner, inner), wall),
    )


def bottle(rng: np.random.Generator) -> Shape:
    radius, height = rng.uniform(0.025, 0.04), rng.uniform(0.13, 0.21)
    neck, shoulder = radius * rng.uniform(0.3, 0.45), height * rng.uniform(0.55, 0.72)
    body = revolved([(0, 0), (radius, 0), (radius, shoulder), (neck, height * 0.82), (0, height * 0.82)])
    throat = revolved([(0, height * 0.82), (neck, height * 0.82), (neck, height * 0.93), (0, height * 0.93)])
    cap = revolved([(0, height * 0.93), (neck * 1.25, height * 0.93), (neck * 1.25, height), (0, height)])
    lid = [None, _DARK, (0.9, 0.9, 0.9)][rng.integers(3)]
    return Shape.of([Piece(body), Piece(throat, part="neck"), Piece(cap, lid, "lid")], 0, lies=True)


def can(rng: np.random.Generator) -> Shape:
    radius = rng.uniform(0.027, 0.04)
    height, rim = radius * rng.uniform(2.4, 3.4), 0.004
    body = revolved([(0, rim), (radius, rim), (radius, height - rim), (0, height - rim)])
    ends = [
        revolved([(0, 0), (radius * 0.9, 0), (radius, rim), (0, rim)]),
        revolved([(0, height - rim), (radius, height - rim), (radius * 0.88, height), (0, height - 0.002)]),
    ]
    return Shape.of(
        [Piece(body), Piece(joined(*ends), _METAL)], 0, lies=True, top=(radius * 0.7, radius * 0.7)
    )


def jar(rng: np.random.Generator) -> Shape:
    radius = rng.uniform(0.03, 0.045)
    height, lid = radius * rng.uniform(1.7, 2.4), rng.uniform(0.012, 0.02)
    glass = revolved(
        [
            (0, 0),
            (radius * 0.92, 0),
            (radius, 0.006),
            (radius, height * 0.85),
            (radius * 0.75, height),
            (0, height),
        ]
    )
    top = revolved([(0, height), (radius * 0.85, height), (radius * 0.85, height + lid), (0, height + lid)])
    return Shape.of([Piece(glass), Piece(top, [_METAL, _DARK][rng.integers(2)], "lid")], 0, lies=True)


def candle(rng: np.random.Generator) -> Shape:
    radius, height = rng.uniform(0.014, 0.03), rng.uniform(0.06, 0.12)
    wax = revolved(
        [(0, 0), (radius, 0), (radius, height), (radius * 0.8, height + 0.002), (0, height - 0.002)]
    )
    wick = revolved(
        [(0, height - 0.002), (0.0015, height - 0.002), (0.0015, height + 0.012), (0, height + 0.012)], 6
    )
    flame = revolved(
        [(0, height + 0.01), (0.004, height + 0.016), (0.0025, height + 0.026), (0, height + 0.033)], 8
    )
    return Shape.of([Piece(wax), Piece(wick, _DARK), Piece(flame, (1.0, 0.75, 0.2))], 0)


def _walls(size: tuple[float, float, float], wall: float) -> Mesh:
    x, y, z = size
    return joined(
        box((x, y, wall)),
        *(box((wall, y, z), (side * (x - wall) / 2, 0, 0)) for side in (-1, 1)),
        *(box((x, wall, z), (0, side * (y - wall) / 2, 0)) for side in (-1, 1)),
    )


def open_box(rng: np.random.Generator) -> Shape:
    x, y, z = rng.uniform(0.11, 0.18), rng.uniform(0.08, 0.13), rng.uniform(0.045, 0.09)
    half = (x / 2 - 0.008, y / 2 - 0.008)
    return Shape.of([Piece(_walls((x, y, z), 0.004))], 2, cavity=Cavity(half, 0.004))


def tray(rng: np.random.Generator) -> Shape:
    x, y, z = rng.uniform(0.18, 0.27), rng.uniform(0.13, 0.19), rng.uniform(0.014, 0.026)
    half = (x / 2 - 0.012, y / 2 - 0.012)
    return Shape.of([Piece(_walls((x, y, z), 0.005))], 2, cavity=Cavity(half, 0.005))


def basket(rng: np.random.Generator) -> Shape:
    rim, height = rng.uniform(0.06, 0.085), rng.uniform(0.06, 0.085)
    bottom = rim * rng.uniform(0.7, 0.9)
    angle = np.linspace(0, np.pi, 13)
    path = np.column_stack(
        [
            (rim + 0.002) * np.cos(angle),
            0 * angle,
            height - 0.006 + rim * rng.uniform(0.8, 1.1) * np.sin(angle),
        ]
    )
    body = open_vessel(bottom, rim, height, 0.005)
    bands = [
        revolved(
            [(rim, z), (rim + 0.008, z), (rim + 0.008, z + 0.006), (rim, z + 0.006), (rim, z)], hollow=0.0
        )
        for z in (height - 0.006,)
    ]
    inner = bottom * 0.65
    return Shape.of(
        [
            Piece(body),
            Piece(joined(*bands), part="rim"),
            Piece(tube(path, np.full(13, 0.005), 8), part="handle"),
        ],
        2,
        cavity=Cavity((inner, inner), 0.005),
    )


VESSELS: dict[str, Callable[[np.random.Generator], Shape]] = {
    "basket": basket,
    "bottle": bottle,
    "bowl": bowl,
    "box": open_box,
    "can": can,
    "candle": candle,
    "cup": cup,
    "jar": jar,
    "mug": mug,
    "plate": plate,
    "tray": tray,
}
