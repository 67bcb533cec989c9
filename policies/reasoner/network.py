"""One look at an image: maps of things, boxes, words and free table, computed once a view."""

from copy import deepcopy
from dataclasses import dataclass
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from robotics.reasoning.language.families import COLOURS, FAMILIES, PATTERNS

Net = TypeVar("Net", bound=nn.Module)
STRIDE = 4
"""Image pixels a cell."""
GEOMETRY_CHANNELS = 5
"""Right, away [m] from the camera, height above the table [m], depth [m], valid."""

MAPS: dict[str, int] = {
    "thing": 1,
    "middle": 1,
    "table": 1,
    "handle": 1,
    "round": 1,
    "sides": 4,
    "offset": 3,
    "log_size": 3,
    "yaw2": 2,
    "yaw4": 2,
    "centre": 3,
}
"""Channels of each map: logits of being a thing, a thing's middle, the table's free top, a handle, of a round
footprint; distances to the box's left, top, right, bottom [8 cells, softplus]; from the surface under the
cell to the 3D centre in the level frame [0.1 m]; log(size / 0.05 m); sine and cosine of twice and four times
the yaw in the level frame; the centre's projection relative to the cell [8 cells] and log of its depth per
focal length."""

WORDS: dict[str, tuple[str, ...]] = {"family": FAMILIES, "colour": COLOURS, "pattern": PATTERNS}
"""Canonical words of which each cell names one of each kind."""


@dataclass(frozen=True)
class ReasonerNetConfig:
    """Size of the embedded model."""

    height: int = 168
    """Input rows; a multiple of 8."""
    width: int = 224
    """Input columns; a multiple of 8."""
    stem: tuple[int, int] = (24, 48)
    """Channels at strides 2 and 4."""
    channels: tuple[int, int, int] = (96, 144, 192)
    """At strides 8, 16, 32."""
    blocks: tuple[int, int, int] = (2, 3, 1)
    """Residual blocks at strides 8, 16, 32."""
    fine: int = 72
    """Channels of the finest map."""

    def __post_init__(self) -> None:
        if self.height % 8 or self.width % 8:
            raise ValueError(f"image size {self.height}x{self.width} wants multiples of 8")


class ConvNorm(nn.Module):
    """Convolution, batch norm, ReLU; the norm becomes part of the convolution in `fused`."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, relu: bool = True):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(outputs)
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.conv(x))
        return F.relu(y, inplace=True) if self.relu else y


class Residual(nn.Module):
    """Two convolutions around which the input passes."""

    def __init__(self, channels: int):
        super().__init__()
        self.first = ConvNorm(channels, channels)
        self.second = ConvNorm(channels, channels, relu=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(self.first(x)))


@dataclass(frozen=True)
class Maps:
    """What the network says about a batch of images; all (batch, channels, rows, columns) at stride 4."""

    values: dict[str, Tensor]
    """By the names in MAPS."""
    words: dict[str, Tensor]
    """By the names in WORDS, logits of each canonical word, (batch, word, rows, columns)."""


class ReasonerNet(nn.Module):
    """A convolutional trunk with a feature pyramid and maps at its finest level."""

    def __init__(self, config: ReasonerNetConfig):
        super().__init__()
        self.config = config
        s2, s4 = config.stem
        c8, c16, c32 = config.channels
        fine = config.fine
        self.stem = nn.Sequential(
            ConvNorm(3 + GEOMETRY_CHANNELS, s2, stride=2), ConvNorm(s2, s4, stride=2), ConvNorm(s4, s4)
        )
        self.down8 = nn.Sequential(
            ConvNorm(s4, c8, stride=2), *(Residual(c8) for _ in range(config.blocks[0]))
        )
        self.down16 = nn.Sequential(
            ConvNorm(c8, c16, stride=2), *(Residual(c16) for _ in range(config.blocks[1]))
        )
        self.down32 = nn.Sequential(
            ConvNorm(c16, c32, stride=2), *(Residual(c32) for _ in range(config.blocks[2]))
        )
        self.lateral32 = ConvNorm(c32, c16, 1)
        self.lateral16 = ConvNorm(c16, c8, 1)
        self.merge8 = ConvNorm(c8, c8)
        self.lateral8 = ConvNorm(c8, fine, 1)
        self.lateral4 = ConvNorm(s4, fine, 1)
        self.merge4 = ConvNorm(fine, fine)
        self.heads = ConvNorm(fine, 2 * fine, 3)
        self.maps = nn.Conv2d(fine, sum(MAPS.values()), 1)
        self.words = nn.Conv2d(fine, sum(len(words) for words in WORDS.values()), 1)
        nn.init.zeros_(self.maps.bias)  # type: ignore[arg-type]
        with torch.no_grad():
            self.maps.bias[:2] = -2.5  # type: ignore[index]

    def forward(self, images: Tensor, geometry: Tensor) -> Maps:
        """
        Args:
            images: 0..1, (batch, 3, height, width).
            geometry: (batch, 5, height, width); zeros where unknown.
        """
        x = torch.cat([(images - 0.45) * 4.0, geometry], dim=1).contiguous(memory_format=torch.channels_last)
        f4 = self.stem(x)
        f8 = self.down8(f4)
        f16 = self.down16(f8)
        f32 = self.down32(f16)
        f16 = f16 + enlarged(self.lateral32(f32), f16)
        f8 = self.merge8(f8 + enlarged(self.lateral16(f16), f8))
        f4 = self.merge4(self.lateral4(f4) + enlarged(self.lateral8(f8), f4))
        boxes, words = self.heads(f4).chunk(2, dim=1)
        parts = self.maps(boxes).float().split(list(MAPS.values()), dim=1)
        names = self.words(words).float().split([len(w) for w in WORDS.values()], dim=1)
        return Maps(
            dict(zip(MAPS, parts, strict=True)),
            dict(zip(WORDS, names, strict=True)),
        )


def fused(network: Net) -> Net:
    """A copy for inference, equal up to rounding: batch norms become part of their convolutions."""
    copy = deepcopy(network).eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    for module in copy.modules():
        if isinstance(module, ConvNorm) and isinstance(module.norm, nn.BatchNorm2d):
            module.conv = fuse_conv_bn_eval(module.conv, module.norm)
            module.norm = nn.Identity()
    return copy


def enlarged(x: Tensor, like: Tensor) -> Tensor:
    """A map (batch, channel, rows, columns) at the rows and columns of another one."""
    return F.interpolate(x, size=like.shape[2:], mode="bilinear", align_corners=False)
