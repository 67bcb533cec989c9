"""The recorder cuts episodes out of a robot's streams, by events or by hand."""

import time
from dataclasses import replace
from typing import cast

import pytest
from contracts.demonstration_episodes import PERIOD_NS, make_dataset, make_image
from contracts.fake_embodiment import fake_embodiment
from contracts.streamed_session import StreamedSession

from demonstrations.recorder import Recorder
from demonstrations.schema import EpisodeOutcome
from robotics.errors import ConnectionFailedError, DatasetError, IncompatibleError
from robotics.observation import CameraFrame
from robotics.session import Event, EventKind, RobotSession


def wait_until(condition, limit_s=20.0):
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.001)


@pytest.fixture
def session():
    session = StreamedSession()
    yield session
    session.end()


@pytest.fixture
def dataset(tmp_path):
    return make_dataset(tmp_path / "data")


def make_recorder(session, dataset, **options) -> Recorder:
    return Recorder(cast(RobotSession, session), dataset, **options)


def reset(task, seed):
    return Event(EventKind.EPISODE, task, 0, {"seed": str(seed)})


def outcome(text):
    return Event(EventKind.OUTCOME, text)


def test_events_cut_the_stream_into_episodes(session, dataset):
    with make_recorder(session, dataset, operator="Ada", source="expert") as recorder:
        session.play(range(3))  # before anything happens
        session.play(
            range(3, 30),
            {
                4: [reset("turn_left_arm", 7), Event(EventKind.INSTRUCTION, "turn the left arm")],
                20: [outcome("success")],
            },
        )
        wait_until(lambda: len(recorder.status.committed) == 1)
        session.play(range(30, 50), {32: [reset("turn_right_arm", 8)], 41: [outcome("failure")]})
        wait_until(lambda: len(recorder.status.committed) == 2)
    first, second = dataset
    assert first.tick.tolist() == list(range(4, 21))
    assert (first.metadata.task, first.metadata.seed, first.metadata.success) == ("turn_left_arm", 7, True)
    assert (first.metadata.operator, first.metadata.source) == ("Ada", "expert")
    assert first.image_time_ns("overhead").tolist() == [t * PERIOD_NS for t in range(4, 21, 2)]
    assert second.tick.tolist() == list(range(32, 42))
    assert (second.metadata.task, second.metadata.success) == ("turn_right_arm", False)
    assert len(second.image_time_ns("wrist_left")) == 5


def test_an_instruction_begins_an_episode_on_a_real_robot(session, dataset):
    with make_recorder(session, dataset) as recorder:
        session.play(
            range(10), {2: [Event(EventKind.INSTRUCTION, "open the drawer")], 8: [outcome("success")]}
        )
        wait_until(lambda: recorder.status.committed)
    assert dataset.episode(0).metadata.instruction == "open the drawer"
    assert dataset.episode(0).tick.tolist() == list(range(2, 9))


def test_a_reset_in_the_midst_keeps_what_was_there_without_a_judgement(session, dataset):
    with make_recorder(session, dataset) as recorder:
        session.play(range(20), {0: [reset("turn_left_arm", 1)], 10: [reset("turn_left_arm", 2)]})
        session.play(range(20, 22), {20: [outcome("success")]})
        wait_until(lambda: len(recorder.status.committed) == 2)
    assert [(e.seed, e.success, e.length) for e in dataset.entries] == [(1, None, 10), (2, True, 11)]


def test_episodes_can_be_cut_by_hand(session, dataset):
    with make_recorder(session, dataset, follow_events=False) as recorder:
        session.play(range(5), {1: [reset("turn_left_arm", 1)]})
        assert not recorder.status.recording
        recorder.begin(task="mine")
        session.play(range(5, 10))
        assert recorder.status.recording
        assert recorder.status.ticks == 5
        recorder.discard()
        recorder.begin(task="mine", instruction="do it again")
        session.play(range(10, 20))
        index = recorder.commit(EpisodeOutcome(True, text="good"))
        with pytest.raises(DatasetError, match="begin one first"):
            recorder.commit(EpisodeOutcome(True))
        assert index.result(20) == 0
    episode = dataset.episode(0)
    assert episode.tick.tolist() == list(range(10, 20))
    assert (episode.metadata.instruction, episode.metadata.outcome) == ("do it again", "good")


def test_frames_that_come_late_still_belong_to_their_episode(session, dataset):
    with make_recorder(session, dataset, follow_events=False) as recorder:
        recorder.begin()
        session.play(range(10))
        index = recorder.commit(EpisodeOutcome(True))
        for camera in session.embodiment.camera_names:
            session._frames.put((camera, CameraFrame(make_image(9), 9 * PERIOD_NS)))
            session._frames.put((camera, CameraFrame(make_image(10), 10 * PERIOD_NS)))
        index.result(20)
    assert dataset.episode(0).image_time_ns("overhead").tolist()[-2:] == [8 * PERIOD_NS, 9 * PERIOD_NS]


def test_ticks_that_never_came_are_counted(session, dataset):
    with make_recorder(session, dataset, follow_events=False) as recorder:
        recorder.begin()
        session.play([*range(5), *range(8, 12)])
        recorder.commit(EpisodeOutcome(None)).result(20)
    assert dataset.episode(0).metadata.missing_ticks == 3


def test_a_lost_robot_costs_nothing_that_was_recorded(session, dataset):
    recorder = make_recorder(session, dataset, follow_events=False)
    recorder.begin(task="mine")
    session.play(range(10))
    session.end(ConnectionFailedError("robot:7447 does not answer"))
    wait_until(lambda: recorder.status.error)
    with pytest.raises(ConnectionFailedError, match="does not answer"):
        recorder.commit(EpisodeOutcome(True))
    with pytest.raises(ConnectionFailedError, match="does not answer"):
        recorder.close()
    assert dataset.episode(0).metadata.outcome == "robot:7447 does not answer"
    assert dataset.episode(0).metadata.success is None
    assert len(dataset.episode(0)) == 10


def test_closing_finishes_what_was_ended_and_forgets_what_was_not(session, dataset):
    recorder = make_recorder(session, dataset, follow_events=False)
    recorder.begin()
    session.play(range(6))
    index = recorder.commit(EpisodeOutcome(True))
    recorder.close()
    assert index.done()
    again = make_recorder(session, dataset, follow_events=False)
    again.begin()
    session.end()
    again.close()
    assert len(dataset) == 1
    assert [*(dataset.path / "staging").iterdir()] == []


def test_another_robot_is_refused(dataset):
    with pytest.raises(IncompatibleError):
        make_recorder(StreamedSession(replace(fake_embodiment(), control_rate_hz=25)), dataset)


def test_the_status_tells_frames_and_missing_ticks_of_the_episode_in_work(session, dataset):
    with make_recorder(session, dataset, follow_events=False, extra={"robot": "mine"}) as recorder:
        recorder.begin()
        session.play([*range(5), *range(8, 12)])
        status = recorder.status
        assert (status.ticks, status.missing_ticks) == (9, 3)
        assert status.frames == 5 * len(session.embodiment.camera_names)
        recorder.commit(EpisodeOutcome(True)).result(20)
        recorder.begin()
        assert (recorder.status.frames, recorder.status.missing_ticks) == (0, 0)
    assert dataset.episode(0).metadata.extra == {"robot": "mine"}


def test_a_recorder_that_failed_says_so_when_asked(session, dataset):
    recorder = make_recorder(session, dataset, follow_events=False)
    recorder.check()
    session.end(ConnectionFailedError("robot:7447 does not answer"))
    with pytest.raises(ConnectionFailedError):
        wait_until(recorder.check)
    with pytest.raises(ConnectionFailedError):
        recorder.close()


def test_a_frame_that_comes_before_its_tick_is_kept(session, dataset):
    with make_recorder(session, dataset, follow_events=False) as recorder:
        recorder.begin()
        for tick in (8, 10):  # one of long before the first tick, and its own
            session._frames.put(("overhead", CameraFrame(make_image(tick), tick * PERIOD_NS)))
            session.settle()
        session.play(range(10, 14))
        recorder.commit(EpisodeOutcome(True)).result(20)
    assert dataset.episode(0).image_time_ns("overhead")[0] == 10 * PERIOD_NS


def test_an_episode_without_a_tick_is_not_kept_and_whoever_waits_is_told(session, dataset):
    with make_recorder(session, dataset, follow_events=False) as recorder:
        recorder.begin()
        with pytest.raises(DatasetError, match="without control ticks"):
            recorder.commit(EpisodeOutcome(True)).result(20)
        recorder.begin()
        session.play(range(4))
        recorder.commit(EpisodeOutcome(True)).result(20)
    assert len(dataset) == 1
