"""TFRecords are read as they were written, and damage is told with the record's number."""

from pathlib import Path

import numpy as np
import pytest
from contracts.tfrecords import crc32c_bitwise, encode_example, frame, write_records

from robotics.evaluation.reasoning.tfrecord import crc32c, parse_example, read_records
from robotics.reasoning.scenes.folder import ScenesError


def test_the_checksum_is_castagnolis():
    assert crc32c(b"123456789") == 0xE3069283  # the check value of CRC-32C's catalogue entry
    assert crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4
    data = np.random.default_rng(0).integers(0, 256, 3000, np.uint8).tobytes()
    for length in (0, 1, 3, 4, 5, 255, 256, 257, 3000):
        assert crc32c(data[:length]) == crc32c_bitwise(data[:length]), length


def test_records_and_features_come_back(tmp_path: Path):
    features = {"image": [b"\x00\xff" * 500, b""], "place": [0, -1, 300], "weight": [0.5, -2.0], "none": []}
    write_records(tmp_path / "a.tfrecord", [encode_example(features), b"", encode_example({})])
    first, second, third = read_records(tmp_path / "a.tfrecord")
    assert parse_example(first) == features
    assert (second, parse_example(third)) == (b"", {})


def test_what_is_no_example_is_refused():
    with pytest.raises(ValueError, match="Example"):
        parse_example(b"\x0a\xff\xff")


def test_damage_is_told_with_the_number_of_the_record(tmp_path: Path):
    path, good = tmp_path / "a.tfrecord", frame(b"some data")
    for data, message in (
        (b"", "is empty"),
        (good + good[:7], "record 2: cut off in its length"),
        (good + good[:-1], "record 2: cut off, wanted 13 bytes, got 12"),
        (good + good[:12] + b"sume data" + good[21:], "record 2: the checksum of its data"),
        (b"\x01" + good[1:], "record 1: the checksum of its length"),
    ):
        path.write_bytes(data)
        with pytest.raises(ScenesError, match=rf"a\.tfrecord.*{message}") as caught:
            list(read_records(path))
        assert "\n" not in str(caught.value)
    with pytest.raises(ScenesError, match="cannot read"):
        list(read_records(tmp_path / "missing"))
