"""What one thing of a scene looks like in its own frame."""

from dataclasses import dataclass, field, replace

import numpy as np

from sim.scenes.meshes import Mesh, about, joined


@dataclass(frozen=True)
class Piece:
    """A part of one colour."""

    mesh: Mesh
    rgb: tuple[float, float, float] | None = None
    """A colour of its own 0..1 (metal, dark plastic); None: the thing's colour."""
    part: str = ""
    """Name of the part that it is: 'handle'."""
    slides: bool = False
    """Whether it belongs to the drawer."""


@dataclass(frozen=True)
class Cavity:
    """Room for other things inside."""

    half: tuple[float, float]
    """Half extents of the free floor along x and y [m]."""
    floor: float
    """Height of the floor above the underside [m]."""


@dataclass(frozen=True)
class Shape:
    """One instance of a family; the frame's origin is the middle of its box, z up, x the longer side."""

    pieces: tuple[Piece, ...]
    symmetry: int
    """Turns about z that look alike when it stands upright; 0: any."""
    upright: bool = True
    """Whether it may stand on its underside."""
    lies: bool = False
    """Whether it may lie on any other side that carries it."""
    cavity: Cavity | None = None
    """When upright."""
    top: tuple[float, float] | None = None
    """Half extents of a flat top along x and y when upright [m]."""
    slide: np.ndarray = field(default_factory=lambda: np.zeros(3))
    """Whole travel of the drawer in the thing's frame, (3,) [m]."""

    @staticmethod
    def of(
        pieces: list[Piece],
        symmetry: int,
        lies: bool = False,
        cavity: Cavity | None = None,
        top: tuple[float, float] | None = None,
        upright: bool = True,
        slide: tuple[float, float, float] = (0.0, 0.0, 0.0),
    ) -> "Shape":
        """Centre the pieces and turn them so that x is the longer side."""
        whole = joined(*(piece.mesh for piece in pieces)).vertices
        lower, upper = whole.min(axis=0), whole.max(axis=0)
        turn = about("z", np.pi / 2) if upper[1] - lower[1] > upper[0] - lower[0] + 1e-6 else np.eye(3)
        middle = (lower + upper) / 2
        moved = tuple(
            replace(piece, mesh=piece.mesh.moved(tuple(-middle)).moved(rotation=turn)) for piece in pieces
        )
        if turn[0, 0] < 0.5:
            cavity = cavity and Cavity((cavity.half[1], cavity.half[0]), cavity.floor)
            top = top and (top[1], top[0])
        return Shape(moved, symmetry, upright, lies, cavity, top, turn @ np.array(slide))

    def piece_points(self, piece: Piece, opened: float = 0.0) -> np.ndarray:
        """Vertices of one piece in the thing's frame, (point, 3) [m]."""
        return piece.mesh.vertices + (opened * self.slide if piece.slides else 0.0)

    def points(self, opened: float = 0.0) -> np.ndarray:
        """All vertices, (point, 3) [m], the drawer open by a fraction 0..1."""
        return np.concatenate([self.piece_points(piece, opened) for piece in self.pieces])

    def extent(self, opened: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """Middle and whole extents, each (3,) [m]."""
        points = self.points(opened)
        lower, upper = points.min(axis=0), points.max(axis=0)
        return (lower + upper) / 2, upper - lower

    @property
    def size(self) -> np.ndarray:
        """Whole extents when closed, (3,) [m]."""
        return self.extent()[1]

    def part_boxes(self, opened: float = 0.0) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Middle and whole extents (3,) [m] of each named part in the thing's frame."""
        boxes = {}
        for name in sorted({piece.part for piece in self.pieces if piece.part}):
            points = np.concatenate([self.piece_points(p, opened) for p in self.pieces if p.part == name])
            lower, upper = points.min(axis=0), points.max(axis=0)
            boxes[name] = ((lower + upper) / 2, upper - lower)
        return boxes
