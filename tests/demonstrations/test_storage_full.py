"""A full disk: one clear line, committed episodes intact, the broken one left for recovery."""

import errno
import os
import subprocess
import sys

import pytest
from contracts.demonstration_episodes import (
    assert_is_recorded,
    make_dataset,
    make_interrupted_dataset,
    record_episode,
)
from contracts.fake_embodiment import fake_embodiment

from demonstrations import arrays, durable, index, shards, staging
from demonstrations.cache import FrameCache
from demonstrations.dataset import DemonstrationDataset
from demonstrations.verify import verify
from robotics.errors import StorageFullError

LIMITED_FILE_SIZE = """
import resource, signal, sys
from contracts.demonstration_episodes import record_episode
from contracts.fake_embodiment import fake_embodiment
from demonstrations.dataset import DemonstrationDataset
from robotics.errors import StorageFullError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
dataset = DemonstrationDataset.open(sys.argv[1])
with dataset.writer(fake_embodiment()) as writer:
    record_episode(writer, seed=1)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))
    try:
        record_episode(writer, ticks=200, seed=2)
    except StorageFullError as error:
        print(f"{error}", end="")
"""


def no_space(descriptor, data):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("module", [durable, staging, shards, index])
def test_a_full_disk_at_any_stage_is_one_clear_line(tmp_path, monkeypatch, module):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    writer = dataset.writer(fake_embodiment())
    with monkeypatch.context() as full:
        full.setattr(module, "write_all", no_space)
        with pytest.raises(StorageFullError, match=r"^disk full while .*committed episodes are intact\)$"):
            record_episode(writer, ticks=60, seed=1)
    assert not writer.recording
    assert_is_recorded(dataset, 0, 0, ticks=20)

    reopened = DemonstrationDataset.open(tmp_path / "data")
    assert verify(reopened) == []
    for i, entry in enumerate(reopened.entries):
        assert_is_recorded(reopened, i, entry.seed or 0)
    with reopened.writer(fake_embodiment()) as again:
        record_episode(again, seed=5)
    assert reopened.entries[-1].seed == 5


def test_the_operating_system_refusing_to_write_is_survived(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    ran = subprocess.run(
        [sys.executable, "-c", LIMITED_FILE_SIZE, str(dataset.path)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("disk full while ")
    assert "\n" not in ran.stdout
    reopened = DemonstrationDataset.open(tmp_path / "data")
    assert verify(reopened) == []
    assert [(entry.seed, entry.truncated) for entry in reopened.entries] == [
        (0, False),
        (1, False),
        (2, True),
    ]
    for i in range(3):
        assert_is_recorded(reopened, i, i)


def test_recovery_on_a_full_disk_waits(tmp_path, monkeypatch):
    make_interrupted_dataset(tmp_path / "data")
    with monkeypatch.context() as full:
        full.setattr(arrays.Path, "write_bytes", no_space)
        waiting = DemonstrationDataset.open(tmp_path / "data")
        assert "waits for recovery: disk full" in waiting.recovered[0]
        assert len(waiting) == 1
    reopened = DemonstrationDataset.open(tmp_path / "data")
    assert "marked truncated" in reopened.recovered[0]
    assert_is_recorded(reopened, 1, 0)


def test_a_cache_that_does_not_fit_says_so_before_it_starts(tmp_path, monkeypatch):
    import shutil

    dataset = make_dataset(tmp_path / "data", episodes=1)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1, 1, 0))  # type: ignore[attr-defined]
    with pytest.raises(StorageFullError, match="the frame cache needs"):
        FrameCache.build(dataset, {"overhead": (24, 32)}, path=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()
