"""Training samples by index: pictures and states up to a tick, and the actions from it on."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import numpy as np

from demonstrations.cache import FrameCache
from demonstrations.dataset import DemonstrationDataset
from demonstrations.frame_source import CachedFrames, FrameSource, RecordedFrames
from demonstrations.rows import RowTable
from demonstrations.view import CameraView
from demonstrations.window_batch import Sample, WindowFormat, take
from robotics.errors import DatasetError


@dataclass(frozen=True)
class WindowConfig:
    """What a sample holds; offsets and strides are in control ticks."""

    views: Mapping[str, CameraView]
    """By camera; what a model sees of it."""
    horizon: int = 50
    """Steps of the action chunk; the first is the one at the sample's own tick."""
    action_stride: int = 1
    """From one step of the chunk to the next."""
    image_offsets: tuple[int, ...] = (0,)
    """Ticks whose newest frame is wanted, e.g. (-20, 0)."""
    state_offsets: tuple[int, ...] = (0,)
    """Ticks whose state is wanted."""
    state: tuple[str, ...] = ("position",)
    """State arrays side by side, e.g. ('position', 'velocity')."""
    action: str = "intended"
    """'intended', 'requested' or 'applied'."""
    sample_stride: int = 1
    """From one sample to the next."""

    def __post_init__(self) -> None:
        for name in ("horizon", "action_stride", "sample_stride"):
            if getattr(self, name) < 1:
                raise DatasetError(f"'{name}' must be at least 1, got {getattr(self, name)}")
        for name in ("image_offsets", "state_offsets"):
            offsets = getattr(self, name)
            if not offsets or max(offsets) > 0:
                raise DatasetError(f"'{name}' wants ticks <= 0 and at least one, got {tuple(offsets)}")
        if not self.state:
            raise DatasetError("'state' wants at least one state array, got none")


class DemonstrationWindows:
    """A window at every `sample_stride`-th tick of the chosen episodes; keys as `WindowFormat` says.

    An index gives a sample, a list of indices a batch, which is faster than collating samples. Fits
    `torch.utils.data.DataLoader` as it is, with fork and with spawn; torch is not needed.
    """

    def __init__(
        self,
        dataset: DemonstrationDataset,
        config: WindowConfig,
        *,
        cache: Path | str | None = None,
        episodes: Sequence[int] | None = None,
        workers: int = 1,
        progress: Callable[[str, int, int], None] | None = None,
    ):
        """
        Args:
            cache: Folder for frames decoded once, by camera and size; made or renewed where needed. Without
                it every frame is decoded each time: no disk space, but slower.
            episodes: Indices into the dataset; `dataset.demonstrations()` by default.
            workers: Threads that build the cache.
            progress: Called while the cache is built, with (camera, episodes done, of how many).

        Raises:
            UnknownNameError: The dataset has no such camera or state array.
            StorageFullError: The cache does not fit on the disk.
            DatasetError: No episode is chosen, or one is damaged.
        """
        chosen = sorted({*(dataset.demonstrations() if episodes is None else episodes)})
        for camera in config.views:
            dataset.description.get_camera(camera)
        if not chosen:
            raise DatasetError(f"{dataset.path}: no episode to learn from")
        self.config = config
        opened = {index: dataset.episode(index) for index in chosen}
        self.rows = RowTable.read(opened, config.state, config.action)
        self._sources: dict[str, FrameSource] = {}
        for camera, view in config.views.items():
            if cache is None:
                self._sources[camera] = RecordedFrames([*opened.values()], camera, view)
                continue
            frames = FrameCache.build(
                dataset,
                {camera: view},
                path=Path(cache) / f"{camera}_{view.height}x{view.width}",
                episodes=chosen,
                workers=workers,
                progress=None if progress is None else lambda d, of, name=camera: progress(name, d, of),
            )
            self._sources[camera] = CachedFrames(frames, camera, view, self.rows.episodes)
        counts = -(-np.diff(self.rows.bounds) // config.sample_stride)
        self._first = np.cumsum([0, *counts])  # first sample of each episode
        self._chunk = np.arange(config.horizon) * config.action_stride
        self._image_offsets = np.array(config.image_offsets)
        self._state_offsets = np.array(config.state_offsets)
        self.format = WindowFormat(
            cameras={name: (view.height, view.width) for name, view in config.views.items()},
            image_offsets=len(config.image_offsets),
            state_offsets=len(config.state_offsets),
            state_dim=self.rows.state.shape[1],
            horizon=config.horizon,
            action_dim=self.rows.action.shape[1],
        )
        checksums = sorted(dataset.entries[i].checksum for i in chosen)
        self.identity = hashlib.sha256("\n".join(checksums).encode()).hexdigest()
        """SHA-256 of the chosen episodes' checksums; `dataset.dataset_identity()` where all are chosen."""

    def __len__(self) -> int:
        return int(self._first[-1])

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: Sequence[int] | np.ndarray) -> Sample: ...
    def __getitem__(self, index: int | Sequence[int] | np.ndarray) -> Sample:
        """One sample, or a batch of them.

        Raises:
            IndexError: There is no such window.
            DatasetError: A recorded frame is damaged.
        """
        if isinstance(index, int | np.integer):
            return take(self[[int(index)]], 0)
        batch = self.format.allocate(len(index))
        for position, one in enumerate(index):
            self.fill(batch, position, int(one))
        return batch

    def fill(self, batch: Sample, position: int, index: int) -> None:
        """Write window `index` to `batch` at `position`; its arrays may have more dimensions and cameras.

        Raises:
            IndexError: There is no such window.
        """
        if not -len(self) <= index < len(self):
            raise IndexError(f"there are {len(self)} windows, no index {index}")
        rows, index = self.rows, index % len(self)
        slot = int(np.searchsorted(self._first, index, side="right")) - 1
        local = (index - int(self._first[slot])) * self.config.sample_stride
        row = int(rows.bounds[slot]) + local

        found, padded = rows.at_offsets(slot, row, self._chunk)
        batch["action"][position, :, : rows.action.shape[1]] = rows.action[found]
        batch["action_padded"][position] = padded
        batch["action_dim_padded"][position, : rows.action.shape[1]] = False
        found, padded = rows.at_offsets(slot, row, self._state_offsets)
        batch["state"][position, :, : rows.state.shape[1]] = rows.state[found]
        batch["state_padded"][position] = padded
        found, padded = rows.at_offsets(slot, row, self._image_offsets)
        tick_ns = rows.time_ns[found]
        for camera, source in self._sources.items():
            times_ns = source.times_ns(slot)
            if not len(times_ns):
                continue
            newest = np.searchsorted(times_ns, tick_ns, side="right") - 1
            frames = np.maximum(newest, 0)
            source.read(slot, frames, batch["images"][camera][position])
            batch["image_padded"][camera][position] = padded | (newest < 0)
            batch["image_age_s"][camera][position] = (tick_ns - times_ns[frames]) * 1e-9
        batch["instruction"][position] = rows.instructions[slot]
        batch["subtask"][position] = rows.subtask(slot, int(rows.time_ns[row]))
        batch["intervention"][position] = rows.intervention[row]
        batch["episode"][position] = rows.episodes[slot]
        batch["row"][position] = local
