"""Packs a dataset: the same episodes with their pictures as H.264, a tenth of the size."""

import hashlib
import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from demonstrations.arrays import group_json, json_bytes
from demonstrations.dataset import DemonstrationDataset
from demonstrations.durable import replace_file, storage_errors, sync_path
from demonstrations.episode import Episode
from demonstrations.provenance import software_version, utc_now
from demonstrations.shards import file_checksum
from demonstrations.staging import episode_checksum
from demonstrations.video import VIDEO_FILE, VideoConfig, VideoReader, write_video
from robotics.errors import DatasetError

_STAGED = "pack_*.partial"
"""Not what recovery looks for: an interrupted packing is simply done again."""


@dataclass(frozen=True)
class PackedCamera:
    """What packing did to the frames of one camera."""

    frames: int
    source_bytes: int
    packed_bytes: int
    squared_error: float
    """Summed over the frames: each one's mean squared difference from what it was packed from, 0..255^2."""
    psnr_min: float
    """Of the frame that suffered most [dB]."""

    @property
    def psnr(self) -> float:
        """Over all frames [dB]."""
        return psnr(self.squared_error / max(self.frames, 1))

    def __add__(self, other: "PackedCamera") -> "PackedCamera":
        return PackedCamera(
            self.frames + other.frames,
            self.source_bytes + other.source_bytes,
            self.packed_bytes + other.packed_bytes,
            self.squared_error + other.squared_error,
            min(self.psnr_min, other.psnr_min),
        )


@dataclass(frozen=True)
class PackReport:
    """What `pack_dataset` did."""

    episodes: int
    """Packed now."""
    skipped: int
    """There already, from an earlier, interrupted run."""
    cameras: Mapping[str, PackedCamera]
    """Of the episodes packed now; without those cameras that were videos before."""


def psnr(mean_squared_error: float) -> float:
    """Peak signal-to-noise ratio of 8-bit pictures [dB]; infinite where they are equal."""
    return float("inf") if mean_squared_error == 0 else 10 * float(np.log10(255**2 / mean_squared_error))


def pack_dataset(
    source: DemonstrationDataset,
    path: Path | str,
    config: VideoConfig | None = None,
    *,
    episodes: Sequence[int] | None = None,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> PackReport:
    """Write the episodes of `source` to a new dataset at `path`, their pictures as videos.

    Ticks, times and metadata are copied as they are; `derived_from` names the original. Each episode is
    committed once it is whole: every video has been decoded and compared, every file synced. After an
    interruption the same call goes on where it stopped.

    Args:
        episodes: Indices into `source`; all of them by default.
        workers: Cameras that are encoded at once.
        progress: Called after each episode with (episodes done, of how many).

    Raises:
        StorageFullError: The disk is full; what is packed stays.
        DatasetError: An episode is damaged, a camera has an odd size, or `path` holds something else.
    """
    if not isinstance(source.path, Path):
        raise DatasetError(f"{source.path} lies in an object store; `robotics data copy` it to a disk first")
    config = config or VideoConfig()
    edit = f"pack crf {config.crf} gop {config.gop} preset {config.preset}"
    chosen = list(range(len(source)) if episodes is None else episodes)
    for camera in source.description.cameras:
        if camera.height % 2 or camera.width % 2:
            raise DatasetError(
                f"camera '{camera.name}' is {camera.height} x {camera.width}; H.264 wants even sizes"
            )
    target = _open_target(source, Path(path))
    done = set()
    for episode in target:
        if episode.metadata.edit != edit:
            raise DatasetError(
                f"{target.path} holds an episode that is not '{edit}' but '{episode.metadata.edit}'; "
                "choose another folder"
            )
        done.update(episode.metadata.derived_from)
    for stale in (target.path / "staging").glob(_STAGED):
        shutil.rmtree(stale)
    cameras: dict[str, PackedCamera] = {}
    skipped = 0
    for count, index in enumerate(chosen, 1):
        if source.entries[index].checksum in done:
            skipped += 1
        else:
            staged = target.path / "staging" / _STAGED.replace("*", uuid.uuid4().hex[:8])
            try:
                with storage_errors(f"packing episode {index} into {target.path}"):
                    packed = _pack_episode(source.episode(index), staged, config, edit, workers)
                target.publish(staged)
            finally:
                shutil.rmtree(staged, ignore_errors=True)
            for name, camera in packed.items():
                cameras[name] = cameras[name] + camera if name in cameras else camera
        if progress is not None:
            progress(count, len(chosen))
    return PackReport(len(chosen) - skipped, skipped, cameras)


def _open_target(source: DemonstrationDataset, path: Path) -> DemonstrationDataset:
    if (path / "dataset.json").exists():
        target = DemonstrationDataset.open(path)
        if target.interface_fingerprint != source.interface_fingerprint:
            raise DatasetError(f"{path} is a dataset of another robot; choose another folder")
        return target
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise DatasetError(f"{path} holds something other than a dataset; choose another folder")
    description = replace(source.description, software_version=software_version(), created_utc=utc_now())
    with storage_errors(f"creating {path}"):
        for folder in ("episodes", "staging"):
            (path / folder).mkdir(parents=True, exist_ok=True)
        replace_file(path / "dataset.json", json_bytes(description.to_json()))
    return DemonstrationDataset(path, description)


def _pack_episode(
    source: Episode, path: Path, config: VideoConfig, edit: str, workers: int
) -> dict[str, PackedCamera]:
    """Write the packed episode to `path`, complete and synced."""
    records = source.metadata.cameras
    chosen = [name for name, record in records.items() if record.encoding == "jpeg" and record.frames]
    checksums = _copy_files(source, path, tuple(f"images/{name}/" for name in chosen))
    with ThreadPoolExecutor(workers) as pool:
        packed = dict(
            zip(chosen, pool.map(lambda name: _pack_camera(source, name, path, config), chosen), strict=True)
        )
    for name in chosen:
        for file in ("zarr.json", VIDEO_FILE):
            checksums[f"images/{name}/{file}"] = file_checksum(path / "images" / name / file)
    encoded = {name: replace(records[name], encoding="h264") for name in chosen}
    metadata = replace(
        source.metadata, cameras={**records, **encoded}, derived_from=(source.checksum,), edit=edit
    )
    attributes = {**source.attributes, **metadata.to_attributes()}
    attributes["checksums"] = {"files": checksums, "episode": episode_checksum(attributes, checksums)}
    for below in (path, *path.rglob("*")):
        sync_path(below)
    replace_file(path / "zarr.json", group_json({**attributes, "complete": True}))
    return packed


def _copy_files(source: Episode, path: Path, without: tuple[str, ...]) -> dict[str, str]:
    """Copy the episode's files but those; returns their checksums, which were compared on the way."""
    checksums = {}
    for name, digest in source.attributes["checksums"]["files"].items():
        if name.startswith(without):
            continue
        try:
            data = (source.path / name).read_bytes()
        except FileNotFoundError as error:
            raise DatasetError(f"{source.path.name}: {name} is missing") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise DatasetError(f"{source.path.name}: {name} is damaged: its checksum does not match")
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
        checksums[name] = digest
    return checksums


def _pack_camera(source: Episode, camera: str, path: Path, config: VideoConfig) -> PackedCamera:
    """Encode one camera's frames, then decode them again and compare each with its original."""
    record = source.metadata.cameras[camera]
    folder = path / "images" / camera
    folder.mkdir(parents=True, exist_ok=True)
    frames = range(record.frames)
    rate_hz = record.rate_hz or source.metadata.control_rate_hz
    count = write_video(folder, source.decode(camera, frames), rate_hz, config)
    reader = VideoReader(folder, record.frames)
    reader.check()
    errors = [
        float(np.square(np.subtract(one, other, dtype=np.int32)).mean())
        for one, other in zip(source.decode(camera, frames), reader.read(frames), strict=True)
    ]
    reader.close()
    original = source.path / "images" / camera
    return PackedCamera(
        frames=count,
        source_bytes=sum(file.stat().st_size for file in original.rglob("*") if file.is_file()),
        packed_bytes=(folder / VIDEO_FILE).stat().st_size,
        squared_error=sum(errors),
        psnr_min=psnr(max(errors)),
    )
