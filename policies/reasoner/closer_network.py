"""The second look: a small network that sees one thing enlarged and says what it is and where it ends."""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from policies.reasoner.closer_crops import CHANNELS, LIGHT
from policies.reasoner.network import WORDS, ConvNorm, Residual, enlarged

VALUES: dict[str, int] = {
    "is thing": 1,
    "round": 1,
    "box": 4,
    "offset": 3,
    "log_size": 3,
    "yaw2": 2,
    "yaw4": 2,
    "centre": 3,
}
"""Numbers of each thing: logits of the box being one thing's, and of a round footprint; its box in the crop
[side]; from the reference point to the 3D centre [0.05 m]; log(size / 0.05 m); sine and cosine of twice and
four times the yaw in the level frame; the centre's projection in the crop [side] and the logarithm of the
window's width there [0.1 m]."""
MAP_STRIDE = 2
"""Crop pixels a cell of the maps."""


@dataclass(frozen=True)
class CloserNetConfig:
    """Size of the network."""

    channels: tuple[int, int, int, int] = (24, 48, 96, 160)
    """At strides 2, 4, 8, 16."""
    blocks: tuple[int, int, int] = (1, 2, 2)
    """Residual blocks at strides 4, 8, 16."""
    width: int = 256
    """Of the hidden layer before the family and the numbers; half of it before colour and pattern."""


@dataclass(frozen=True)
class Closer:
    """What the network says about a batch of crops."""

    words: dict[str, Tensor]
    """By the names in WORDS, logits (crop, word)."""
    values: dict[str, Tensor]
    """By the names in VALUES, (crop, number)."""
    mask: Tensor
    """Logits of showing this thing, (crop, 32, 32)."""
    handle: Tensor
    """Logits of showing its handle, (crop, 32, 32)."""


class CloserNet(nn.Module):
    """A convolutional trunk; numbers and families from its pooled end, maps from all its sizes.

    Colours and patterns are read from what fine maps show within the mask, means and spreads, and from the
    light of the picture: from there they are learned sooner, and without regard to the family, so that pairs
    never seen together are named as well."""

    def __init__(self, config: CloserNetConfig):
        super().__init__()
        self.config = config
        c2, c4, c8, c16 = config.channels

        def stage(inputs: int, outputs: int, blocks: int) -> nn.Sequential:
            return nn.Sequential(
                ConvNorm(inputs, outputs, stride=2), *(Residual(outputs) for _ in range(blocks))
            )

        self.down2 = ConvNorm(CHANNELS, c2, stride=2)
        self.down4 = stage(c2, c4, config.blocks[0])
        self.down8 = stage(c4, c8, config.blocks[1])
        self.down16 = stage(c8, c16, config.blocks[2])
        self.lateral16 = ConvNorm(c16, c8, 1)
        self.merge8 = ConvNorm(c8, c8)
        self.lateral8 = ConvNorm(c8, c4, 1)
        self.merge4 = ConvNorm(c4, c4)
        self.lateral4 = ConvNorm(c4, c2, 1)
        self.merge2 = ConvNorm(c2, c2)
        self.maps = nn.Conv2d(c2, 2, 1)
        pooled = c16 + c8
        self.hidden_words = nn.Linear(pooled, config.width)
        self.hidden_values = nn.Linear(pooled + c16 * 16, config.width)
        self.family = nn.Linear(config.width, len(WORDS["family"]))
        self.surface_norm = nn.BatchNorm1d(2 * (3 + c2 + c4 + c8) + LIGHT)
        self.hidden_surface = nn.Linear(self.surface_norm.num_features, config.width // 2)
        self.surface = nn.Linear(config.width // 2, len(WORDS["colour"]) + len(WORDS["pattern"]))
        self.values = nn.Linear(config.width, sum(VALUES.values()))

    def forward(self, crops: Tensor, light: Tensor) -> Closer:
        """
        Args:
            crops: See `closer_crops.crop_channels`, (crop, CHANNELS, 64, 64).
            light: See `closer_crops.LIGHT`, (crop, LIGHT).
        """
        f2 = self.down2(crops.contiguous(memory_format=torch.channels_last))
        f4 = self.down4(f2)
        f8 = self.down8(f4)
        f16 = self.down16(f8)
        u8 = self.merge8(f8 + enlarged(self.lateral16(f16), f8))
        u4 = self.merge4(f4 + enlarged(self.lateral8(u8), f4))
        maps = self.maps(self.merge2(f2 + enlarged(self.lateral4(u4), f2))).float()
        shown = torch.sigmoid(F.avg_pool2d(maps[:, :1].detach(), 4)) + 0.02
        own = (u8 * shown).sum((2, 3)) / shown.sum((2, 3))
        pooled = torch.cat([f16.amax((2, 3)), own.to(f16.dtype)], dim=1)
        family = self.family(F.relu(self.hidden_words(pooled))).float()
        mask = torch.sigmoid(maps[:, :1].detach())
        fine = [(F.avg_pool2d(crops[:, :3], 2), 1), (f2, 1), (f4, 2), (f8, 4)]
        within = [value for x, size in fine for value in _within(x, F.avg_pool2d(mask, size))]
        surface = self.surface_norm(torch.cat([*within, light], dim=1))
        colour, pattern = (
            self.surface(F.relu(self.hidden_surface(surface)))
            .float()
            .split([len(WORDS["colour"]), len(WORDS["pattern"])], dim=1)
        )
        hidden = F.relu(self.hidden_values(torch.cat([pooled, f16.flatten(1)], dim=1)))
        numbers = self.values(hidden).float()
        return Closer(
            {"family": family, "colour": colour, "pattern": pattern},
            dict(zip(VALUES, numbers.split(list(VALUES.values()), dim=1), strict=True)),
            maps[:, 0],
            maps[:, 1],
        )


def _within(x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of each channel of x (crop, channel, rows, columns) where the mask
    (crop, 1, rows, columns) is, (crop, channel) each."""
    x, mask = x.float(), mask + 1e-3
    weight = mask / mask.sum((2, 3), keepdim=True)
    mean = (x * weight).sum((2, 3))
    square = (x.square() * weight).sum((2, 3)) - mean.square()
    return mean, (square.clamp_min(0) + 1e-5).sqrt()


def closer_config(table: dict[str, Any]) -> CloserNetConfig:
    """From what `dataclasses.asdict` and JSON made of it."""
    return CloserNetConfig(tuple(table["channels"]), tuple(table["blocks"]), int(table["width"]))
