"""Grasps of a thing seen with depth: fingers are fitted to its solid and ranked by what held in physics."""

from collections.abc import Iterable

import numpy as np

from policies.reasoner.grasp_search import Candidate, palm_is_free, search
from policies.reasoner.solid import Solid, box_of_points, reconstruct, upright, world_points
from robotics.pinhole import project
from robotics.pose import Pose, matrix_to_quaternion
from robotics.reasoning.answers import Box3D, Frame, Grasp
from robotics.reasoning.reasoner import GripperShape
from robotics.reasoning.view import View

_ROLLS = 12
_TILTS_RAD = (np.radians(35), np.radians(75))
_AZIMUTHS = 8
_GOOD_ENOUGH = 0.85
"""Nothing but straight down is tried where straight down looks so promising."""
_SAME_M, _SAME_RAD = 0.015, np.radians(25)
_FEWEST_PIXELS = 6

# Logistic regression of what held in physics on grasp_search.FEATURES.
_BIAS = 1.2
_WEIGHTS = np.array([4.0, -1.0, -1.95, -1.75, -0.85, -1.0, 2.0, 0.5, -0.5, -0.7, 0.0, -0.5, -0.77, -0.4])


def predict_grasps(
    view: View,
    mask: np.ndarray,
    box: Box3D | None,
    gripper: GripperShape,
    limit: int,
    part_box: Box3D | None = None,
) -> list[Grasp]:
    """Grasps of the thing under a mask, the most promising first; none if no grasp fits.

    Args:
        view: With depth and calibration.
        mask: Pixels of the thing, bool, shape (height, width).
        box: Around the whole thing in the world frame; None: inferred from what is seen of it.
        part_box: Only grasps of what lies in this box, in the world frame, e.g. a handle's.

    Returns:
        At most `limit` grasps in the world frame, no two about the same.

    Raises:
        MissingInputError: The view has no depth or no calibration.
        ValueError: A box is not in the world frame, or the mask is not as large as the image.
    """
    for given in (box, part_box):
        if given is not None and given.frame is not Frame.WORLD:
            raise ValueError(f"boxes for grasps must be in the world frame, got '{given.frame.value}'")
    if mask.shape != (view.height, view.width):
        raise ValueError(f"the mask has shape {mask.shape}, the image ({view.height}, {view.width})")
    points = world_points(view)
    if box is None:
        seen = points[mask & np.isfinite(points[..., 0])]
        if len(seen) < _FEWEST_PIXELS:
            return []
        box = box_of_points(seen)
    solid = reconstruct(
        view,
        points,
        mask,
        box,
        margin=gripper.opening + gripper.finger_thickness + 0.005,
        headroom=gripper.finger_length + 0.02,
        region=part_box,
    )
    within = None if part_box is None else upright(part_box)
    ranked = _ranked(solid, gripper, _rolled(_DOWN), within)
    if not ranked or ranked[0][0] < _GOOD_ENOUGH:
        ranked += _ranked(solid, gripper, _tilted(), within)
        ranked.sort(key=lambda pair: -pair[0])
    return [as_grasp(view, candidate, chance) for chance, candidate in _best(ranked, solid, gripper, limit)]


_DOWN = np.diag([1.0, -1.0, -1.0])
"""tool_in_world of a hand that points straight down."""


def _rolled(rotation: np.ndarray, count: int = _ROLLS) -> list[np.ndarray]:
    """A rotation turned about its own approach; half a turn is the same grasp."""
    turned = []
    for angle in np.arange(count) * np.pi / count:
        c, s = np.cos(angle), np.sin(angle)
        turned.append(rotation @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]))
    return turned


def _tilted() -> list[np.ndarray]:
    """From around and aside, fingers beside each other or one above the other."""
    found = []
    for azimuth in np.arange(_AZIMUTHS) * 2 * np.pi / _AZIMUTHS:
        for tilt in _TILTS_RAD:
            forward = np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
            approach = np.sin(tilt) * forward - np.cos(tilt) * np.array([0.0, 0.0, 1.0])
            closing = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
            found.append(np.stack([np.cross(closing, approach), closing, approach], axis=1))
    return found


def _ranked(
    solid: Solid,
    gripper: GripperShape,
    rotations: Iterable[np.ndarray],
    within: "tuple[np.ndarray, np.ndarray, np.ndarray] | None",
) -> list[tuple[float, Candidate]]:
    """Every candidate with its chance to hold, the most promising first."""
    found = [c for rotation in rotations for c in search(solid, rotation, gripper, within)]
    if not found:
        return []
    chances = chance_to_hold(np.stack([candidate.features for candidate in found]))
    order = np.argsort(-chances, kind="stable")
    return [(float(chances[i]), found[i]) for i in order]


def chance_to_hold(features: np.ndarray) -> np.ndarray:
    """Probability that closing there lifts the thing, (...,), of features (..., len(FEATURES))."""
    return 1.0 / (1.0 + np.exp(-(features @ _WEIGHTS + _BIAS)))


def _best(
    ranked: list[tuple[float, Candidate]], solid: Solid, gripper: GripperShape, limit: int
) -> list[tuple[float, Candidate]]:
    """The first `limit` that differ and leave room for the palm."""
    kept: list[tuple[float, Candidate]] = []
    for chance, candidate in ranked:
        if len(kept) == limit:
            break
        if any(is_same(candidate, other) for _, other in kept):
            continue
        if palm_is_free(solid, candidate, gripper):
            kept.append((chance, candidate))
    return kept


def is_same(a: Candidate, b: Candidate) -> bool:
    """Whether two grasps are about the same."""
    if np.linalg.norm(a.tool - b.tool) > _SAME_M:
        return False
    approach = np.arccos(np.clip(a.rotation[:, 2] @ b.rotation[:, 2], -1, 1))
    closing = np.arccos(np.clip(abs(a.rotation[:, 1] @ b.rotation[:, 1]), -1, 1))
    return bool(max(approach, closing) < _SAME_RAD)


def as_grasp(view: View, candidate: Candidate, chance: float) -> Grasp:
    column, row, angle = in_image(view, Pose.from_matrix(candidate.rotation, candidate.tool))
    return Grasp(
        column=column,
        row=row,
        angle=angle,
        position=tuple(candidate.tool.tolist()),
        rotation=tuple(matrix_to_quaternion(candidate.rotation).tolist()),
        opening=candidate.opening,
        frame=Frame.WORLD,
        confidence=chance,
    )


def in_image(view: View, tool_in_world: Pose) -> tuple[float, float, float]:
    """Column, row [pixel] and closing angle [rad] in the image of a tool pose."""
    assert view.intrinsics is not None and view.camera_in_world is not None
    camera = view.camera_in_world
    ends = tool_in_world.apply(np.array([[0, 0, 0], [0, -0.02, 0], [0, 0.02, 0]]))
    pixels = project(ends, camera.rotation, camera.position, view.intrinsics)
    right, down = pixels[2, :2] - pixels[1, :2]
    angle = np.arctan2(down, right)
    if angle <= -np.pi / 2:
        angle += np.pi
    elif angle > np.pi / 2:
        angle -= np.pi
    return float(pixels[0, 0]), float(pixels[0, 1]), float(angle)
