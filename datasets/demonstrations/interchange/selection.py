"""Which episodes are exported, with which rows, action and pictures."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from demonstrations.dataset import DemonstrationDataset
from demonstrations.episode import Episode
from demonstrations.schema import CameraFormat
from robotics.errors import DatasetError, UnknownNameError

ActionSource = Literal["intended", "requested", "applied"]


@dataclass(frozen=True)
class ExportOptions:
    """What a format does not decide by itself."""

    action: ActionSource = "intended"
    """`intended`: what the policy wanted, without exploration noise; `requested`: what the plan asked for;
    `applied`: what the guard let through."""
    rate_hz: float | None = None
    """Rows a second; the control rate by default, at which no tick is lost."""
    size: tuple[int, int] | None = None
    """(height, width) [pixel] of every picture; as stored by default."""
    compress_images: bool = False
    """aloha: JPEG in the file instead of raw pixels."""
    pad: bool = False
    """aloha: repeat the last row until all episodes are as long as the longest, as ACT's own loader wants."""
    crf: int = 20
    """lerobot: x264's constant rate factor, 0 (best) .. 51."""
    keyframe_every: int = 2
    """lerobot: frames from one keyframe to the next; small is fast to read at random."""
    own_columns: bool = True
    """lerobot: keep what only we record in `robotics.*` columns, from which an import restores it."""
    valid_fraction: float = 0.1
    """robomimic: share of the episodes under the filter key `valid`."""

    def __post_init__(self) -> None:
        if self.rate_hz is not None and not self.rate_hz > 0:
            raise DatasetError(f"wanted a rate above 0 Hz, got {self.rate_hz}")
        if self.size is not None and min(self.size) < 1:
            raise DatasetError(f"wanted a picture size (height, width) above 0, got {self.size}")
        if not 0 <= self.crf <= 51:
            raise DatasetError(f"wanted crf 0 .. 51, got {self.crf}")
        if self.keyframe_every < 1:
            raise DatasetError(f"wanted keyframe_every >= 1, got {self.keyframe_every}")
        if not 0 <= self.valid_fraction < 1:
            raise DatasetError(f"wanted valid_fraction 0 .. 1, got {self.valid_fraction}")


@dataclass(frozen=True)
class Selection:
    """The episodes of one dataset that are exported, in this order."""

    dataset: DemonstrationDataset
    indices: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.indices)

    def __iter__(self) -> Iterator[Episode]:
        return (self.dataset.episode(i) for i in self.indices)

    @property
    def cameras(self) -> tuple[str, ...]:
        return self.dataset.camera_names

    @property
    def ticks(self) -> int:
        """Control ticks of all episodes."""
        return sum(self.dataset.entries[i].length for i in self.indices)

    def formats(self, options: ExportOptions) -> tuple[CameraFormat, ...]:
        """The cameras, with the size of their pictures in the export."""
        cameras = self.dataset.description.cameras
        if options.size is None:
            return cameras
        height, width = options.size
        return tuple(replace(camera, height=height, width=width) for camera in cameras)

    def frame_bytes(self, options: ExportOptions) -> int:
        """Raw bytes of one picture of every camera."""
        return sum(c.height * c.width * 3 for c in self.formats(options))

    def rows(self, options: ExportOptions) -> int:
        """About how many rows they have at the options' rate."""
        control = self.dataset.description.control_rate_hz
        return int(self.ticks * min(1.0, (options.rate_hz or control) / control)) + len(self)


def select_episodes(
    dataset: DemonstrationDataset,
    numbers: Sequence[int] | None = None,
    *,
    task: str | None = None,
    failures: bool = False,
) -> Selection:
    """The episodes with these numbers; by default whole ones that were not judged a failure.

    Args:
        numbers: As in the episodes' names: 7 is episode_000007.zarr.
        failures: Without numbers: those that were judged a failure too.

    Raises:
        UnknownNameError: There is no episode of that number, or no task of that name.
        DatasetError: Nothing is left to export.
    """
    entries = dataset.entries
    if task is not None and task not in {entry.task for entry in entries}:
        raise UnknownNameError(
            "task", task, sorted({entry.task for entry in entries}), owner=str(dataset.path)
        )
    if numbers is not None:
        place = {entry.number: i for i, entry in enumerate(entries)}
        for number in numbers:
            if number not in place:
                raise UnknownNameError(
                    "episode", str(number), _ranges(sorted(place)), owner=str(dataset.path)
                )
        chosen = [place[number] for number in dict.fromkeys(numbers)]
    elif failures:
        chosen = [i for i, entry in enumerate(entries) if not entry.truncated]
    else:
        chosen = dataset.demonstrations()
    chosen = [i for i in chosen if task in (None, entries[i].task)]
    if not chosen:
        raise DatasetError(f"{dataset.path}: no episode to export ({len(entries)} are there)")
    return Selection(dataset, tuple(chosen))


def parse_numbers(words: Sequence[str]) -> list[int]:
    """Episode numbers from words such as '3', '10:20' (20 excluded) or '3,5'.

    Raises:
        DatasetError: A word is none of these.
    """
    numbers: list[int] = []
    for word in ",".join(words).split(","):
        first, colon, last = word.partition(":")
        try:
            numbers += range(int(first), int(last)) if colon else [int(first)]
        except ValueError as error:
            raise DatasetError(f"wanted episode numbers such as 3 or 10:20, got '{word}'") from error
    return numbers


def chosen_rows(episode: Episode, rate_hz: float | None) -> np.ndarray:
    """Rows of an episode to export, int64 (n,), ascending: at each period the newest tick at or before it.

    Raises:
        DatasetError: The rate is above the control rate: there are no such rows.
    """
    control = episode.metadata.control_rate_hz
    if rate_hz is None or rate_hz == control:
        return np.arange(len(episode))
    if rate_hz > control:
        raise DatasetError(f"wanted at most the control rate, {control} Hz, got {rate_hz:g} Hz")
    ticks = episode.tick - episode.tick[0]
    periods = int(ticks[-1] * rate_hz / control + 1e-9) + 1
    wanted = np.floor(np.arange(periods) * (control / rate_hz) + 1e-9)
    return np.unique(np.searchsorted(ticks, wanted, side="right") - 1)


def attributes_json(episode: Episode) -> str:
    """Everything that the episode says of itself, and its checksum."""
    attributes = {**episode.attributes, "checksums": {"episode": episode.checksum}}
    return json.dumps(attributes, sort_keys=True)


def _ranges(numbers: Sequence[int]) -> list[str]:
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    return [" .. ".join(map(str, part)) for part in parts]
