"""JPEG as a zarr v3 codec, so that plain `zarr.open` reads our camera frames.

Registered under the entry point group `zarr.codecs`, so that it needs no import. A chunk is one RGB
frame, shape (1, height, width, 3) uint8; its bytes are an ordinary JPEG file.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from zarr.abc.codec import ArrayBytesCodec
from zarr.core.array_spec import ArraySpec
from zarr.core.buffer import Buffer, NDBuffer

from demonstrations.jpeg import DEFAULT_QUALITY, decode_jpeg, encode_jpeg
from demonstrations.schema import CODEC_NAME


@dataclass(frozen=True)
class JpegCodec(ArrayBytesCodec):
    """Encodes a (1, height, width, 3) uint8 chunk as one JPEG."""

    quality: int = DEFAULT_QUALITY
    """1 .. 100, as libjpeg understands it."""

    is_fixed_size = False

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        return cls(**data.get("configuration", {}))

    def to_dict(self) -> dict[str, Any]:
        return {"name": CODEC_NAME, "configuration": {"quality": self.quality}}

    async def _decode_single(self, chunk_data: Buffer, chunk_spec: ArraySpec) -> NDBuffer:
        image = decode_jpeg(chunk_data.as_numpy_array().view(np.uint8))
        return chunk_spec.prototype.nd_buffer.from_numpy_array(image.reshape(chunk_spec.shape))

    async def _encode_single(self, chunk_data: NDBuffer, chunk_spec: ArraySpec) -> Buffer | None:
        image = np.ascontiguousarray(chunk_data.as_numpy_array().reshape(chunk_spec.shape[-3:]))
        return chunk_spec.prototype.buffer.from_bytes(encode_jpeg(image, self.quality))

    def compute_encoded_size(self, input_byte_length: int, chunk_spec: ArraySpec) -> int:
        raise NotImplementedError("a JPEG's size is only known once it is encoded")
