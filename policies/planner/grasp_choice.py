"""Where a hand may take a thing: what the reasoner proposes, and straight down onto the thing's box."""

from dataclasses import dataclass

import numpy as np

from policies.planner.arms import Arms, half_turned, level, pointing
from policies.planner.sight import box_axes, extent, span
from robotics.pose import Pose
from robotics.reasoning.answers import Box3D, Grasp
from robotics.reasoning.reasoner import GripperShape

_LEANS_RAD = (0.0, 0.25, 0.5)
"""A hand leans outwards so much where an upright one does not reach."""
_LEAN_COST = 1.0
_TURN_COST = 0.3
"""Of a radian that the hand turns from how it closes at home."""
_DOUBT_COST = 2.0
"""Of a grasp that is sure to fail."""
_OWN_CONFIDENCE = 0.75
"""Of a grasp that only a box proposes."""
_SPARE_GAP_M = 0.008
"""A thing is so much narrower than the widest gap."""
_ABOVE_TABLE_M = 0.004
"""The fingers end so far above the table."""
_DEEPEST_M = 0.03
"""Of a tall thing so much is taken between the fingers."""


@dataclass(frozen=True)
class GraspOption:
    """A way for one arm to take a thing."""

    arm: str
    tool: Pose
    """tool_in_world when the fingers close."""
    width: float
    """Expected distance of the fingertips on the thing [m]."""
    cost: float
    """Before anything is known about the way there; lower is better."""


def grasp_options(
    arms: Arms, arm: str, box: Box3D, proposed: list[Grasp], gripper: GripperShape
) -> list[GraspOption]:
    """Every option of one arm, the cheapest first."""
    options = []
    for grasp in proposed:
        assert grasp.position is not None and grasp.rotation is not None
        pose = Pose(np.array(grasp.position), np.array(grasp.rotation, float))
        width = extent(box, pose.rotation[:, 1])
        for tool in (pose, half_turned(pose)):
            cost = _turn_cost(arms, arm, tool) + _DOUBT_COST * (1.0 - grasp.confidence)
            options.append(GraspOption(arm, tool, min(width, arms.widest(arm)), cost))
    options += _from_box(arms, arm, box, gripper)
    return sorted(options, key=lambda option: option.cost)


def _from_box(arms: Arms, arm: str, box: Box3D, gripper: GripperShape) -> list[GraspOption]:
    """Down onto the box, closing along one of its level axes."""
    low, high = span(box)
    height = max(
        min(box.center[2], 0.5 * (low + high)),
        high - _DEEPEST_M,
        gripper.tip_length + _ABOVE_TABLE_M,
    )
    position = np.array([box.center[0], box.center[1], height])
    outward = level(position - arms.base[arm])
    options = []
    for axis in box_axes(box).T:
        if abs(axis[2]) > 0.5:
            continue
        width = extent(box, level(axis))
        if width > arms.widest(arm) - _SPARE_GAP_M:
            continue
        for closing in (level(axis), -level(axis)):
            ahead = np.array([-closing[1], closing[0], 0.0])
            ahead *= np.sign(ahead @ outward) or 1.0
            for lean in _LEANS_RAD:
                approach = np.sin(lean) * ahead - np.array([0.0, 0.0, np.cos(lean)])
                tool = Pose.from_matrix(pointing(closing, approach), position)
                cost = (
                    _turn_cost(arms, arm, tool)
                    + _LEAN_COST * lean
                    + _DOUBT_COST * (1.0 - _OWN_CONFIDENCE)
                    + 2.0 * width  # the slimmer side first
                )
                options.append(GraspOption(arm, tool, width, cost))
    return options


def _turn_cost(arms: Arms, arm: str, tool: Pose) -> float:
    home = level(arms.home_tool[arm].rotation[:, 1])
    return _TURN_COST * float(np.arccos(np.clip(level(tool.rotation[:, 1]) @ home, -1.0, 1.0)))
