"""What a reasoner answers: points, boxes, 3D boxes, grasps, trajectories, correspondences, success, text.

Columns and rows are pixels of the view's image (the centre of the top left pixel is (0.5, 0.5)); metres and
quaternions are in the frame that the answer names. Text formats (integers 0..1000, y first) are the business
of `robotics.reasoning.formats`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]


class Frame(Enum):
    """What positions and rotations are relative to."""

    WORLD = "world"
    """z up, origin at the table's centre on its surface."""
    CAMERA = "camera"
    """OpenCV axes: x right, y down, z forward, origin at the camera."""
    LEVEL = "level"
    """The camera's frame turned level: x right, y away from the viewer, z up against gravity, origin at the
    camera. Where gravity is unknown, the camera is taken to be level (y = optical axis)."""


@dataclass(frozen=True)
class Point:
    """A place in the image."""

    column: float
    """[pixel]"""
    row: float
    """[pixel]"""
    label: str = ""
    confidence: float = 1.0
    """Calibrated probability that the answer is right, 0..1."""
    position: Vector | None = None
    """Of the surface under the pixel, in `frame` [m]; None: unknown."""
    frame: Frame = Frame.WORLD


@dataclass(frozen=True)
class Box2D:
    """An upright rectangle around the visible part of a thing."""

    left: float
    """[pixel]"""
    top: float
    """[pixel]"""
    right: float
    """[pixel]"""
    bottom: float
    """[pixel]"""
    label: str = ""
    confidence: float = 1.0


@dataclass(frozen=True)
class Box3D:
    """An oriented box around a thing, hidden parts included; in the built-in models it stands upright."""

    center: Vector
    """In `frame` [m]."""
    size: Vector
    """Whole extent along the box's own x, y, z [m]; x >= y for upright boxes of the built-in models."""
    rotation: Quaternion
    """box_in_frame, wxyz."""
    frame: Frame
    label: str = ""
    confidence: float = 1.0


@dataclass(frozen=True)
class Grasp:
    """Where a parallel gripper closes. The pose's z is the approach, its y the closing direction."""

    column: float
    """Of the point between the fingertips in the image [pixel]."""
    row: float
    """[pixel]"""
    angle: float
    """Of the line between the fingertips in the image [rad], in (-pi/2, pi/2], 0 = along the image's rows,
    turning as a point goes from +x (right) to +y (down)."""
    position: Vector | None = None
    """Tool point in `frame` [m]; None: only the image is known."""
    rotation: Quaternion | None = None
    """tool_in_frame, wxyz."""
    opening: float | None = None
    """Distance of the fingertips before closing [m]."""
    frame: Frame = Frame.WORLD
    label: str = ""
    confidence: float = 1.0
    """Probability that closing here lifts the thing."""


@dataclass(frozen=True)
class Trajectory:
    """Waypoints from the thing that moves to where it ends, in order."""

    waypoints: tuple[Point, ...]
    label: str = ""
    confidence: float = 1.0


@dataclass(frozen=True)
class Correspondence:
    """A point of one view and the same point of the scene in another view."""

    source: Point
    target: Point | None
    """None: not visible there."""
    confidence: float = 1.0


@dataclass(frozen=True)
class Success:
    """Whether an instruction was carried out, from images alone."""

    achieved: bool
    probability: float
    reason: str = ""


@dataclass(frozen=True)
class Answer:
    """Free text."""

    text: str
    confidence: float = 1.0


Item = TypeVar("Item", Point, Box2D, Box3D, Grasp, Trajectory)


@dataclass(frozen=True)
class Found(Generic[Item]):
    """What a query found, best first; nothing found means that the thing is absent."""

    items: tuple[Item, ...]
    presence: float = 1.0
    """Probability that what the query names is in the view at all."""
    unknown_words: tuple[str, ...] = ()
    """Words of the query that the reasoner does not know; then `items` is empty, which says nothing about
    presence."""
    reason: str = ""
    """One line for a person, e.g. 'no red mug; there is a blue mug'."""

    @property
    def absent(self) -> bool:
        """Whether the reasoner understood the query and says that there is no such thing."""
        return not self.items and not self.unknown_words

    @property
    def best(self) -> Item | None:
        return self.items[0] if self.items else None

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)
