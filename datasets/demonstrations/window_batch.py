"""The arrays that samples are written into: what a window holds and in which shapes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from robotics.errors import IncompatibleError

Sample = dict[str, Any]
"""One sample, or a batch with one dimension more in front; the keys are those of `WindowFormat`."""


_NUMBERS = ("intervention", "source", "episode", "row")


@dataclass(frozen=True)
class WindowFormat:
    """Shapes of one sample.

    ==================  =======================================================================
    images              {camera: uint8 (image_offset, height, width, 3)} RGB
    image_padded        {camera: bool (image_offset,)}: before the first frame, or no such camera
    image_age_s         {camera: float32 (image_offset,)}: from capture to its tick [s]
    state               float32 (state_offset, state_dim), embodiment units
    state_padded        bool (state_offset,): before the episode's first tick
    action              float32 (horizon, action_dim), embodiment units
    action_padded       bool (horizon,): after the episode's last tick, which is repeated
    action_dim_padded   bool (action_dim,): this robot has no such dimension (only in a mixture)
    instruction         str
    subtask             str, '' where nobody annotated one
    intervention        bool: a person had taken over from the policy
    source              int: which dataset of a mixture, else 0
    episode, row        int: index for `dataset.episode`, and row in that episode
    ==================  =======================================================================
    """

    cameras: Mapping[str, tuple[int, int]]
    """(height, width) [pixel]"""
    image_offsets: int
    state_offsets: int
    state_dim: int
    horizon: int
    action_dim: int

    def allocate(self, batch: int) -> Sample:
        """Arrays of `batch` samples, everything marked as padded."""
        o, zeros, ones = self.image_offsets, np.zeros, np.ones
        return {
            "images": {name: zeros((batch, o, h, w, 3), np.uint8) for name, (h, w) in self.cameras.items()},
            "image_padded": {name: ones((batch, o), bool) for name in self.cameras},
            "image_age_s": {name: zeros((batch, o), np.float32) for name in self.cameras},
            "state": zeros((batch, self.state_offsets, self.state_dim), np.float32),
            "state_padded": ones((batch, self.state_offsets), bool),
            "action": zeros((batch, self.horizon, self.action_dim), np.float32),
            "action_padded": ones((batch, self.horizon), bool),
            "action_dim_padded": ones((batch, self.action_dim), bool),
            "instruction": [""] * batch,
            "subtask": [""] * batch,
            "intervention": zeros(batch, bool),
            "source": zeros(batch, np.int64),
            "episode": zeros(batch, np.int64),
            "row": zeros(batch, np.int64),
        }

    def join(self, other: "WindowFormat", pad: bool) -> "WindowFormat":
        """The format that samples of both fit into.

        Raises:
            IncompatibleError: They differ in what padding cannot fill, or in more than `pad` allows.
        """
        if self == other:
            return self
        for name in ("image_offsets", "state_offsets", "horizon"):
            if getattr(self, name) != getattr(other, name):
                raise IncompatibleError(
                    f"windows with {name} {getattr(self, name)} and {getattr(other, name)} cannot be mixed"
                )
        for camera in {*self.cameras} & {*other.cameras}:
            if self.cameras[camera] != other.cameras[camera]:
                raise IncompatibleError(
                    f"camera '{camera}': views of {self.cameras[camera]} and {other.cameras[camera]} pixels "
                    "cannot be mixed"
                )
        if not pad:
            raise IncompatibleError(
                f"windows of {self._summary()} and of {other._summary()} cannot be mixed without pad=True"
            )
        return replace(
            self,
            cameras={**self.cameras, **other.cameras},
            state_dim=max(self.state_dim, other.state_dim),
            action_dim=max(self.action_dim, other.action_dim),
        )

    def _summary(self) -> str:
        return f"{self.action_dim} actions, {self.state_dim} states and cameras {', '.join(self.cameras)}"


def take(batch: Sample, position: int) -> Sample:
    """One sample of a batch: views of its arrays."""
    return {
        key: {name: array[position] for name, array in value.items()}
        if isinstance(value, dict)
        else (value[position].item() if key in _NUMBERS else value[position])
        for key, value in batch.items()
    }
