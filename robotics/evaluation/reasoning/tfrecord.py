"""Reads TFRecord files of `tf.train.Example` without TensorFlow, and checks every checksum on the way.

A record is its length (8 bytes, little-endian), the masked CRC-32C of those, the data, and the masked CRC-32C
of the data (tensorflow/core/lib/io/record_writer.h).
"""

import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from robotics.reasoning.scenes.folder import ScenesError

_POLYNOMIAL = 0x82F63B78
"""Castagnoli's, bits reversed."""
_MASK_DELTA = 0xA282EAD8
_LANES = 256
"""Parts of the data whose checksums are computed side by side; a power of two."""

Values = list[bytes] | list[float] | list[int]


def read_records(path: Path) -> Iterator[bytes]:
    """The data of each record.

    Raises:
        ScenesError: The file cannot be read, is empty, cut off or damaged; which record.
    """
    try:
        size = path.stat().st_size
        file = path.open("rb")
    except OSError as error:
        raise ScenesError(f"cannot read {path}: {error.strerror}") from None
    if size == 0:
        raise ScenesError(f"{path} is empty")
    number = 0
    with file:
        while file.tell() < size:
            number += 1
            head = file.read(12)
            if len(head) < 12:
                raise ScenesError(f"{path} record {number}: cut off in its length")
            length, check = struct.unpack("<QI", head)
            if masked_crc32c(head[:8]) != check:
                raise ScenesError(f"{path} record {number}: the checksum of its length is wrong")
            left = size - file.tell()
            if length + 4 > left:
                raise ScenesError(f"{path} record {number}: cut off, wanted {length + 4} bytes, got {left}")
            data = file.read(length)
            if masked_crc32c(data) != struct.unpack("<I", file.read(4))[0]:
                raise ScenesError(f"{path} record {number}: the checksum of its data is wrong")
            yield data


def parse_example(data: bytes) -> dict[str, Values]:
    """The features of a serialized `tf.train.Example` by name.

    Raises:
        ValueError: It is none.
    """
    example = _example_class()()
    try:
        example.ParseFromString(data)
    except DecodeError:
        raise ValueError("no tf.train.Example") from None
    features: dict[str, Values] = {}
    for entry in example.features.feature:  # type: ignore[attr-defined]
        kind = entry.value.WhichOneof("kind")
        features[entry.key] = list(getattr(entry.value, kind).value) if kind else []
    return features


def masked_crc32c(data: bytes) -> int:
    """CRC-32C, turned and shifted, so that data which holds checksums has no odd one."""
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + _MASK_DELTA) & 0xFFFFFFFF


def crc32c(data: bytes) -> int:
    """Castagnoli's CRC-32 (RFC 3720).

    Parts of the data are worked on side by side. The register is linear: that of two parts in a row is the
    first's, moved on by the second's length in zeros, xor the second's.
    """
    if len(data) < 4:
        register = 0xFFFFFFFF
        for byte in data:
            register = (register >> 8) ^ int(_table()[(register ^ byte) & 255])
        return register ^ 0xFFFFFFFF
    length = -(-len(data) // _LANES)
    lanes = np.zeros(_LANES * length, np.uint8)  # zeros in front leave an empty register empty
    start = len(lanes) - len(data)
    lanes[start:] = np.frombuffer(data, np.uint8)
    lanes[start : start + 4] ^= 255  # the same as a register that starts as ones
    table, registers = _table(), np.zeros(_LANES, np.uint32)
    for column in np.ascontiguousarray(lanes.reshape(_LANES, length).T):
        registers = (registers >> 8) ^ table[(registers & 255) ^ column]
    shift = _zeros(length)
    while len(registers) > 1:
        registers = _apply(shift, registers[0::2]) ^ registers[1::2]
        shift = _apply(shift, shift)
    return int(registers[0]) ^ 0xFFFFFFFF


@cache
def _table() -> np.ndarray:
    """What a byte makes of the register, uint32, shape (256,)."""
    values = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        values = np.where(values & 1, (values >> 1) ^ np.uint32(_POLYNOMIAL), values >> 1)
    return values.astype(np.uint32)


def _zeros(count: int) -> np.ndarray:
    """What so many zero bytes make of the register: its 32 bits' images, uint32, shape (32,)."""
    bits = np.uint32(1) << np.arange(32, dtype=np.uint32)
    step, result = (bits >> 8) ^ _table()[bits & 255], bits
    while count:
        if count & 1:
            result = _apply(step, result)
        step = _apply(step, step)
        count >>= 1
    return result


def _apply(images: np.ndarray, values: np.ndarray) -> np.ndarray:
    """A linear map of 32 bits, given by its bits' images (32,), of values uint32 (n,)."""
    result = np.zeros_like(values)
    for bit, image in enumerate(images):
        result ^= np.where((values >> np.uint32(bit)) & 1, image, np.uint32(0))
    return result


@cache
def _example_class() -> type:
    """The message class of `tf.train.Example` (tensorflow/core/example/example.proto)."""
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="example.proto", package="example", syntax="proto3")

    def add(message: str, *fields: tuple[str, int, int, str, bool]) -> descriptor_pb2.DescriptorProto:
        described = file.message_type.add(name=message)
        for number, (name, kind, label, type_name, in_oneof) in enumerate(fields, 1):
            added = described.field.add(name=name, number=number, type=kind, label=label)  # type: ignore[arg-type]
            if type_name:
                added.type_name = f".example.{type_name}"
            if in_oneof:
                added.oneof_index = 0
        return described

    one, many, message = field.LABEL_OPTIONAL, field.LABEL_REPEATED, field.TYPE_MESSAGE
    add("BytesList", ("value", field.TYPE_BYTES, many, "", False))
    add("FloatList", ("value", field.TYPE_FLOAT, many, "", False))
    add("Int64List", ("value", field.TYPE_INT64, many, "", False))
    lists = ("BytesList", "FloatList", "Int64List")
    names = ("bytes_list", "float_list", "int64_list")
    kinds = [(name, message, one, kind, True) for name, kind in zip(names, lists, strict=True)]
    add("Feature", *kinds).oneof_decl.add(name="kind")
    # on the wire a map is a list of its entries
    add("Entry", ("key", field.TYPE_STRING, one, "", False), ("value", message, one, "Feature", False))
    add("Features", ("feature", message, many, "Entry", False))
    add("Example", ("features", message, one, "Features", False))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)  # type: ignore[attr-defined]
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("example.Example"))
