"""What a reader of a foreign format hands over, and what it must be told."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from demonstrations.jpeg import DEFAULT_QUALITY
from demonstrations.schema import EpisodeMetadata
from robotics.embodiment import Embodiment
from robotics.errors import DatasetError, UnknownNameError


@dataclass(frozen=True)
class ImportOptions:
    """What a foreign dataset does not say of itself."""

    embodiment: Embodiment
    cameras: Mapping[str, str] = field(default_factory=dict)
    """Their camera's name to ours; where empty, the names must be equal."""
    same_order: bool = False
    """Their joints have other names, but the robot's order and units."""
    instruction: str = ""
    """Where the format has none."""
    task: str = ""
    rate_hz: float | None = None
    """Rows a second, where the format does not say; the control rate by default."""


@dataclass(frozen=True)
class ForeignEpisode:
    """One episode, translated."""

    metadata: EpisodeMetadata
    rows: Mapping[str, np.ndarray]
    """State arrays as in an episode of ours, by name, each (length,) or (length, action_dim)."""
    frame_time_ns: Mapping[str, np.ndarray]
    """Capture times of each camera of ours [ns], ascending."""
    images: Callable[[str], Iterator[np.ndarray]]
    """The pictures of a camera of ours, one for each of its times, RGB uint8 (height, width, 3)."""


class ForeignDataset(Protocol):
    """A dataset of another project, opened."""

    camera_sizes: Mapping[str, tuple[int, int]]
    """(height, width) [pixel] of each camera of ours that is imported."""
    camera_rate_hz: float
    jpeg_quality: int

    def __len__(self) -> int: ...

    def episodes(self) -> Iterator[ForeignEpisode]:
        """Every episode, in order.

        Raises:
            DatasetError: A file is damaged or has another layout.
        """
        ...


DEFAULT_JPEG_QUALITY = DEFAULT_QUALITY


def match_cameras(theirs: Mapping[str, tuple[int, int]], options: ImportOptions) -> dict[str, str]:
    """Their camera for each of ours that is imported.

    Raises:
        UnknownNameError: A name in the options is neither theirs nor the embodiment's.
        DatasetError: Their names mean nothing to the embodiment and no option says which is which.
    """
    robot = options.embodiment
    if options.cameras:
        for their, our in options.cameras.items():
            if their not in theirs:
                raise UnknownNameError("camera", their, theirs, owner="the imported dataset")
            robot.get_camera(our)
        return {our: their for their, our in options.cameras.items()}
    unknown = [name for name in theirs if name not in robot.camera_names]
    if unknown:
        raise DatasetError(
            f"cameras {', '.join(unknown)} are not on '{robot.name}', which has "
            f"{', '.join(robot.camera_names)}; "
            f"say which is which, e.g. --cameras {unknown[0]}={robot.camera_names[0]} (others are left out)"
        )
    return {name: name for name in theirs}


def check_joints(names: list[str] | None, dimension: int, options: ImportOptions, where: str) -> None:
    """Refuse another number of joints, or other joints.

    Names are compared without case and punctuation: 'left_waist' is 'left/waist'.

    Raises:
        DatasetError: The message says wanted and got.
    """
    wanted = options.embodiment.action_names
    if dimension != len(wanted):
        raise DatasetError(
            f"{where}: wanted {len(wanted)} joints and grippers as on '{options.embodiment.name}', "
            f"got {dimension}"
        )
    if options.same_order or names is None:
        return
    for want, got in zip(wanted, names, strict=True):
        if _plain(want) != _plain(got):
            raise DatasetError(
                f"{where}: wanted '{want}', got '{got}'; "
                "where only the names differ, and order and units are the robot's, say --same-order"
            )


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())
