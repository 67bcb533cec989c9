"""The formats that we write and read: a light table, each module is imported when it is used."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from robotics.errors import UnknownNameError


@dataclass(frozen=True)
class Format:
    """One foreign format."""

    name: str
    summary: str
    writer: str
    """Module that exports; has `estimate_bytes(selection, options)` and
    `write(selection, out, options, progress)`."""
    reader: str | None = None
    """Module that imports: has `read(path, options)`, a `ForeignDataset`."""


FORMATS = (
    Format(
        "lerobot",
        "LeRobot v3: parquet, mp4, meta",
        "demonstrations.interchange.lerobot_export",
        "demonstrations.interchange.lerobot_import",
    ),
    Format(
        "aloha",
        "ALOHA and ACT: one HDF5 file an episode",
        "demonstrations.interchange.aloha_export",
        "demonstrations.interchange.aloha_import",
    ),
    Format(
        "robomimic",
        "robomimic: one HDF5 file with train and valid masks",
        "demonstrations.interchange.robomimic_export",
    ),
    Format(
        "diffusion-policy",
        "diffusion_policy and UMI: a replay buffer in zarr v2",
        "demonstrations.interchange.replay_buffer_export",
    ),
    Format("mcap", "MCAP for Foxglove: one file an episode", "demonstrations.interchange.mcap_export"),
)


def find_format(name: str, *, reading: bool = False) -> Format:
    """The format of that name.

    Raises:
        UnknownNameError: We do not write it, or, with `reading`, do not read it.
    """
    known = [f for f in FORMATS if f.reader or not reading]
    for known_format in known:
        if known_format.name == name:
            return known_format
    kind = "format to import" if reading else "format to export"
    raise UnknownNameError(kind, name, [f.name for f in known])


def load_writer(known_format: Format) -> Any:
    """The module that exports this format."""
    return importlib.import_module(known_format.writer)


def load_reader(known_format: Format) -> Callable[..., Any]:
    """The function that opens a dataset of this format."""
    assert known_format.reader is not None
    return importlib.import_module(known_format.reader).read
