"""The props of the built-in tasks as instances of scenes, with the very sizes and colours of `sim.props`."""

from sim.props import BOWL, CABINET, COLOURS
from sim.scenes.meshes import box, joined, revolved
from sim.scenes.shape import Cavity, Piece, Shape

Prop = tuple[str, str, tuple[float, float, float], Shape]
"""Family, colour, RGB 0..1, shape."""


def _rgb(name: str) -> tuple[float, float, float]:
    return COLOURS[name][:3]


def _cuboid(x: float, y: float, z: float, symmetry: int) -> Shape:
    return Shape.of([Piece(box((x, y, z)))], symmetry, top=(x / 2, y / 2))


def _bowl() -> Shape:
    s, lip = BOWL, BOWL.thickness
    profile = [
        (0.0, 0.0),
        (s.floor_radius * 0.9, 0.0),
        (s.floor_radius + 0.006 + lip, 0.006),
        (s.rim_radius + lip, s.height),
        (s.rim_radius, s.height),
        (s.floor_radius + 0.006, s.thickness + 0.006),
        (s.floor_radius * 0.9, s.thickness),
        (0.0, s.thickness),
    ]
    inner = s.floor_radius * 0.65
    return Shape.of(
        [Piece(revolved(profile, 32, hollow=s.thickness))], 0, cavity=Cavity((inner, inner), s.thickness)
    )


def _cabinet() -> Shape:
    s, wall, gap = CABINET, 0.006, 0.003
    hull = joined(
        *(box((s.depth, wall, s.height), (-s.depth / 2, y * (s.width - wall) / 2, 0)) for y in (-1, 1)),
        *(box((s.depth, s.width, wall), (-s.depth / 2, 0, z)) for z in (0.0, s.height - wall)),
        box((wall, s.width, s.height), (-s.depth + wall / 2, 0, 0)),
    )
    width, height = s.width - 2 * wall - 2 * gap, s.height - 2 * wall - 2 * gap
    front = box((2 * wall, width, height), (-wall - 0.004, 0, wall + gap))
    length, low = s.depth - 2 * wall, wall + gap
    inside = joined(
        box((length, width, 0.006), (-s.depth / 2, 0, low)),
        *(box((length, 0.006, 0.05), (-s.depth / 2, y * (width / 2 - 0.003), low)) for y in (-1, 1)),
        box((0.006, width, 0.05), (-s.depth / 2 - length / 2 + 0.003, 0, low)),
    )
    stem_end = s.handle_reach + 0.016
    handle = joined(
        box((stem_end + 0.006, 0.018, 0.024), ((stem_end - 0.006) / 2, 0, s.handle_height - 0.012)),
        box((0.01, 0.052, 0.028), (stem_end + 0.005, 0, s.handle_height - 0.014)),
    )
    pieces = [
        Piece(hull),
        Piece(front, _rgb("white"), "drawer", slides=True),
        Piece(inside, (0.78, 0.66, 0.50), "drawer", slides=True),
        Piece(handle, _rgb("orange"), "handle", slides=True),
    ]
    return Shape.of(pieces, 1, top=(s.depth / 2, s.width / 2), slide=(s.travel, 0.0, 0.0))


def task_props() -> list[Prop]:
    """Everything that the four tasks put on the table; blocks twice as in 'red block' and 'red cube'."""
    cubes = [("cube", name, _rgb(name), _cuboid(0.04, 0.04, 0.04, 4)) for name in ("red", "green", "blue")]
    return [
        *cubes,
        ("cube", "red", _rgb("red"), _cuboid(0.038, 0.038, 0.038, 4)),
        ("cylinder", "green", _rgb("green"), _cylinder()),
        ("block", "yellow", _rgb("yellow"), _cuboid(0.056, 0.032, 0.036, 2)),
        ("bowl", "white", _rgb("white"), _bowl()),
        ("bowl", "white", _rgb("white"), _bowl()),
        ("cabinet", "grey", _rgb("slate"), _cabinet()),
    ]


def _cylinder() -> Shape:
    profile = [(0.0, 0.0), (0.019, 0.0), (0.019, 0.04), (0.0, 0.04)]
    return Shape.of([Piece(revolved(profile, 24))], 0, top=(0.012, 0.012))
