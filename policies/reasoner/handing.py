"""How a second hand takes a thing that a first hand holds in the air."""

from dataclasses import replace

import numpy as np

from policies.reasoner.grasp_search import Candidate, palm_is_free, search
from policies.reasoner.grasping import as_grasp, chance_to_hold, is_same
from policies.reasoner.solid import reconstruct, world_points
from robotics.pose import quaternion_to_matrix
from robotics.reasoning.answers import Box3D, Frame, Grasp
from robotics.reasoning.reasoner import GripperShape
from robotics.reasoning.view import View

_AZIMUTHS = 8
_TILTS_RAD = tuple(np.radians([60, 90, 120]))
_NO_TABLE = -10.0
_HAND_DEPTH_M = 0.10
"""Of a palm with what is behind it."""
_APART_M = 0.004
_WIDEST_SIDE_M = 0.012
"""As `grasp_search` opens: a closed finger is at most so far inside of where it was open."""
_APPROACH_M = 0.08


def receiving_grasps(
    view: View,
    mask: np.ndarray,
    box: Box3D,
    giver: Grasp,
    shift: np.ndarray,
    gripper: GripperShape,
    limit: int,
) -> list[Grasp]:
    """Grasps for the second hand, of the thing after it was carried by `shift`, the most promising first.

    Args:
        view: Before anything moved, with depth and calibration.
        mask: Pixels of the thing, bool, shape (height, width).
        box: Around the thing before it moved, in the world frame.
        giver: How the first hand holds it, before it moved.
        shift: From there to the meeting place, not turned, shape (3,) [m].

    Raises:
        MissingInputError: The view has no depth or no calibration.
        ValueError: The giver's grasp has no pose in the world.
    """
    if giver.position is None or giver.rotation is None or giver.frame is not Frame.WORLD:
        raise ValueError("the giver's grasp must have a pose in the world frame")
    points = world_points(view)
    margin = gripper.opening + gripper.finger_thickness + 0.005
    seen = reconstruct(view, points, mask, box, margin=margin, headroom=margin)
    # In the air there are no neighbours, and nothing is hidden that could be run into.
    nothing = np.zeros_like(seen.other)
    solid = replace(seen, other=nothing, unseen=nothing)
    position, rotation = np.array(giver.position), quaternion_to_matrix(np.array(giver.rotation))
    opening = gripper.opening if giver.opening is None else giver.opening
    boxes = hand_boxes(gripper, opening)
    free = [
        candidate
        for turned in _around()
        for candidate in search(solid, turned, gripper, table_z=_NO_TABLE)
        if _keeps_apart(candidate, gripper, boxes, position, rotation)
    ]
    if not free:
        return []
    # Tilt and height over the table, which two features measure, do not matter here.
    features = np.stack([candidate.features for candidate in free])
    features[:, -2:] = 0.0
    chances = chance_to_hold(features)
    kept: list[tuple[float, Candidate]] = []
    for i in np.argsort(-chances, kind="stable"):
        if len(kept) == limit:
            break
        candidate = free[i]
        if any(is_same(candidate, other) for _, other in kept):
            continue
        if palm_is_free(solid, candidate, gripper, table_z=_NO_TABLE):
            kept.append((float(chances[i]), candidate))
    return [
        as_grasp(view, replace(candidate, tool=candidate.tool + shift), chance) for chance, candidate in kept
    ]


def _around() -> list[np.ndarray]:
    """Rotations tool_in_world that approach from aside, fingers side by side or one above the other."""
    found = []
    for azimuth in np.arange(_AZIMUTHS) * 2 * np.pi / _AZIMUTHS:
        for tilt in _TILTS_RAD:
            forward = np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
            approach = np.sin(tilt) * forward - np.cos(tilt) * np.array([0.0, 0.0, 1.0])
            level = np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])
            for closing in (level, np.cross(approach, level)):
                found.append(np.stack([np.cross(closing, approach), closing, approach], axis=1))
    return found


def hand_boxes(gripper: GripperShape, opening: float) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Centre and half size, each (3,) [m], of boxes in the tool frame.

    They hold the two fingers, open or closed, and the palm.
    """
    inner = max(0.0, opening / 2 - _WIDEST_SIDE_M)
    outer = opening / 2 + gripper.finger_thickness
    middle = gripper.tip_length - gripper.finger_length / 2
    finger = np.array([gripper.finger_width / 2, (outer - inner) / 2, gripper.finger_length / 2])
    palm = np.array([gripper.palm_depth / 2, gripper.palm_width / 2, _HAND_DEPTH_M / 2])
    behind = gripper.tip_length - gripper.finger_length - _HAND_DEPTH_M / 2
    return (
        (np.array([0.0, (inner + outer) / 2, middle]), finger),
        (np.array([0.0, -(inner + outer) / 2, middle]), finger),
        (np.array([0.0, 0.0, behind]), palm),
    )


def _keeps_apart(
    candidate: Candidate,
    gripper: GripperShape,
    giver: tuple[tuple[np.ndarray, np.ndarray], ...],
    position: np.ndarray,
    rotation: np.ndarray,
) -> bool:
    """Whether the receiving hand, there and on its way, stays clear of the giving one."""
    lattice = np.stack(np.meshgrid(*[np.linspace(-1, 1, 6)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    for centre, half in hand_boxes(gripper, candidate.opening):
        local = centre + lattice * half
        for back in (0.0, _APPROACH_M / 2, _APPROACH_M):
            world = candidate.tool + (local - [0.0, 0.0, back]) @ candidate.rotation.T
            seen = (world - position) @ rotation
            for other_centre, other_half in giver:
                if (np.abs(seen - other_centre) <= other_half + _APART_M).all(axis=-1).any():
                    return False
    return True
