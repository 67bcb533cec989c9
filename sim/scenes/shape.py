"""What one thing of a scene looks like in its own frame, and how it may stand."""

from dataclasses import dataclass, field, replace

import numpy as np

from sim.scenes.meshes import Mesh, about, joined

UPRIGHT = np.eye(3)
LYING = about("x", np.pi / 2)
"""The thing's z becomes -y... of the world: it lies on its side."""


@dataclass(frozen=True)
class Piece:
    """A part of one colour."""

    mesh: Mesh
    rgb: tuple[float, float, float] | None = None
    """A colour of its own 0..1 (metal, dark plastic); None: the thing's colour."""
    part: str = ""
    """Name of the part that it is: 'handle'."""


@dataclass(frozen=True)
class Cavity:
    """Room for other things inside."""

    half: tuple[float, float]
    """Half extents of the free floor along x and y [m]."""
    floor: float
    """Height of the floor above the underside [m]."""


@dataclass(frozen=True)
class Rest:
    """A way to stand on the table."""

    rotation: np.ndarray
    """thing_at_rest, (3, 3), in quarter turns, so that boxes stay boxes."""
    symmetry: int
    """Turns about the vertical that look alike; 0: any."""


@dataclass(frozen=True)
class Shape:
    """One instance of a family; the frame's origin is the middle of its box, z up, x the longer side."""

    pieces: tuple[Piece, ...]
    rests: tuple[Rest, ...]
    cavity: Cavity | None = None
    """When upright."""
    top: tuple[float, float] | None = None
    """Half extents of a flat top along x and y when upright [m]."""
    size: np.ndarray = field(default_factory=lambda: np.zeros(3))
    """Whole extents [m], shape (3,)."""

    @staticmethod
    def of(
        pieces: list[Piece],
        symmetry: int,
        lying: int | None = None,
        cavity: Cavity | None = None,
        top: tuple[float, float] | None = None,
        upright: bool = True,
    ) -> "Shape":
        """Centre the pieces and turn them so that x is the longer side.

        Args:
            symmetry: Of the upright rest.
            lying: Symmetry of the rest on the side; None: it never lies.
            upright: Whether it may stand upright.
        """
        whole = joined(*(piece.mesh for piece in pieces)).vertices
        lower, upper = whole.min(axis=0), whole.max(axis=0)
        turn = about("z", np.pi / 2) if upper[1] - lower[1] > upper[0] - lower[0] + 1e-6 else np.eye(3)
        middle = (lower + upper) / 2
        moved = tuple(
            replace(piece, mesh=piece.mesh.moved(tuple(-middle)).moved(rotation=turn)) for piece in pieces
        )
        size = np.abs(turn @ (upper - lower))
        if turn[0, 0] < 0.5:
            cavity = cavity and Cavity(cavity.half[::-1], cavity.floor)
            top = top and top[::-1]
        rests = [Rest(UPRIGHT, symmetry)] if upright else []
        if lying is not None:
            rests.append(Rest(LYING, lying))
        return Shape(moved, tuple(rests), cavity, top, size)

    def points(self) -> np.ndarray:
        """Its vertices in its own frame, (point, 3) [m]."""
        return joined(*(piece.mesh for piece in self.pieces)).vertices

    def part_boxes(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Middle and whole extents (3,) [m] of each named part in the thing's frame."""
        boxes = {}
        for name in {piece.part for piece in self.pieces if piece.part}:
            vertices = joined(*(p.mesh for p in self.pieces if p.part == name)).vertices
            lower, upper = vertices.min(axis=0), vertices.max(axis=0)
            boxes[name] = ((lower + upper) / 2, upper - lower)
        return boxes
