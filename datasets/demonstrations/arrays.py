"""Zarr v3 arrays of one chunk, written and read as plain files.

Zarr itself spends 2-3 ms an array; an episode has about twenty. The files are ordinary zarr v3
(codecs: bytes little endian, crc32c), which the tests read back with zarr. Chunk keys are separated by
dots, so that a chunk is one file and not a file in a tower of folders, each to be synced.
"""

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np

from robotics.errors import DatasetError

_BYTES = {"name": "bytes", "configuration": {"endian": "little"}}
_CRC32C = {"name": "crc32c"}


def crc32c_bytes(data: bytes) -> bytes:
    """The four bytes that zarr's crc32c codec appends to `data`."""
    return google_crc32c.value(data).to_bytes(4, "little")


def json_bytes(value: Any) -> bytes:
    """JSON as we write it: UTF-8, sorted keys, so that equal content has equal bytes."""
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False).encode()


def group_json(attributes: dict[str, Any]) -> bytes:
    """A zarr group's zarr.json."""
    return json_bytes({"zarr_format": 3, "node_type": "group", "attributes": attributes})


def array_json(
    shape: tuple[int, ...],
    chunk_shape: tuple[int, ...],
    data_type: str,
    codecs: list[dict[str, Any]],
    attributes: dict[str, Any] | None = None,
) -> bytes:
    """A zarr array's zarr.json."""
    return json_bytes(
        {
            "zarr_format": 3,
            "node_type": "array",
            "shape": list(shape),
            "data_type": data_type,
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": list(chunk_shape)}},
            "chunk_key_encoding": {"name": "default", "configuration": {"separator": "."}},
            "fill_value": 0.0 if data_type.startswith("float") else 0,
            "codecs": codecs,
            "attributes": attributes or {},
            "storage_transformers": [],
        }
    )


def frames_json(frames: int, height: int, width: int, shard_frames: int, jpeg_codec: dict[str, Any]) -> bytes:
    """The zarr.json of a camera: one frame a chunk, `shard_frames` chunks a file."""
    sharding = {
        "chunk_shape": [1, height, width, 3],
        "codecs": [jpeg_codec, _CRC32C],
        "index_codecs": [_BYTES, _CRC32C],
        "index_location": "end",
    }
    return array_json(
        (frames, height, width, 3),
        (shard_frames, height, width, 3),
        "uint8",
        [{"name": "sharding_indexed", "configuration": sharding}],
    )


def write_array(folder: Path, array: np.ndarray, attributes: dict[str, Any] | None = None) -> dict[str, str]:
    """Write `array` as a zarr array at `folder`, not yet synced.

    Returns:
        SHA-256 of each file written, by its path relative to `folder`.
    """
    array = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    chunk_shape = tuple(max(1, n) for n in array.shape)
    files = {
        "zarr.json": array_json(array.shape, chunk_shape, array.dtype.name, [_BYTES, _CRC32C], attributes)
    }
    if array.size:
        data = array.tobytes()
        files[".".join(["c", *["0"] * array.ndim])] = data + crc32c_bytes(data)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


def read_array(folder: Path) -> np.ndarray:
    """Read an array that `write_array` wrote; read-only, checked against its checksum.

    Raises:
        DatasetError: A file is missing, has another layout, or does not match its checksum.
    """
    try:
        meta = json.loads((folder / "zarr.json").read_bytes())
        shape, dtype, codecs = tuple(meta["shape"]), np.dtype(meta["data_type"]), meta["codecs"]
        chunk_shape = tuple(meta["chunk_grid"]["configuration"]["chunk_shape"])
        separator = meta["chunk_key_encoding"]["configuration"]["separator"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{folder}: zarr.json is missing or damaged ({error})") from error
    if codecs != [_BYTES, _CRC32C] or chunk_shape != tuple(max(1, n) for n in shape):
        raise DatasetError(f"{folder}: wanted one chunk, little endian with crc32c; got {codecs}")
    if 0 in shape:
        return np.zeros(shape, dtype)
    path = folder / separator.join(["c", *["0"] * len(shape)])
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read ({error.strerror})") from error
    wanted = math.prod(shape) * dtype.itemsize + 4
    if len(data) != wanted:
        raise DatasetError(f"{path}: wanted {wanted} bytes, got {len(data)}")
    if crc32c_bytes(data[:-4]) != data[-4:]:
        raise DatasetError(f"{path}: damaged, its checksum does not match")
    return np.frombuffer(data, dtype.newbyteorder("<"), count=math.prod(shape)).reshape(shape)
