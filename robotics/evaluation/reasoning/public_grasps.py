"""Cornell grasps from the user's disk, with their rectangle metric (Y. Jiang et al., ICRA 2011).

A grasp is a rectangle in the picture: its first side lies along the gripper's opening, its second is as long
as the fingers are wide. The best grasp is right if one of the picture's rectangles is turned from it by at
most 30 degrees and overlaps it by more than a quarter of their union.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from robotics.evaluation.reasoning.cornell_views import read_cornell_view
from robotics.evaluation.reasoning.public_shares import (
    NONE_FOUND,
    REFUSED,
    Outcome,
    PublicShare,
    attempt,
    count_shares,
)
from robotics.reasoning.answers import Grasp
from robotics.reasoning.errors import MissingInputError
from robotics.reasoning.frames import frame_in_camera
from robotics.reasoning.reasoner import GripperShape, Reasoner
from robotics.reasoning.scenes.folder import ScenesError
from robotics.reasoning.view import View

MOST_TURNED = math.radians(30)
LEAST_OVERLAP = 0.25
QUERY = "object"
"""Each picture shows one thing, and the dataset does not name it."""
NO_SIZE, NO_PLACE = "without depth for a size", "asked without depth"


@dataclass(frozen=True)
class Rectangle:
    """Turned in the image."""

    column: float
    """Of its centre [pixel]."""
    row: float
    """[pixel]"""
    angle: float
    """Of its first side [rad], turning as a point goes from +x (right) to +y (down)."""
    opening: float
    """Length of the first side [pixel]."""
    width: float
    """Of the fingers, the second side [pixel]."""

    @property
    def corners(self) -> np.ndarray:
        """In the order of the dataset's files, shape (4, 2) [pixel]."""
        along = np.array([math.cos(self.angle), math.sin(self.angle)]) * self.opening / 2
        across = np.array([-math.sin(self.angle), math.cos(self.angle)]) * self.width / 2
        centre = np.array([self.column, self.row])
        signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        return np.stack([centre + a * along + b * across for a, b in signs])


@dataclass(frozen=True, eq=False)
class GraspPicture:
    """One picture and where its thing may be grasped."""

    picture: Path
    cloud: Path
    rectangles: tuple[np.ndarray, ...]
    """Corners, each (4, 2), column and row [pixel]."""


def is_cornell(folder: Path) -> bool:
    return next(folder.glob("*/pcd*cpos.txt"), None) is not None


def read_cornell(folder: Path) -> list[GraspPicture]:
    """Every picture with a rectangle; those with a NaN are none, and some files have them.

    Raises:
        ScenesError: A file of rectangles is damaged; which one and what is wrong.
    """
    pictures = []
    for file in sorted(folder.glob("*/pcd*cpos.txt")):
        name = file.name.removesuffix("cpos.txt")
        rectangles = read_rectangles(file)
        if rectangles:
            picture = file.with_name(f"{name}r.png")
            pictures.append(GraspPicture(picture, file.with_name(f"{name}.txt"), rectangles))
    if not pictures:
        raise ScenesError(f"no rectangles in '{folder}'")
    return pictures


def read_rectangles(file: Path) -> tuple[np.ndarray, ...]:
    """Corners of each rectangle without a NaN, shape (4, 2), column and row [pixel].

    Raises:
        ScenesError: Other than four lines of two numbers for each.
    """
    try:
        lines = [line.split() for line in file.read_text().splitlines() if line.strip()]
        corners = [[float(word) for word in line] for line in lines]
    except (OSError, ValueError) as error:
        raise ScenesError(f"{file}: {error}") from None
    wrong = next((line for line in corners if len(line) != 2), None)
    if wrong is not None:
        raise ScenesError(f"{file}: wanted two numbers a line, got {len(wrong)}")
    if len(corners) % 4:
        raise ScenesError(f"{file}: wanted four corners a rectangle, got {len(corners)} lines")
    rectangles = np.array(corners, float).reshape(-1, 4, 2)
    return tuple(r for r in rectangles if np.isfinite(r).all())


def is_right(guess: np.ndarray, truths: Iterable[np.ndarray]) -> bool:
    """Whether a rectangle, corners (4, 2), fits one of the truths, by turn and by overlap."""
    return any(turn_between(guess, t) <= MOST_TURNED and overlap(guess, t) > LEAST_OVERLAP for t in truths)


def turn_between(a: np.ndarray, b: np.ndarray) -> float:
    """Between the first sides of two rectangles, 0 .. pi / 2 [rad]: grippers are the same from both sides."""
    angles = [math.atan2(r[1, 1] - r[0, 1], r[1, 0] - r[0, 0]) for r in (a, b)]
    turn = abs(angles[0] - angles[1]) % math.pi
    return min(turn, math.pi - turn)


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two convex quadrangles (4, 2)."""
    import cv2

    ours, theirs = (cv2.convexHull(r.astype(np.float32)) for r in (a, b))
    shared = float(cv2.intersectConvexConvex(ours, theirs)[0])
    union = cv2.contourArea(ours) + cv2.contourArea(theirs) - shared
    return shared / union if union > 0 else 0.0


def project_grasp(grasp: Grasp, view: View, gripper: GripperShape) -> Rectangle | None:
    """How a grasp looks in the picture; None: its depth, and so its size, is unknown.

    Fingertips whose place is known are projected; else the grasp's own column, row and angle count.
    """
    k = view.intrinsics
    if k is None:
        return None
    opening = grasp.opening or gripper.opening
    if grasp.position is None:
        depth = _depth_at(view, grasp.column, grasp.row)
        if depth is None:
            return None
        scale = k.fx / depth
        return Rectangle(grasp.column, grasp.row, grasp.angle, opening * scale, gripper.finger_width * scale)
    try:
        frame = frame_in_camera(grasp.frame, view.camera_in_world)
    except MissingInputError:
        return None
    place = frame.apply(np.array(grasp.position))
    if place[2] <= 0.01:  # behind the camera
        return None
    width = gripper.finger_width * k.fx / float(place[2])
    if grasp.rotation is None:
        return Rectangle(grasp.column, grasp.row, grasp.angle, opening * k.fx / float(place[2]), width)
    w, x, y, z = grasp.rotation
    closing = np.array([2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)])
    half = frame.rotation @ closing * opening / 2
    tips = np.stack([place - half, place + half])
    if tips[:, 2].min() <= 0.01:
        return None
    first, second = tips[:, :2] / tips[:, 2:] * (k.fx, k.fy) + (k.cx, k.cy)
    (column, row), (dx, dy) = ((first + second) / 2).tolist(), (second - first).tolist()
    return Rectangle(column, row, math.atan2(dy, dx), math.hypot(dx, dy), width)


def _depth_at(view: View, column: float, row: float) -> float | None:
    """Median of the known depths within 5 pixels [m]."""
    if view.depth is None:
        return None
    x, y = int(column), int(row)
    around = view.depth[max(0, y - 5) : y + 6, max(0, x - 5) : x + 6]
    known = around[around > 0]
    return float(np.median(known)) if known.size else None


def score_cornell(
    reasoner: Reasoner, pictures: Sequence[GraspPicture], gripper: GripperShape | None = None
) -> list[PublicShare]:
    """The best grasp of each picture: as large as the gripper is, then as large as the usual rectangle.

    The dataset's rectangles were drawn for its own gripper. The second share gives each grasp the median
    sides of all rectangles, and so judges its place and turn alone.

    Raises:
        ImageError: A picture is missing or damaged.
        ScenesError: A point cloud is missing or damaged.
    """
    sides = [np.linalg.norm(np.diff(r[:3], axis=0), axis=1) for p in pictures for r in p.rectangles]
    opening, width = (float(side) for side in np.median(sides, axis=0))
    own, resized = [], []
    for picture in pictures:
        guess, said = _guess(reasoner, picture, gripper or GripperShape())
        right = resized_right = False
        if guess is not None:
            right = is_right(guess.corners, picture.rectangles)
            usual = replace(guess, opening=opening, width=width)
            resized_right = is_right(usual.corners, picture.rectangles)
        own.append(Outcome("", right, said))
        resized.append(Outcome("", resized_right, said))
    name = "Cornell grasps"
    return [*count_shares(own, name), *count_shares(resized, f"{name}, rectangles of the usual size")]


def _guess(reasoner: Reasoner, picture: GraspPicture, gripper: GripperShape) -> tuple[Rectangle | None, str]:
    """The best grasp's rectangle, or why there is none."""
    view = read_cornell_view(picture.picture, picture.cloud)
    found, said = attempt(lambda: reasoner.grasps(view, QUERY, gripper, 1))
    if said == REFUSED and view.depth is None:
        return None, NO_PLACE
    if found is None:
        return None, said
    if not found.items:
        return None, REFUSED if found.unknown_words else NONE_FOUND
    guess = project_grasp(found.items[0], view, gripper)
    return guess, NO_SIZE if guess is None else ""
