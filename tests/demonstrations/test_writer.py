"""Back-pressure is measured and told: nothing waits or is dropped unseen."""

import threading

import pytest
from contracts.demonstration_episodes import PERIOD_NS, append_ticks, make_dataset, make_image, make_state
from contracts.fake_embodiment import fake_embodiment

from demonstrations.schema import EpisodeOutcome
from demonstrations.staging import StagedEpisode
from robotics.errors import DatasetError
from robotics.observation import CameraFrame


@pytest.fixture
def gate(monkeypatch):
    """While closed, the writer thread stands still before each frame."""
    opened = threading.Event()
    write_frame = StagedEpisode.write_frame

    def waiting(self, camera, frame):
        opened.wait(30)
        return write_frame(self, camera, frame)

    monkeypatch.setattr(StagedEpisode, "write_frame", waiting)
    return opened


def test_a_slow_disk_drops_frames_and_says_which(tmp_path, gate):
    dataset = make_dataset(tmp_path / "data")
    with dataset.writer(fake_embodiment(), queue_frames=3, when_full="drop") as writer:
        writer.begin()
        kept = [writer.append_frame("overhead", CameraFrame(make_image(k), k * PERIOD_NS)) for k in range(8)]
        for tick in range(100):
            writer.append_state(make_state(tick))
        assert kept == [True] * 3 + [False] * 5
        load = writer.load
        assert (load.queued_frames, load.capacity_frames, load.peak_queued_frames) == (3, 3, 3)
        assert load.dropped_frames == 5
        gate.set()
        episode = dataset.episode(writer.commit(EpisodeOutcome(True)))
    assert len(episode) == 100
    assert episode.image_time_ns("overhead").tolist() == [0, PERIOD_NS, 2 * PERIOD_NS]
    assert episode.metadata.cameras["overhead"].dropped_time_ns == tuple(k * PERIOD_NS for k in range(3, 8))
    assert episode.metadata.cameras["wrist_left"].dropped_time_ns == ()


def test_in_lockstep_the_caller_waits_and_nothing_is_dropped(tmp_path, gate):
    dataset = make_dataset(tmp_path / "data")
    with dataset.writer(fake_embodiment(), queue_frames=2) as writer:
        writer.begin()
        appending = threading.Thread(target=append_ticks, args=(writer, range(20)))
        appending.start()
        appending.join(0.1)
        assert appending.is_alive()
        gate.set()
        appending.join()
        assert writer.load.peak_queued_frames <= 2
        episode = dataset.episode(writer.commit(EpisodeOutcome(True)))
    assert len(episode.image_time_ns("overhead")) == 10


def test_the_next_episode_may_begin_while_the_last_is_being_stored(tmp_path, gate):
    dataset = make_dataset(tmp_path / "data")
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin(task="first")
        append_ticks(writer, range(4))
        store = writer.prepare_commit(EpisodeOutcome(True))
        writer.begin(task="second")
        append_ticks(writer, range(6))
        gate.set()
        store()
        writer.commit(EpisodeOutcome(False))
    assert [(entry.task, entry.length) for entry in dataset.entries] == [("first", 4), ("second", 6)]


def test_a_failure_in_the_thread_reaches_the_caller(tmp_path, monkeypatch):
    dataset = make_dataset(tmp_path / "data")

    def fail(self, camera, frame):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(StagedEpisode, "write_frame", fail)
    with dataset.writer(fake_embodiment()) as writer:
        writer.begin()
        with pytest.raises(DatasetError, match="Input/output error"):
            append_ticks(writer, range(20))
            writer.commit(EpisodeOutcome(True))
        assert not writer.recording
    assert len(dataset) == 0
