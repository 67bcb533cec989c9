"""What an imported episode says of itself."""

import json
from collections.abc import Mapping
from dataclasses import replace

from demonstrations.interchange.foreign import ImportOptions
from demonstrations.provenance import git_commit, software_version, utc_now
from demonstrations.schema import CameraRecord, EpisodeMetadata
from robotics.errors import DatasetError, IncompatibleError

_SHARD_FRAMES = 1  # the writer of the episode puts in the dataset's own


def foreign_metadata(
    options: ImportOptions, camera_sizes: Mapping[str, tuple[int, int]], source: str
) -> EpisodeMetadata:
    """Of an episode that another project recorded: nobody judged it."""
    robot = options.embodiment
    return EpisodeMetadata(
        instruction=options.instruction,
        length=0,
        success=None,
        progress=None,
        outcome="",
        embodiment=robot.name,
        embodiment_hash=robot.embodiment_hash,
        interface_fingerprint=robot.interface_fingerprint,
        control_rate_hz=robot.control_rate_hz,
        cameras={name: CameraRecord(0, *size, _SHARD_FRAMES) for name, size in camera_sizes.items()},
        task=options.task,
        source=source,
        recorded_utc=utc_now(),
        software_version=software_version(),
        git_commit=git_commit(),
        edit=source,
    )


def own_metadata(
    text: str | bytes | None, options: ImportOptions, camera_sizes: Mapping[str, tuple[int, int]], where: str
) -> EpisodeMetadata | None:
    """Of an episode that we exported, from its attributes as JSON; None where they are gone.

    It says by `derived_from` which episode it was.

    Raises:
        DatasetError: The attributes are damaged.
        IncompatibleError: It was recorded on another interface than the embodiment's.
    """
    if text is None:
        return None
    try:
        attributes = json.loads(text)
        checksum = attributes["checksums"]["episode"]
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{where}: our own attributes are damaged ({error!r})") from error
    metadata = EpisodeMetadata.from_attributes(attributes, where)
    robot = options.embodiment
    if metadata.interface_fingerprint != robot.interface_fingerprint:
        raise IncompatibleError(
            f"{where} was recorded on '{metadata.embodiment}', interface {metadata.interface_fingerprint}; "
            f"'{robot.name}' has {robot.interface_fingerprint}"
        )
    records = {
        name: _resized(metadata.cameras.get(name, CameraRecord(0, *size, _SHARD_FRAMES)), *size)
        for name, size in camera_sizes.items()
    }
    return replace(metadata, cameras=records, derived_from=(checksum,), edit="exported and imported again")


def _resized(record: CameraRecord, height: int, width: int) -> CameraRecord:
    """The record of a camera whose pictures were exported at another size."""
    if (record.height, record.width) == (height, width) or record.intrinsics is None:
        return replace(record, height=height, width=width)
    x, y, last = record.intrinsics
    across, down = width / record.width, height / record.height
    scaled = (tuple(v * across for v in x), tuple(v * down for v in y), last)
    return replace(record, height=height, width=width, intrinsics=scaled)
