"""Writes TFRecords of `tf.train.Example` bit by bit, so that the reader is not tested against itself."""

import struct
from pathlib import Path


def crc32c_bitwise(data: bytes) -> int:
    """By the definition, without a table."""
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ (0x82F63B78 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


def write_records(path: Path, records: list[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(frame(record) for record in records))


def frame(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + _masked(length) + data + _masked(data)


def _masked(data: bytes) -> bytes:
    crc = crc32c_bitwise(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def encode_example(features: dict[str, list]) -> bytes:
    """Lists of bytes, of ints or of floats."""
    entries = b""
    for name, values in features.items():
        entries += _field(1, _field(1, name.encode()) + _field(2, _encode_list(values)))
    return _field(1, entries)


def _encode_list(values: list) -> bytes:
    if values and isinstance(values[0], float):
        return _field(2, _field(1, b"".join(struct.pack("<f", value) for value in values)))
    if values and isinstance(values[0], int):
        return _field(3, _field(1, b"".join(_varint(value & (1 << 64) - 1) for value in values)))
    return _field(1, b"".join(_field(1, value) for value in values))


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    data = b""
    while value > 127:
        data, value = data + bytes([value & 127 | 128]), value >> 7
    return data + bytes([value])
