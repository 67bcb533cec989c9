"""After any interruption: committed episodes intact, the broken one cut to its last whole moment."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from contracts.demonstration_episodes import (
    append_ticks,
    assert_is_recorded,
    make_dataset,
    make_interrupted_dataset,
    record_episode,
)
from contracts.fake_embodiment import fake_embodiment

from demonstrations.dataset import DemonstrationDataset
from demonstrations.durable import FileLock
from demonstrations.schema import EpisodeOutcome
from demonstrations.verify import verify

RECORD_FOREVER = """
import sys
from contracts.demonstration_episodes import append_ticks
from contracts.fake_embodiment import fake_embodiment
from demonstrations.dataset import DemonstrationDataset
from demonstrations.schema import EpisodeOutcome
dataset = DemonstrationDataset.open(sys.argv[1])
with dataset.writer(fake_embodiment()) as writer:
    while True:
        writer.begin(seed=len(dataset))
        append_ticks(writer, range(400), seed=len(dataset))
        writer.commit(EpisodeOutcome(True))
        print(len(dataset), flush=True)
"""


@pytest.mark.parametrize("delay_s", [0.0, 0.013, 0.05, 0.11])
def test_killing_the_recorder_loses_no_committed_episode(tmp_path, delay_s):
    path = make_dataset(tmp_path / "data").path
    recorder = subprocess.Popen(
        [sys.executable, "-c", RECORD_FOREVER, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert recorder.stdout is not None
    committed = int(recorder.stdout.readline() or -1)
    time.sleep(delay_s)
    recorder.send_signal(signal.SIGKILL)
    committed = max([committed, *map(int, recorder.stdout.read().split())])
    recorder.wait()
    assert committed >= 1

    dataset = DemonstrationDataset.open(path)
    assert len(dataset) >= committed
    assert verify(dataset) == []
    for index, entry in enumerate(dataset.entries):
        assert_is_recorded(dataset, index, entry.seed or 0, ticks=None if entry.truncated else 400)
        assert entry.truncated == (entry.success is None)
    assert all(not entry.truncated for entry in dataset.entries[:committed])
    assert [*(path / "staging").iterdir()] == []
    assert not (path / "set_aside").exists()
    assert DemonstrationDataset.open(path).recovered == ()


def test_an_interrupted_episode_is_recovered_and_marked(tmp_path):
    staged = make_interrupted_dataset(tmp_path / "data")
    dataset = DemonstrationDataset.open(tmp_path / "data")
    assert dataset.recovered == ("episode 1 recovered up to tick 50, marked truncated",)
    meta = dataset.episode(1).metadata
    assert meta.truncated
    assert meta.success is None
    assert "interruption" in meta.note
    assert len(dataset.episode(1).image_time_ns("overhead")) in (29, 30)
    assert_is_recorded(dataset, 1, 0)
    assert dataset.demonstrations() == [0]
    assert verify(dataset) == []
    assert not staged.exists()


@pytest.mark.parametrize("name", ["journal/rows.bin", "journal/overhead.bin", "images/overhead/c.7.0.0.0"])
@pytest.mark.parametrize("cut", ["half", "zeros", "gone", "tail"])
def test_torn_files_cost_only_what_they_held(tmp_path, name, cut):
    file = make_interrupted_dataset(tmp_path / "data") / name
    data = file.read_bytes()
    if cut == "gone":
        file.unlink()
    else:
        kept = len(data) // 2 if cut != "tail" else len(data) - 3
        file.write_bytes(data[:kept] + bytes(len(data) - kept) * (cut == "zeros"))
    dataset = DemonstrationDataset.open(tmp_path / "data")
    assert verify(dataset) == []
    for index in range(len(dataset)):
        assert_is_recorded(dataset, index, 0)
    assert len(dataset) == (1 if (name, cut) == ("journal/rows.bin", "gone") else 2)
    if len(dataset) == 2:
        episode = dataset.episode(1)
        assert len(episode) >= 20
        assert len(episode.image_time_ns("wrist_left")) in (29, 30)


def test_a_crash_while_finishing_is_recovered_from_the_journal(tmp_path, monkeypatch):
    import demonstrations.staging as staging

    dataset = make_dataset(tmp_path / "data", episodes=1)

    def crash(path):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(staging, "_sync_tree", crash)
        writer = dataset.writer(fake_embodiment())
        with pytest.raises(KeyboardInterrupt):
            record_episode(writer, ticks=33, seed=4)
    reopened = DemonstrationDataset.open(tmp_path / "data")
    assert len(reopened) == 2
    assert reopened.episode(1).metadata.truncated
    assert_is_recorded(reopened, 1, 4, ticks=33)
    assert verify(reopened) == []


def test_a_crash_before_the_rename_is_committed_whole(tmp_path, monkeypatch):
    dataset = make_dataset(tmp_path / "data", episodes=1)

    def crash(self, staged):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(DemonstrationDataset, "publish", crash)
        with pytest.raises(KeyboardInterrupt):
            record_episode(dataset.writer(fake_embodiment()), ticks=30, seed=4)
    reopened = DemonstrationDataset.open(tmp_path / "data")
    assert reopened.recovered == ("episode 1 was complete but not committed: committed",)
    assert not reopened.episode(1).metadata.truncated
    assert_is_recorded(reopened, 1, 4, ticks=30)
    assert verify(reopened) == []


def test_what_cannot_be_recovered_is_set_aside_with_a_note(tmp_path):
    staged = make_interrupted_dataset(tmp_path / "data")
    (staged / "zarr.json").write_text("{ torn")
    dataset = DemonstrationDataset.open(tmp_path / "data")
    assert "moved to set_aside/" in dataset.recovered[0]
    assert len(dataset) == 1
    assert "zarr.json" in (tmp_path / "data/set_aside" / staged.name / "NOTE.json").read_text()
    assert DemonstrationDataset.open(tmp_path / "data").recovered == ()


def test_a_lock_that_a_dead_recorder_left_alone_is_removed(tmp_path):
    staging = make_dataset(tmp_path / "data").path / "staging"
    (staging / "0123.lock").touch()
    assert DemonstrationDataset.open(tmp_path / "data").recovered == ()
    assert [*staging.iterdir()] == []


def test_a_lock_on_a_removed_file_excludes_nobody_and_is_taken_anew(tmp_path):
    first, second = FileLock(tmp_path / "a.lock"), FileLock(tmp_path / "a.lock")
    first.acquire()
    waiting = threading.Thread(target=second.acquire)
    waiting.start()
    first.path.unlink()
    first.release()
    waiting.join()
    assert second.path.exists()
    assert not FileLock(tmp_path / "a.lock").acquire(wait=False)
    second.release()


def test_an_episode_being_recorded_is_left_alone(tmp_path):
    dataset = make_dataset(tmp_path / "data", episodes=1)
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin(seed=1)
        append_ticks(writer, range(30), seed=1)
        other = DemonstrationDataset.open(tmp_path / "data")
        assert other.recovered == ()
        assert len(other) == 1
        append_ticks(writer, range(30, 60), seed=1)
        writer.commit(EpisodeOutcome(True))
        other.refresh()
    assert_is_recorded(other, 1, 1, ticks=60)
