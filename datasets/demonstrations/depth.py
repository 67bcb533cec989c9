"""Depth pictures, stored without loss beyond the millimetre: uint16, zstd, one picture a chunk."""

import numpy as np
from numcodecs.zstd import Zstd

from demonstrations.arrays import array_json

UNIT_M = 0.001
_LEVEL = 1
_LITTLE = {"name": "bytes", "configuration": {"endian": "little"}}
_CRC32C = {"name": "crc32c"}


def encode_depth(depth: np.ndarray) -> bytes:
    """The chunk of a depth picture (height, width) [m]; 0 and what is not finite are unknown."""
    known = np.nan_to_num(np.asarray(depth, np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    units = np.clip(np.rint(known / UNIT_M), 0, np.iinfo(np.uint16).max).astype("<u2")
    return bytes(Zstd(level=_LEVEL).encode(units.tobytes()))


def decode_depth(chunk: bytes, height: int, width: int) -> np.ndarray:
    """The picture, float32 (height, width) [m]; the inverse of `encode_depth` to half a millimetre."""
    units = np.frombuffer(Zstd().decode(chunk), "<u2").reshape(height, width)
    return units.astype(np.float32) * np.float32(UNIT_M)


def depth_json(frames: int, height: int, width: int, shard_frames: int) -> bytes:
    """The zarr.json of a camera's depth: one picture a chunk, `shard_frames` chunks a file."""
    zstd = {"name": "zstd", "configuration": {"level": _LEVEL, "checksum": False}}
    sharding = {
        "chunk_shape": [1, height, width, 1],
        "codecs": [_LITTLE, zstd, _CRC32C],
        "index_codecs": [_LITTLE, _CRC32C],
        "index_location": "end",
    }
    return array_json(
        (frames, height, width, 1),
        (shard_frames, height, width, 1),
        "uint16",
        [{"name": "sharding_indexed", "configuration": sharding}],
        {"unit_m": UNIT_M, "unknown": 0},
    )
