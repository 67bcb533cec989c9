"""The decoder's condition: newest joint state, tool poses, and the context's points relative to the tools."""

from dataclasses import dataclass

import torch
from torch import Tensor

from policies.backbone import Context
from policies.grounding import POINTS

_LENGTH_SCALE_M = 0.15


@dataclass(frozen=True)
class JointFeatures:
    """The fast half of the input; batch first."""

    position: Tensor
    """Measured joints, normalised, (batch, action_dim)."""
    gripper_target: Tensor
    """Last applied gripper targets, (batch, arm)."""
    tool_position: Tensor
    """tool_in_world, (batch, arm, 3) [m]."""
    tool_rotation: Tensor
    """(batch, arm, 3, 3)"""


def condition_dim(action_dim: int, arms: int, cameras: int, text_dim: int) -> int:
    """Length of the vector that `build_condition` makes."""
    points = len(POINTS)
    per_point = 3 + 1 + 3 * arms
    return action_dim + arms + arms * 9 + cameras * points * per_point + points * 6 + text_dim


def build_condition(joints: JointFeatures, context: Context) -> Tensor:
    """(batch, condition_dim), all entries of order one; unseen points count as zero."""
    batch = len(joints.position)
    seen = context.confidence[..., None]  # (batch, camera, point, 1)
    world = context.points * seen / _LENGTH_SCALE_M
    offset = (
        context.points[:, :, :, None] - joints.tool_position[:, None, None]
    )  # (batch, camera, point, arm, 3)
    offset = (offset * seen[..., None] / _LENGTH_SCALE_M).clamp(-4, 4)
    tool_axes = joints.tool_rotation.transpose(-1, -2)[:, :, :2]  # x and y axes, (batch, arm, 2, 3)
    parts = [
        joints.position,
        joints.gripper_target * 2 - 1,
        joints.tool_position / _LENGTH_SCALE_M,
        tool_axes,
        world.clamp(-4, 4),
        context.confidence,
        offset,
        context.rotation_axes,
        context.text,
    ]
    return torch.cat([part.reshape(batch, -1) for part in parts], dim=-1)
