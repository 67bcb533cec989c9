"""A full disk: one clear line, committed episodes intact, the broken one left for recovery."""

import errno
import os
import subprocess
import sys
from typing import cast

import pytest
from contracts.demonstration_episodes import (
    assert_is_recorded,
    make_dataset,
    make_interrupted_dataset,
    record_episode,
)
from contracts.fake_embodiment import fake_embodiment
from contracts.streamed_session import StreamedSession
from contracts.waiting import eventually

from demonstrations import arrays, durable, index, shards, staging
from demonstrations.cache import FrameCache
from demonstrations.dataset import DemonstrationDataset
from demonstrations.recorder import Recorder
from demonstrations.schema import EpisodeOutcome
from demonstrations.verify import verify
from robotics.errors import DatasetError, StorageFullError
from robotics.session import RobotSession

LIMITED_FILE_SIZE = """
import resource, signal, sys
from contracts.demonstration_episodes import record_episode
from contracts.fake_embodiment import fake_embodiment
from contracts.streamed_session import StreamedSession
from contracts.waiting import eventually
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


@pytest.mark.parametrize(
    ("number", "kind", "text"),
    [(errno.ENOSPC, StorageFullError, "disk full"), (errno.EROFS, DatasetError, "Read-only file system")],
)
def test_a_disk_that_fails_while_a_robot_is_recorded_costs_nothing_committed(
    tmp_path, monkeypatch, number, kind, text
):
    dataset = make_dataset(tmp_path / "data")
    session = StreamedSession()
    recorder = Recorder(cast(RobotSession, session), dataset, follow_events=False)
    recorder.begin(task="turn_left_arm", seed=0)
    session.play(range(40))
    recorder.commit(EpisodeOutcome(True)).result(20)
    recorder.begin(task="turn_left_arm", seed=1)
    session.play(range(40, 70))
    eventually(lambda: not recorder.status.load.queued_frames)

    def fail(descriptor, data):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as failing:
        failing.setattr(staging, "write_all", fail)
        failing.setattr(shards, "write_all", fail)
        session.play(range(70, 100), settle=False)
        with pytest.raises(kind, match=text):
            eventually(recorder.check)
        session.end()
        with pytest.raises(kind, match=text):
            recorder.close()
    reopened = DemonstrationDataset.open(tmp_path / "data")
    assert verify(reopened) == []
    assert [(entry.seed, entry.truncated) for entry in reopened.entries] == [(0, False), (1, True)]
    assert reopened.entries[1].length >= 25  # what was written before, in whole writes of 25 ticks


def test_a_read_only_disk_is_one_line_before_anything_is_recorded(tmp_path, monkeypatch):
    dataset = make_dataset(tmp_path / "data", episodes=1)

    def refuse(*_args, **_options):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    writer = dataset.writer(fake_embodiment())
    with monkeypatch.context() as read_only:
        read_only.setattr(staging.Path, "mkdir", refuse)
        with pytest.raises(DatasetError, match=r"^failed while starting an episode in .*Read-only"):
            writer.begin()
    assert not writer.recording
    assert_is_recorded(dataset, 0, 0)
