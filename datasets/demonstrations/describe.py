"""What a new dataset says of itself: which robot, which cameras, how they are stored."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from demonstrations.provenance import software_version, utc_now
from demonstrations.schema import CameraFormat, DatasetDescription
from robotics.embodiment import Embodiment
from robotics.errors import DatasetError, IncompatibleError


def describe_dataset(
    embodiment: Embodiment,
    cameras: Sequence[str] | Mapping[str, tuple[int, int]] | None,
    *,
    camera_rate_hz: float | None,
    jpeg_quality: int,
    shard_frames: int,
) -> DatasetDescription:
    """The dataset.json of a new dataset; arguments as of `DemonstrationDataset.create`.

    Raises:
        DatasetError: A number is out of its range.
        UnknownNameError: The embodiment has no such camera.
    """
    if not 1 <= jpeg_quality <= 100 or shard_frames < 1 or (camera_rate_hz or 1) <= 0:
        raise DatasetError(
            "wanted jpeg_quality 1 .. 100, shard_frames >= 1 and camera_rate_hz > 0, got "
            f"{jpeg_quality}, {shard_frames} and {camera_rate_hz}"
        )
    formats = []
    for name in embodiment.camera_names if cameras is None else cameras:
        camera = embodiment.get_camera(name)
        size = cameras[name] if isinstance(cameras, Mapping) else (camera.height, camera.width)
        rate_hz = min(camera.rate_hz, camera_rate_hz or camera.rate_hz)
        formats.append(CameraFormat(name, size[0], size[1], rate_hz))
    return DatasetDescription(
        embodiment=embodiment.name,
        interface_fingerprint=embodiment.interface_fingerprint,
        control_rate_hz=embodiment.control_rate_hz,
        action_names=embodiment.action_names,
        cameras=tuple(formats),
        jpeg_quality=jpeg_quality,
        shard_frames=shard_frames,
        software_version=software_version(),
        created_utc=utc_now(),
    )


def check_interface(path: Path, description: DatasetDescription, embodiment: Embodiment) -> None:
    """Refuse another robot than the dataset's.

    Raises:
        IncompatibleError: The interface fingerprints differ; the message says in what.
    """
    if embodiment.interface_fingerprint == description.interface_fingerprint:
        return
    own, other = description, embodiment
    reasons = [f"'{own.embodiment}' and '{other.name}'"] if own.embodiment != other.name else []
    if own.action_names != other.action_names:
        reasons.append("different joints")
    if own.control_rate_hz != other.control_rate_hz:
        reasons.append(f"control rates {own.control_rate_hz} and {other.control_rate_hz} Hz")
    raise IncompatibleError(
        f"{path} was recorded on another interface ({own.interface_fingerprint}) than this robot's "
        f"({other.interface_fingerprint}): {', '.join(reasons) or 'different cameras or units'}"
    )
