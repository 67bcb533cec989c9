"""Writes the replay buffer of diffusion_policy and UMI: zarr v2, all episodes end to end."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from demonstrations.arrays import json_bytes
from demonstrations.episode import Episode
from demonstrations.interchange.pictures import shown_blocks, shown_frames
from demonstrations.interchange.selection import ExportOptions, Selection, attributes_json, chosen_rows

_ROWS_A_CHUNK = 1000


def estimate_bytes(selection: Selection, options: ExportOptions) -> int:
    """Pixels under Blosc's zstd take a little more than half of their size."""
    return selection.rows(options) * (int(selection.frame_bytes(options) * 0.6) + 1500)


def write(
    selection: Selection, out: Path, options: ExportOptions, progress: Callable[[int, int], None]
) -> None:
    """Make the folder `out` a zarr group with `data/NAME` and `meta/episode_ends`.

    Raises:
        DatasetError: An episode lacks frames of a camera.
    """
    import zarr
    from numcodecs import Blosc

    rows = [chosen_rows(episode, options.rate_hz) for episode in selection]
    total = sum(map(len, rows))
    root = zarr.open_group(str(out), mode="a", zarr_format=2)
    data, meta = root.create_group("data"), root.create_group("meta")
    plain, pixels = (
        Blosc("zstd", clevel=5, shuffle=Blosc.SHUFFLE),
        Blosc("zstd", clevel=1, shuffle=Blosc.NOSHUFFLE),
    )
    arrays: dict[str, Any] = {}
    for camera in selection.formats(options):
        size = (camera.height, camera.width, 3)
        arrays[f"{camera.name}_image"] = data.create_array(
            f"{camera.name}_image", shape=(total, *size), chunks=(1, *size), dtype="uint8", compressors=pixels
        )
    end, ends = 0, []
    for number, (episode, chosen) in enumerate(zip(selection, rows, strict=True)):
        for name, values in _columns(episode, chosen, options).items():
            if name not in arrays:
                arrays[name] = data.create_array(
                    name,
                    shape=(total, *values.shape[1:]),
                    chunks=(_ROWS_A_CHUNK, *values.shape[1:]),
                    dtype=values.dtype,
                    compressors=plain,
                )
            arrays[name][end : end + len(chosen)] = values
        for camera in selection.formats(options):
            frames = shown_frames(episode, camera.name, chosen)
            row = end
            for block in shown_blocks(episode, camera.name, frames, (camera.height, camera.width)):
                arrays[f"{camera.name}_image"][row : row + len(block)] = block
                row += len(block)
        end += len(chosen)
        ends.append(end)
        progress(number + 1, len(selection))
    episode_ends = meta.create_array("episode_ends", shape=(len(ends),), chunks=(len(ends),), dtype="int64")
    episode_ends[:] = np.array(ends, np.int64)
    meta.attrs["instructions"] = [episode.metadata.instruction for episode in selection]
    own = {
        "dataset": selection.dataset.description.to_json(),
        "episodes": [json.loads(attributes_json(e)) for e in selection],
    }
    (out / "robotics.json").write_bytes(json_bytes(own))


def _columns(episode: Episode, rows: np.ndarray, options: ExportOptions) -> dict[str, np.ndarray]:
    time_ns = episode.time_ns[rows]
    return {
        "action": episode.state[options.action][rows],
        "joint_position": episode.position[rows],
        "joint_velocity": episode.velocity[rows],
        "timestamp": (time_ns - time_ns[0]) / 1e9,
        "time_ns": time_ns,
    }
