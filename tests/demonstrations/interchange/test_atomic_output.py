"""An export appears whole or not at all."""

import shutil
from collections import namedtuple

import pytest

from demonstrations.interchange.atomic_output import atomic_output
from robotics.errors import DatasetError, StorageFullError


def test_what_was_written_appears_at_the_end(tmp_path):
    out = tmp_path / "deep" / "export"
    with atomic_output(out) as staging:
        (staging / "file").write_text("content")
        assert not out.exists()
    assert (out / "file").read_text() == "content"
    assert [*out.parent.iterdir()] == [out]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, SystemExit])
def test_an_interrupted_export_leaves_nothing(tmp_path, error):
    with pytest.raises(error), atomic_output(tmp_path / "export") as staging:
        (staging / "file").write_text("half")
        raise error
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("make", ["mkdir", "touch"])
def test_nothing_is_overwritten(tmp_path, make):
    out = tmp_path / "export"
    getattr(out, make)()
    with pytest.raises(DatasetError, match="already exists"), atomic_output(out):
        pytest.fail("must not get here")


def test_what_appears_meanwhile_is_not_overwritten(tmp_path):
    out = tmp_path / "export"
    with pytest.raises(DatasetError, match="meanwhile"), atomic_output(out):
        out.mkdir()
    assert [*tmp_path.iterdir()] == [out]


def test_a_disk_that_is_too_small_is_refused_at_once(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9 - 5, 5))
    with pytest.raises(StorageFullError, match="needs about"), atomic_output(tmp_path / "out", 10**9):
        pytest.fail("must not get here")
    assert [*tmp_path.iterdir()] == []


def test_a_disk_that_fills_up_is_one_line(tmp_path):
    with pytest.raises(StorageFullError, match="disk full"), atomic_output(tmp_path / "out"):
        raise OSError(28, "No space left on device")
    assert [*tmp_path.iterdir()] == []
