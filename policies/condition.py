"""The decoder's condition: newest joint state, tool poses, and the way to the context's points.

The way is told twice: from tool to point in the world, and from measured joints to those that bring the tool
there. The second saves the decoder from learning inverse kinematics from a few hundred motions.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from policies.backbone import Context, JointGoals
from policies.grounding import POINTS
from robotics.kinematics.reach import Reach

_LENGTH_SCALE_M = 0.15
_ANGLE_SCALE = 0.5
"""[rad]"""
_FINE_ANGLE = 0.1
"""Differences of this order are told finely, larger ones saturate [rad]."""
_LINEAR_M = 0.1
"""So far from a solved point, along each axis, its derivative is trusted."""


@dataclass(frozen=True)
class JointFeatures:
    """The fast half of the input; batch first."""

    position: Tensor
    """Measured joints, normalised, (batch, action_dim)."""
    measured: Tensor
    """The same in the embodiment's units."""
    gripper_target: Tensor
    """Last applied gripper targets, (batch, arm)."""
    tool_position: Tensor
    """tool_in_world, (batch, arm, 3) [m]."""
    tool_rotation: Tensor
    """(batch, arm, 3, 3)"""


def condition_dim(action_dim: int, arms: int, cameras: int, text_dim: int) -> int:
    """Length of the vector that `build_condition` makes."""
    points = len(POINTS)
    per_point = 3 + 1 + 3 * arms + 2 * (action_dim - arms)
    return action_dim + arms + arms * 9 + cameras * points * per_point + points * 6 + text_dim


def find_joint_goals(context: Context, reach: Reach) -> Context:
    """The context with its joint goals, one by one: 1 ms a point."""
    points, axes = context.points[:, 0].cpu().double().numpy(), context.rotation_axes.cpu().double().numpy()
    solved = [
        [reach.solve(point, axis) for point, axis in zip(*row, strict=True)]
        for row in zip(points, axes, strict=True)
    ]
    as_tensor = lambda index: torch.as_tensor(  # noqa: E731
        np.array([[pair[index] for pair in row] for row in solved]), dtype=torch.float32
    )
    return replace(context, joint_goals=JointGoals(context.points[:, 0].cpu(), as_tensor(0), as_tensor(1)))


def build_condition(joints: JointFeatures, context: Context, grippers: list[int]) -> Tensor:
    """(batch, condition_dim), all entries of order one; unseen points count as zero.

    Args:
        context: With joint goals.
        grippers: Dimensions of the grippers.
    """
    assert context.joint_goals is not None, "the context has no joint goals"
    batch = len(joints.position)
    seen = context.confidence[..., None]  # (batch, camera, point, 1)
    world = context.points * seen / _LENGTH_SCALE_M
    offset = (
        context.points[:, :, :, None] - joints.tool_position[:, None, None]
    )  # (batch, camera, point, arm, 3)
    offset = (offset * seen[..., None] / _LENGTH_SCALE_M).clamp(-4, 4)
    goals = context.joint_goals
    off = (context.points - goals.point[:, None]).clamp(-_LINEAR_M, _LINEAR_M)  # (batch, camera, point, 3)
    way = goals.position[:, None] + torch.einsum("bpai,bcpi->bcpa", goals.derivative, off)
    arms = [dim for dim in range(way.shape[-1]) if dim not in grippers]
    way = (way - joints.measured[:, None, None])[..., arms] * seen  # (batch, camera, point, arm joint)
    tool_axes = joints.tool_rotation.transpose(-1, -2)[:, :, :2]  # x and y axes, (batch, arm, 2, 3)
    parts = [
        joints.position,
        joints.gripper_target * 2 - 1,
        joints.tool_position / _LENGTH_SCALE_M,
        tool_axes,
        world.clamp(-4, 4),
        context.confidence,
        offset,
        (way / _ANGLE_SCALE).clamp(-4, 4),
        torch.tanh(way / _FINE_ANGLE),
        context.rotation_axes,
        context.text,
    ]
    return torch.cat([part.reshape(batch, -1) for part in parts], dim=-1)
