"""The slow half of the policy: images and instruction to the world positions of object and goal."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from policies.grounding import POINTS, GroundingConfig, GroundingNet
from policies.text import TextConfig, TextEncoder
from robotics.pinhole import Intrinsics


@dataclass(frozen=True)
class BackboneConfig:
    """Which cameras are looked at, by which network."""

    cameras: dict[str, str] = field(
        default_factory=lambda: {"overhead": "scene", "wrist_left": "wrist", "wrist_right": "wrist"}
    )
    """Camera name -> name of its network; cameras of one kind share one."""
    networks: dict[str, GroundingConfig] = field(
        default_factory=lambda: {
            "scene": GroundingConfig(184, 240, depth_centre_m=1.0, depth_scale_m=0.05),
            "wrist": GroundingConfig(
                120, 160, depth_centre_m=0.2, depth_scale_m=0.1, channels=64, fine_channels=32
            ),
        }
    )
    text: TextConfig = field(default_factory=TextConfig)

    def __post_init__(self) -> None:
        missing = sorted(set(self.cameras.values()) - set(self.networks))
        if missing:
            raise ValueError(
                f"cameras name networks that do not exist: {missing}; there are {sorted(self.networks)}"
            )


@dataclass(frozen=True)
class Context:
    """What the decoder reads; batch first, cameras in config order."""

    points: Tensor
    """World positions, (batch, camera, point, 3) [m]."""
    confidence: Tensor
    """(batch, camera, point)"""
    rotation_axes: Tensor
    """Tool x and y axes in the world at grasp and release, from the first camera, (batch, point, 6)."""
    text: Tensor
    """(batch, text_dim)"""
    joint_goals: "JointGoals | None" = None
    """Filled in by `policies.condition.find_joint_goals`."""


@dataclass(frozen=True)
class JointGoals:
    """Where the joints are when a tool is at a point of the first camera, with the rotation seen there.

    Every arm by itself; batch first. See robotics/kinematics/reach.py.
    """

    point: Tensor
    """The points, in the world, (batch, point, 3) [m]."""
    position: Tensor
    """(batch, point, action_dim), grippers as at home."""
    derivative: Tensor
    """By the point, (batch, point, action_dim, 3) [rad/m]."""


@dataclass(frozen=True)
class CameraPose:
    """camera_in_world of a batch, and the projection at the network's image size."""

    rotation: Tensor
    """(batch, 3, 3)"""
    position: Tensor
    """(batch, 3) [m]"""
    intrinsics: Intrinsics


def orthonormal_axes(axes: Tensor) -> Tensor:
    """Gram-Schmidt of x and y axis, (..., 6) -> (..., 6) (arXiv 1812.07035)."""
    x = F.normalize(axes[..., :3], dim=-1)
    y = F.normalize(axes[..., 3:] - (x * axes[..., 3:]).sum(-1, keepdim=True) * x, dim=-1)
    return torch.cat([x, y], dim=-1)


class Backbone(nn.Module):
    """Text encoder and one grounding network per kind of camera."""

    def __init__(self, config: BackboneConfig):
        super().__init__()
        self.config = config
        self.text = TextEncoder(config.text)
        # The view tells a shared network which of its cameras it looks through.
        self.view = nn.ParameterDict(
            {camera: nn.Parameter(torch.randn(config.text.output_dim) * 0.1) for camera in config.cameras}
        )
        self.networks = nn.ModuleDict(
            {name: GroundingNet(net, config.text.output_dim) for name, net in config.networks.items()}
        )

    def fused(self) -> "Backbone":
        """A copy for inference on the CPU, equal up to rounding (see `GroundingNet.fused`)."""
        copy = deepcopy(self).eval()
        for name in copy.networks:
            network = copy.networks[name]
            assert isinstance(network, GroundingNet)
            copy.networks[name] = network.fused()
        return copy

    def network_of(self, camera: str) -> GroundingNet:
        network = self.networks[self.config.cameras[camera]]
        assert isinstance(network, GroundingNet)
        return network

    def size_of(self, camera: str) -> tuple[int, int]:
        """Height, width of the network's input."""
        config = self.network_of(camera).config
        return config.height, config.width

    def prepare(self, camera: str, image: np.ndarray) -> Tensor:
        """uint8 tensor (3, height, width) of the network's size from an RGB image (rows, columns, 3)."""
        height, width = self.size_of(camera)
        if image.shape[:2] != (height, width):
            image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        return torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)

    def encode_text(self, instructions: Sequence[str]) -> Tensor:
        """(batch, text_dim)"""
        return self.text(self.text.tokenize(list(instructions)))

    def context(self, images: Mapping[str, Tensor], poses: Mapping[str, CameraPose], text: Tensor) -> Context:
        """Ground every camera and lift the points to the world.

        Args:
            images: Per camera uint8 (batch, 3, height, width).
            poses: Per camera.
            text: Sentence features, (batch, text_dim).
        """
        points, confidence, axes = [], [], torch.zeros(len(text), len(POINTS), 6)
        for index, camera in enumerate(self.config.cameras):
            grounded = self.network_of(camera).ground(images[camera], text + self.view[camera])
            pose = poses[camera]
            points.append(lift(grounded.pixel, grounded.depth_m, pose))
            confidence.append(grounded.confidence)
            if index == 0:
                in_camera = grounded.rotation_axes.unflatten(-1, (2, 3))  # x axis, y axis
                in_world = torch.einsum("bij,bpaj->bpai", pose.rotation, in_camera)
                axes = orthonormal_axes(in_world.flatten(-2))
        return Context(torch.stack(points, 1), torch.stack(confidence, 1), axes, text)


def lift(pixel: Tensor, depth_m: Tensor, pose: CameraPose) -> Tensor:
    """World points (batch, point, 3) [m] of pixels (batch, point, 2) and depths (batch, point) [m]."""
    k = pose.intrinsics
    inner = torch.stack(
        [(pixel[..., 0] - k.cx) / k.fx * depth_m, (pixel[..., 1] - k.cy) / k.fy * depth_m, depth_m], dim=-1
    )
    return torch.einsum("bij,bpj->bpi", pose.rotation, inner) + pose.position[:, None]
