"""Statistics of joints and chunks, floors included, and the pair normalise / denormalise."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Statistics:
    """Computed after the transform that the model sees (chunks relative to the measured joints)."""

    joint_mean: np.ndarray
    """(action_dim,)"""
    joint_std: np.ndarray
    """(action_dim,)"""
    chunk_mean: np.ndarray
    """(horizon, action_dim)"""
    chunk_std: np.ndarray
    """(horizon, action_dim)"""
    gripper: np.ndarray
    """bool (action_dim,): these are absolute in a chunk, all others relative."""

    JOINT_FLOOR = 0.05
    CHUNK_FLOOR = 0.02

    @staticmethod
    def compute(
        positions: np.ndarray, relative_chunks: np.ndarray, mask: np.ndarray, gripper: np.ndarray
    ) -> "Statistics":
        """From joints (n, action_dim) and relative chunks (n, horizon, action_dim) with mask (n, horizon)."""
        weight = mask[..., None].astype(float)
        total = weight.sum(0).clip(1)
        mean = (relative_chunks * weight).sum(0) / total
        variance = (((relative_chunks - mean) ** 2) * weight).sum(0) / total
        return Statistics(
            positions.mean(0),
            np.maximum(positions.std(0), Statistics.JOINT_FLOOR),
            mean,
            np.maximum(np.sqrt(variance), Statistics.CHUNK_FLOOR),
            gripper,
        )

    def suspicious(self, names: tuple[str, ...]) -> list[str]:
        """Dimensions whose spread is below the floor: the policy cannot learn to move them."""
        return [n for n, s in zip(names, self.joint_std, strict=True) if s <= Statistics.JOINT_FLOOR]


class Normaliser:
    """Joints and chunks to and from what the networks see."""

    def __init__(self, statistics: Statistics):
        self.statistics = statistics
        as_tensor = lambda array: torch.as_tensor(array, dtype=torch.float32)  # noqa: E731
        self._joint_mean, self._joint_std = as_tensor(statistics.joint_mean), as_tensor(statistics.joint_std)
        self._chunk_mean, self._chunk_std = as_tensor(statistics.chunk_mean), as_tensor(statistics.chunk_std)
        self._relative = as_tensor(~statistics.gripper)

    def joints(self, position: Tensor) -> Tensor:
        """Normalised measured joints (batch, action_dim)."""
        return (position - self._joint_mean) / self._joint_std

    def chunk(self, targets: Tensor, position: Tensor) -> Tensor:
        """Normalised chunk (batch, horizon, action_dim) of absolute targets and measured joints."""
        return (targets - (position * self._relative)[:, None] - self._chunk_mean) / self._chunk_std

    def targets(self, chunk: Tensor, position: Tensor) -> Tensor:
        """Absolute targets (batch, horizon, action_dim); inverse of `chunk`."""
        return chunk * self._chunk_std + self._chunk_mean + (position * self._relative)[:, None]
