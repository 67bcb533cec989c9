"""The second look: a small network that sees one thing enlarged and says what it is and where it ends."""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from policies.reasoner.closer_crops import CHANNELS
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
    """Of the hidden layer before the words and numbers."""


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
    """A convolutional trunk; numbers and words from its pooled end, maps from all its sizes."""

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
        self.words = nn.Linear(config.width, sum(len(words) for words in WORDS.values()))
        self.values = nn.Linear(config.width, sum(VALUES.values()))

    def forward(self, crops: Tensor) -> Closer:
        """
        Args:
            crops: See `closer_crops.crop_channels`, (crop, CHANNELS, 64, 64).
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
        names = self.words(F.relu(self.hidden_words(pooled))).float()
        hidden = F.relu(self.hidden_values(torch.cat([pooled, f16.flatten(1)], dim=1)))
        numbers = self.values(hidden).float()
        return Closer(
            dict(zip(WORDS, names.split([len(w) for w in WORDS.values()], dim=1), strict=True)),
            dict(zip(VALUES, numbers.split(list(VALUES.values()), dim=1), strict=True)),
            maps[:, 0],
            maps[:, 1],
        )


def closer_config(table: dict[str, Any]) -> CloserNetConfig:
    """From what `dataclasses.asdict` and JSON made of it."""
    return CloserNetConfig(tuple(table["channels"]), tuple(table["blocks"]), int(table["width"]))
