"""Judge from a picture before, a picture after and an instruction whether it was carried out."""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from policies.backbone import Backbone
from policies.grounding import FilmBlock
from policies.text import TextConfig, TextEncoder
from robotics.errors import CheckpointError


@dataclass(frozen=True)
class SuccessConfig:
    """Size of the success network."""

    height: int = 96
    """Of both pictures; a multiple of 8 [pixel]."""
    width: int = 128
    """A multiple of 8 [pixel]."""
    text: TextConfig = field(default_factory=TextConfig)
    fine: int = 48
    """Channels at stride 4, where before and after are compared."""
    coarse: int = 96
    """Channels at stride 8."""

    def __post_init__(self) -> None:
        if self.height % 8 or self.width % 8:
            raise ValueError(f"picture size {self.height} x {self.width} wants multiples of 8")


def _half(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )


class SuccessNetwork(nn.Module):
    """One stem for both pictures, then blocks that the instruction modulates, then one logit."""

    def __init__(self, config: SuccessConfig):
        super().__init__()
        self.config = config
        text_dim = config.text.output_dim
        self.text = TextEncoder(config.text)
        self.stem = nn.Sequential(_half(3, 32), _half(32, 48))
        self.nothing = nn.Parameter(torch.zeros(48))
        """Stands for a picture before that is not known."""
        self.mix = nn.Conv2d(3 * 48 + 2, config.fine, 1)
        self.fine = FilmBlock(config.fine, config.fine, text_dim)
        self.down = _half(config.fine, config.coarse)
        self.blocks = nn.ModuleList(FilmBlock(config.coarse, config.coarse, text_dim) for _ in range(2))
        self.judge = nn.Sequential(
            nn.Linear(2 * config.coarse + text_dim, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 1)
        )

    def forward(self, before: Tensor, after: Tensor, known: Tensor, text: Tensor) -> Tensor:
        """Logits (batch,).

        Args:
            before: uint8 or float 0..255, (batch, 3, height, width); anything where not known.
            after: Likewise.
            known: Whether there is a picture before, bool (batch,).
            text: Sentence features, (batch, text_dim).
        """
        pictures = torch.cat([before, after]).to(self.mix.weight.dtype).sub(110.0).div(60.0)
        first, last = self.stem(pictures.contiguous(memory_format=torch.channels_last)).chunk(2)
        there = known.to(first.dtype)[:, None, None, None]
        first = first * there + self.nothing[:, None, None] * (1 - there)
        x = torch.cat([first, last, (last - first) * there, _coordinates(last)], dim=1)
        x = self.down(self.fine(self.mix(x), text))
        for block in self.blocks:
            x = block(x, text)
        pooled = torch.cat([x.mean((2, 3)), x.amax((2, 3)), text], dim=1)
        return self.judge(pooled)[:, 0]

    def start_from(self, backbone: Backbone, camera: str = "overhead") -> None:
        """Take over the words and the first layers of a driving policy, which knows colours and sides.

        Raises:
            CheckpointError: They are of another size.
        """
        try:
            self.text.load_state_dict(backbone.text.state_dict())
            self.stem.load_state_dict(backbone.network_of(camera).stem.state_dict())
        except (RuntimeError, KeyError) as error:
            raise CheckpointError(
                f"this policy's first layers do not fit: {str(error).splitlines()[0]}"
            ) from error


def _coordinates(x: Tensor) -> Tensor:
    batch, _, rows, columns = x.shape
    v = torch.linspace(-1, 1, rows, device=x.device, dtype=x.dtype)[None, :, None].expand(batch, -1, columns)
    u = torch.linspace(-1, 1, columns, device=x.device, dtype=x.dtype)[None, None].expand(batch, rows, -1)
    return torch.stack([u, v], dim=1)
