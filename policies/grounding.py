"""Find the points that an instruction is about in one image: heat map, offset, depth, gripper rotation.

The two points are `object` (what to take; it moves with the gripper once held) and `goal` (where it
is let go). Both are labelled by hindsight from the robot's own motion in a demonstration (see
policies/hindsight.py), so no annotation and no simulator state is needed.
"""

from copy import deepcopy
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

POINTS = ("object", "goal")
STRIDE = 4
"""Image pixels per heat-map cell."""
_REGRESSED = 9
"""Per cell and point: offset u, v [cell], normalised depth, rotation as two axes (6)."""


@dataclass(frozen=True)
class GroundingConfig:
    """Size of the image network of one camera."""

    height: int
    """Input rows; a multiple of 8."""
    width: int
    """Input columns; a multiple of 8."""
    depth_centre_m: float
    """Depth along the optical axis that the network's 0 means [m]."""
    depth_scale_m: float
    """Depth that the network's 1 adds [m]."""
    channels: int = 96
    """At stride 8."""
    fine_channels: int = 48
    """At stride 4."""
    dilations: tuple[int, ...] = (1, 2, 4, 1)
    """One residual block at stride 8 each."""

    def __post_init__(self) -> None:
        if self.height % 8 or self.width % 8:
            raise ValueError(f"image size {self.height}x{self.width} wants multiples of 8")


@dataclass(frozen=True)
class Grounded:
    """Points of a batch in one camera."""

    pixel: Tensor
    """Column, row in the network's input image, (batch, point, 2) [pixel]."""
    depth_m: Tensor
    """Along the optical axis, (batch, point) [m]."""
    rotation_axes: Tensor
    """Tool x and y axis in the camera frame, unnormalised, (batch, point, 6)."""
    confidence: Tensor
    """Probability that the point is in view, (batch, point)."""


class FilmBlock(nn.Module):
    """Convolution whose channels the instruction scales and shifts; residual where the shape allows."""

    def __init__(self, inputs: int, outputs: int, text_dim: int, dilation: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=dilation, dilation=dilation, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(outputs)
        self.film = nn.Linear(text_dim, 2 * outputs)
        self.residual = inputs == outputs
        nn.init.normal_(self.film.weight, std=0.02)
        nn.init.zeros_(self.film.bias)

    def forward(self, x: Tensor, text: Tensor) -> Tensor:
        scale, shift = self.film(text)[:, :, None, None].chunk(2, dim=1)
        y = F.relu(self.norm(self.conv(x)) * (1 + scale) + shift)
        return x + y if self.residual else y


def _downsample(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )


class GroundingNet(nn.Module):
    """Small U-shaped convolution network with language-modulated blocks."""

    def fused(self) -> "GroundingNet":
        """A copy for inference, equal up to rounding: batch norms become part of their convolutions."""
        copy = deepcopy(self).eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        for part in (*copy.stem, copy.down):
            assert isinstance(part, nn.Sequential)
            conv, norm = part[0], part[1]
            assert isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
            part[0], part[1] = fuse_conv_bn_eval(conv, norm), nn.Identity()
        for block in (*copy.blocks, *copy.fine):
            assert isinstance(block, FilmBlock) and isinstance(block.norm, nn.BatchNorm2d)
            block.conv = fuse_conv_bn_eval(block.conv, block.norm)
            block.norm = nn.Identity()
        return copy

    def __init__(self, config: GroundingConfig, text_dim: int):
        super().__init__()
        self.config = config
        fine, coarse = config.fine_channels, config.channels
        self.stem = nn.Sequential(_downsample(3, 32), _downsample(32, fine))
        self.down = _downsample(fine, coarse)
        self.mix = nn.Conv2d(coarse + 2, coarse, 1)
        self.blocks = nn.ModuleList(FilmBlock(coarse, coarse, text_dim, d) for d in config.dilations)
        self.up = nn.Conv2d(coarse, fine, 1)
        self.fine = nn.ModuleList(FilmBlock(fine, fine, text_dim) for _ in range(2))
        self.heat = nn.Conv2d(fine, len(POINTS), 1)
        self.regress = nn.Conv2d(fine, len(POINTS) * _REGRESSED, 1)
        self.absent = nn.Linear(coarse + text_dim, len(POINTS))

    def forward(
        self, images: Tensor, text: Tensor, shift: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Raw maps.

        Args:
            images: uint8 or float 0..255, (batch, 3, height, width).
            text: Sentence features, (batch, text_dim).
            shift: How far augmentation moved the content, (batch, 2) columns, rows [pixel]; the
                coordinate channels follow the content, so that "left" keeps its meaning.

        Returns:
            Heat logits (batch, point, rows, columns), absent logits (batch, point), regressed values
            (batch, point, 9, rows, columns).
        """
        x = (
            images.to(self.heat.weight.dtype)
            .sub(110.0)
            .div(60.0)
            .contiguous(memory_format=torch.channels_last)
        )
        skip = self.stem(x)
        x = self.down(skip)
        x = self.mix(torch.cat([x, self._coordinates(x, shift)], dim=1))
        for block in self.blocks:
            x = block(x, text)
        absent = self.absent(torch.cat([x.mean((2, 3)), text], dim=1))
        x = F.interpolate(self.up(x), size=skip.shape[2:], mode="bilinear", align_corners=False) + skip
        for block in self.fine:
            x = block(x, text)
        return self.heat(x), absent, self.regress(x).unflatten(1, (len(POINTS), _REGRESSED))

    @staticmethod
    def _coordinates(x: Tensor, shift: Tensor | None) -> Tensor:
        batch, _, rows, columns = x.shape
        v = torch.linspace(-1, 1, rows, device=x.device, dtype=x.dtype)[None, :, None].expand(
            batch, rows, columns
        )
        u = torch.linspace(-1, 1, columns, device=x.device, dtype=x.dtype)[None, None].expand(
            batch, rows, columns
        )
        if shift is not None:
            u = u - (2 * shift[:, 0] / (8 * columns))[:, None, None]
            v = v - (2 * shift[:, 1] / (8 * rows))[:, None, None]
        return torch.stack([u, v], dim=1)

    def ground(self, images: Tensor, text: Tensor) -> Grounded:
        """Most likely point of each kind: the heat map's peak, refined over its neighbourhood."""
        heat, absent, values = self(images, text)
        _, _, rows, columns = heat.shape
        heat, absent, values = heat.float(), absent.float(), values.float()
        peak = heat.flatten(2).argmax(-1)  # (batch, point)
        row, column = peak // columns, peak % columns
        v = torch.arange(rows, device=heat.device)[:, None]
        u = torch.arange(columns, device=heat.device)[None, :]
        near = ((v - row[..., None, None]).abs() <= 1) & ((u - column[..., None, None]).abs() <= 1)
        weight = heat.masked_fill(~near, -torch.inf).flatten(2).softmax(-1).unflatten(2, (rows, columns))
        cell_u = u + 0.5 + values[:, :, 0]
        cell_v = v + 0.5 + values[:, :, 1]
        pixel = torch.stack([(weight * cell_u).sum((2, 3)), (weight * cell_v).sum((2, 3))], dim=-1) * STRIDE
        mean = (weight[:, :, None] * values).sum((3, 4))  # (batch, point, 9)
        depth = self.config.depth_centre_m + self.config.depth_scale_m * mean[..., 2]
        present = torch.logsumexp(heat.flatten(2), -1)
        return Grounded(pixel, depth, mean[..., 3:], torch.sigmoid(present - absent))


@dataclass(frozen=True)
class GroundingLabels:
    """What the maps should say, in the coordinates of the (augmented) input image."""

    pixel: Tensor
    """(batch, point, 2) [pixel]"""
    depth_m: Tensor
    """(batch, point) [m]"""
    rotation_axes: Tensor
    """(batch, point, 6)"""
    in_view: Tensor
    """bool (batch, point)"""
    known: Tensor
    """bool (batch, point): whether there is a label at all."""
    rotation_known: Tensor
    """bool (batch, point)"""


def grounding_loss(
    net: GroundingNet, maps: tuple[Tensor, Tensor, Tensor], labels: GroundingLabels
) -> dict[str, Tensor]:
    """Cross entropy of heat map plus 'absent', and L1 of the regressed values around the true cell."""
    heat, absent, values = (m.float() for m in maps)
    _, _, rows, columns = heat.shape
    cell = labels.pixel / STRIDE - 0.5  # (batch, point, 2), in cells
    u = torch.arange(columns, device=heat.device)
    v = torch.arange(rows, device=heat.device)
    du = cell[..., 0, None, None] - u[None, None, None, :]
    dv = cell[..., 1, None, None] - v[None, None, :, None]
    gauss = torch.exp(-(du**2 + dv**2) / (2 * 0.8**2))  # (batch, point, rows, columns)
    seen = (labels.in_view & labels.known).float()
    target = gauss.flatten(2)
    target = target / target.sum(-1, keepdim=True).clamp_min(1e-6) * seen[..., None]
    target = torch.cat([target, 1 - seen[..., None]], dim=-1)
    logits = torch.cat([heat.flatten(2), absent[..., None]], dim=-1)
    known = labels.known.float()
    heat_loss = -(target * logits.log_softmax(-1)).sum(-1)
    heat_loss = (heat_loss * known).sum() / known.sum().clamp_min(1)
    near = gauss * (gauss > 0.1) * seen[..., None, None]
    norm = near.sum().clamp_min(1e-6)
    offset = ((values[:, :, 0] - du).abs() + (values[:, :, 1] - dv).abs()) * near
    depth = (labels.depth_m - net.config.depth_centre_m) / net.config.depth_scale_m
    depth_error = (values[:, :, 2] - depth[..., None, None]).abs() * near
    turned = near * labels.rotation_known.float()[..., None, None]
    rotation_error = (values[:, :, 3:] - labels.rotation_axes[..., None, None]).abs().mean(2) * turned
    return {
        "heat": heat_loss,
        "offset": offset.sum() / norm,
        "depth": depth_error.sum() / norm,
        "rotation": rotation_error.sum() / turned.sum().clamp_min(1e-6),
    }
