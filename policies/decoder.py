"""The fast half of the policy: a condition vector to an action chunk, by flow matching."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TEXT_NOISE = 0.5


@dataclass(frozen=True)
class DecoderConfig:
    """Size of the action decoder."""

    action_dim: int
    """Action dimensions."""
    condition_dim: int
    """Length of the condition vector (context and joint state)."""
    horizon: int = 50
    """Chunk steps; a multiple of `patch`."""
    patch: int = 5
    """Chunk steps per token."""
    width: int = 160
    """Token width."""
    layers: int = 3
    """Transformer layers."""
    heads: int = 4
    """Attention heads."""
    flow_steps: int = 5
    """Euler steps when acting."""
    text_dim: int = 0
    """So many last entries of the condition are sentence features."""
    text_channels: int = 8
    """What the decoder may know of them: enough for the kind of task, too little to tell a demonstration by
    its sentence (noise of `TEXT_NOISE` is added to each channel, which lies in -1..1, in training)."""

    def __post_init__(self) -> None:
        if self.horizon % self.patch:
            raise ValueError(f"'horizon' {self.horizon} wants a multiple of 'patch' {self.patch}")
        if self.text_dim > self.condition_dim:
            raise ValueError(f"'text_dim' {self.text_dim} is more than 'condition_dim' {self.condition_dim}")


class _Layer(nn.Module):
    """Transformer layer modulated by the condition (adaptive layer norm, as in DiT, arXiv 2212.09748)."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.modulate = nn.Linear(width, 6 * width)
        self.qkv = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 3 * width), nn.GELU(approximate="tanh"), nn.Linear(3 * width, width)
        )
        nn.init.zeros_(self.modulate.weight)
        nn.init.zeros_(self.modulate.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        a_scale, a_shift, a_gate, m_scale, m_shift, m_gate = self.modulate(condition)[:, None].chunk(
            6, dim=-1
        )
        y = F.layer_norm(x, x.shape[-1:]) * (1 + a_scale) + a_shift
        q, k, v = self.qkv(y).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        x = x + (1 + a_gate) * self.project(y)
        y = F.layer_norm(x, x.shape[-1:]) * (1 + m_scale) + m_shift
        return x + (1 + m_gate) * self.mlp(y)


class ActionDecoder(nn.Module):
    """Velocity field of a flow from Gaussian noise (time 0) to normalised action chunks (time 1)."""

    def __init__(self, config: DecoderConfig):
        super().__init__()
        self.config = config
        width, tokens = config.width, config.horizon // config.patch
        channels = config.text_channels if config.text_dim else 0
        self.read_text = nn.Linear(config.text_dim, channels) if channels else None
        self.condition = nn.Sequential(
            nn.Linear(config.condition_dim - config.text_dim + channels, 2 * width),
            nn.GELU(approximate="tanh"),
            nn.Linear(2 * width, 2 * width),
            nn.GELU(approximate="tanh"),
            nn.Linear(2 * width, width),
        )
        self.time = nn.Sequential(nn.Linear(32, width), nn.GELU(approximate="tanh"), nn.Linear(width, width))
        self.embed = nn.Linear(config.patch * config.action_dim, width)
        self.position = nn.Parameter(torch.randn(tokens, width) * 0.02)
        self.layers = nn.ModuleList(_Layer(width, config.heads) for _ in range(config.layers))
        self.out = nn.Linear(width, config.patch * config.action_dim)

    def forward(self, noisy: Tensor, time: Tensor, condition: Tensor) -> Tensor:
        """Flow velocity.

        Args:
            noisy: Point on the flow, (batch, horizon, action_dim).
            time: Flow time 0..1, (batch,).
            condition: Normalised condition vector, (batch, condition_dim).

        Returns:
            (batch, horizon, action_dim).
        """
        return self._velocity(noisy, time, self._embed(condition))

    def _embed(self, condition: Tensor) -> Tensor:
        if self.read_text is not None:
            rest, text = condition.split(
                [condition.shape[-1] - self.config.text_dim, self.config.text_dim], dim=-1
            )
            text = torch.tanh(self.read_text(text))
            if self.training:
                text = text + TEXT_NOISE * torch.randn_like(text)
            condition = torch.cat([rest, text], dim=-1)
        return self.condition(condition)

    def _velocity(self, noisy: Tensor, time: Tensor, condition: Tensor) -> Tensor:
        frequencies = torch.exp(torch.linspace(0, math.log(200.0), 16, device=noisy.device))
        angles = time[:, None] * frequencies
        condition = F.gelu(condition + self.time(torch.cat([angles.sin(), angles.cos()], dim=-1)))
        tokens = noisy.unflatten(1, (-1, self.config.patch)).flatten(2)  # (batch, token, patch * action_dim)
        x = self.embed(tokens) + self.position
        for layer in self.layers:
            x = layer(x, condition)
        x = self.out(F.layer_norm(x, x.shape[-1:]))
        return x.unflatten(-1, (self.config.patch, -1)).flatten(1, 2)

    def loss(self, chunks: Tensor, condition: Tensor, mask: Tensor) -> Tensor:
        """Conditional flow-matching loss (arXiv 2210.02747, straight paths).

        Args:
            chunks: Normalised action chunks, (batch, horizon, action_dim).
            condition: (batch, condition_dim).
            mask: 1 where a step exists in the episode, (batch, horizon).
        """
        noise = torch.randn_like(chunks)
        # More weight near noise, where the conditional mean is decided (as pi0 does).
        time = torch.distributions.Beta(1.0, 1.5).sample((len(chunks),)).to(chunks)
        path = time[:, None, None] * chunks + (1 - time)[:, None, None] * noise
        error = (self(path, time, condition) - (chunks - noise)) ** 2
        return (error * mask[..., None]).sum() / (mask.sum() * self.config.action_dim).clamp_min(1)

    @torch.no_grad()
    def decode(self, condition: Tensor, noise: Tensor) -> Tensor:
        """Normalised action chunks (batch, horizon, action_dim) from noise of the same shape."""
        embedded, steps = self._embed(condition), self.config.flow_steps
        x = noise
        for k in range(steps):
            time = torch.full((len(x),), k / steps, device=x.device, dtype=x.dtype)
            x = x + self._velocity(x, time, embedded) / steps
        return x
