"""Replay sends exactly what was applied, wherever the robot starts, and tells how alike it was."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from contracts.demonstration_episodes import make_dataset
from contracts.fake_embodiment import fake_embodiment
from contracts.fake_robot import FakeCameraRig, FakeRobot
from contracts.policy_contract import PolicyContract, make_observation
from contracts.realtime_session import RealtimeFakeSession
from contracts.waiting import eventually

from demonstrations.dataset import DemonstrationDataset
from demonstrations.lockstep import record_lockstep
from demonstrations.replay import ReplayPolicy, open_replay, parse_replay
from demonstrations.replaying import replay_in_lockstep, replay_in_real_time, starts_at_its_seed
from robotics.action import ActionChunk
from robotics.bridge.local_session import LocalSession
from robotics.embodiments import load_embodiment
from robotics.errors import DatasetError, IncompatibleError, RoboticsError
from robotics.kinematics.home_path import minimum_jerk
from robotics.session import RobotMode

SPEED = 0.5


class TurnArm:
    """Turns the first joint at a steady pace, within the guard's limits after its first steps."""

    name, cameras, replan_steps = "turn arm", (), 7

    def __init__(self, embodiment):
        self._embodiment = embodiment

    def reset(self):
        pass

    def act(self, observation):
        ramp = observation.joints.target + np.zeros((20, 14))
        ramp[:, 0] += SPEED * 0.02 * np.arange(1, 21)
        return ActionChunk.answering(observation, self._embodiment, ramp)


@pytest.fixture
def session():
    session = LocalSession(FakeRobot(), FakeCameraRig())
    yield session
    session.close()


def record(path, session, cameras):
    embodiment = session.describe().embodiment
    dataset = DemonstrationDataset.create(path, embodiment, cameras)
    with dataset.writer(embodiment) as writer:
        policy = TurnArm(embodiment)
        assert record_lockstep(session, policy, writer, "turn_left_arm", 5, settle_s=0.2).index == 0
    return dataset


@pytest.fixture
def dataset(tmp_path, session):
    return record(tmp_path / "data", session, ["overhead"])


class TestReplayPolicyIsAPolicy(PolicyContract):
    @pytest.fixture
    def embodiment(self):
        return fake_embodiment()

    @pytest.fixture
    def policy(self, dataset):
        return ReplayPolicy(dataset.episode(0), fake_embodiment())


def test_the_motion_comes_back(session, dataset):
    episode = dataset.episode(0)
    report = replay_in_lockstep(session, ReplayPolicy(episode, fake_embodiment()))
    assert report.complete
    assert report.rows == report.length == len(episode)
    assert report.success
    assert report.approach_s == 0
    assert report.ended_by == ""
    assert report.commands and report.motion and report.tracking and report.tracking_then
    assert report.commands.max < 0.01
    assert report.motion.max < 0.01
    assert report.tracking.max == pytest.approx(report.tracking_then.max, abs=0.01)


def test_slowed_down_every_row_is_executed_just_the_same(session, dataset):
    report = replay_in_lockstep(session, ReplayPolicy(dataset.episode(0), fake_embodiment()), speed=0.4)
    assert report.complete
    assert report.rows == report.length
    assert report.success
    assert report.commands and report.commands.max < 0.02
    assert session.state().motion.speed == 1.0


def test_from_elsewhere_a_slow_approach_comes_first(session, dataset):
    embodiment, episode = fake_embodiment(), dataset.episode(0)
    session.reset("turn_left_arm", 5)
    away = embodiment.home.copy()
    away[[1, 9]] += 0.3
    path = minimum_jerk(session.state().applied, away, embodiment, 0.5)
    session.send(ActionChunk.answering(session.observe(), embodiment, path))
    session.advance(len(path) + 50)
    policy = ReplayPolicy(episode, embodiment)
    policy.reset()
    states = []
    while policy.steps_done < policy.steps:
        session.send(policy.act(session.observe()))
        states += session.advance(policy.replan_steps)
    assert policy.approach_steps > 10
    velocity = np.diff([s.applied for s in states[: policy.approach_steps]], axis=0) / 0.02
    assert (np.abs(velocity) <= 0.25 * embodiment.velocity_limit).all()
    replayed = np.array([s.requested for s in states[policy.approach_steps : policy.steps]])
    np.testing.assert_allclose(replayed, episode.applied, atol=1e-9)
    np.testing.assert_allclose(states[-1].applied, episode.applied[-1], atol=1e-3)
    assert states[-1].mode is RobotMode.EXECUTING


def observed(tick, target, plan=()):
    """What a robot shows at a tick: the target in force, and what is left of the plan."""
    observation = make_observation(fake_embodiment(), ())
    joints = replace(observation.joints, tick=tick, target=np.array(target))
    return replace(observation, joints=joints, plan=np.reshape(np.array(plan), (-1, 14)))


def test_steps_are_counted_as_the_robot_executes_them(dataset):
    policy = ReplayPolicy(dataset.episode(0), fake_embodiment())
    recorded = dataset.episode(0).applied
    first = policy.act(observed(100, recorded[0])).positions
    np.testing.assert_array_equal(first, recorded[:50])
    # the robot stood still meanwhile: nothing of the plan is executed
    again = policy.act(observed(125, recorded[0], first)).positions
    np.testing.assert_array_equal(again, first)
    later = policy.act(observed(150, recorded[11], first[12:])).positions
    np.testing.assert_array_equal(later[:40], recorded[12:52])
    # that answer was refused: what is left still belongs to the chunk before
    after = policy.act(observed(160, recorded[19], first[20:])).positions
    np.testing.assert_array_equal(after[0], recorded[20])


def test_a_plan_that_was_dropped_is_taken_up_where_the_arms_are(dataset):
    policy = ReplayPolicy(dataset.episode(0), fake_embodiment())
    recorded = dataset.episode(0).applied
    policy.act(observed(100, recorded[0]))
    np.testing.assert_array_equal(policy.act(observed(130, recorded[11])).positions[0], recorded[12])
    np.testing.assert_array_equal(policy.act(observed(180, recorded[61])).positions[0], recorded[62])
    with pytest.raises(RoboticsError, match=r"the arms are 0\.3. rad \(or openings\) from where it left"):
        policy.act(observed(181, recorded[62] + 0.3))


def test_at_the_end_the_last_row_is_held(dataset):
    policy = ReplayPolicy(dataset.episode(0), fake_embodiment())
    recorded = dataset.episode(0).applied
    chunk = policy.act(observed(0, recorded[0]))
    for i in range(1, len(recorded) // 50 + 2):  # an empty plan: all of the last chunk was executed
        chunk = policy.act(observed(50 * i, chunk.positions[-1]))
    np.testing.assert_array_equal(chunk.positions, np.repeat(recorded[-1:], 50, axis=0))
    assert policy.steps_done >= policy.steps == len(recorded)


def test_a_stop_ends_it_in_words(session, dataset):
    session.stop("somebody pressed the button")
    session.advance(1)
    policy = ReplayPolicy(dataset.episode(0), fake_embodiment())
    report = replay_in_lockstep(session, policy)  # a simulated world is released like before any episode
    assert report.complete

    class Stopping(ReplayPolicy):
        def act(self, observation):
            if self.steps_done >= 25:
                session.stop("somebody pressed the button")
            return super().act(observation)

    report = replay_in_lockstep(session, Stopping(dataset.episode(0), fake_embodiment()))
    assert "StoppedError" in report.ended_by
    assert not report.complete
    assert 25 <= report.rows < report.length


def test_in_real_time_it_is_the_same_motion_and_the_robot_holds_at_the_end(dataset):
    session = RealtimeFakeSession()
    try:
        report = replay_in_real_time(session, ReplayPolicy(dataset.episode(0), fake_embodiment()))
        assert report.ended_by == ""
        assert report.complete
        assert report.rows >= report.length // 2  # of a busy machine's ticks not all are seen
        assert report.commands and report.commands.p95 < 0.05
        assert session.held == 1
        assert session.state().mode is RobotMode.HOLDING
    finally:
        session.close()


def test_a_robot_that_cannot_be_reset_goes_home_first(tmp_path):
    embodiment = load_embodiment("aloha2")
    dataset = record(tmp_path / "data", LocalSession(FakeRobot(embodiment), FakeCameraRig()), [])
    session = RealtimeFakeSession(FakeRobot(embodiment), simulated=False)
    try:
        away = embodiment.home.copy()
        away[0] -= 0.1
        path = minimum_jerk(session.state().applied, away, embodiment, 0.5)
        session.send(ActionChunk.answering(session.observe(), embodiment, path))
        eventually(lambda: np.allclose(session.state().applied, away, atol=1e-3))
        policy = ReplayPolicy(dataset.episode(0), embodiment)
        report = replay_in_real_time(session, policy)
        assert report.ended_by == ""
        assert report.success is None
        assert policy.approach_steps == 0  # home is where the recording began
        assert np.abs(session.state().applied - dataset.episode(0).applied[-1]).max() < 0.02
    finally:
        session.close()


def test_a_stop_in_real_time_ends_it_in_words(dataset):
    session = RealtimeFakeSession()
    try:
        policy = ReplayPolicy(dataset.episode(0), fake_embodiment())
        button = threading.Timer(0.4, session.stop, ["somebody pressed the button"])
        button.start()
        report = replay_in_real_time(session, policy)
        button.join()
        assert "somebody pressed the button" in report.ended_by
        assert not report.complete
    finally:
        session.close()


def test_names_are_read_and_wrong_ones_refused(tmp_path, dataset):
    assert parse_replay("replay:some/data/12").number == 12
    for text in ("replay:data", "replay:data/last", "replay:/3", "data/3"):
        with pytest.raises(DatasetError, match="wanted replay:DATASET/EPISODE"):
            parse_replay(text)
    assert open_replay(f"replay:{tmp_path}/data/0", fake_embodiment()).name == "replay of data/0"
    with pytest.raises(DatasetError, match="no episode 4; it has: 0"):
        open_replay(f"replay:{tmp_path}/data/4", fake_embodiment())
    with pytest.raises(DatasetError, match="no demonstration dataset"):
        open_replay(f"replay:{tmp_path}/date/4", fake_embodiment())


def test_another_robot_is_refused(dataset):
    other = replace(fake_embodiment(), control_rate_hz=25, name="slow")
    with pytest.raises(IncompatibleError, match=r"recorded on 'fake' .* is 'slow'"):
        ReplayPolicy(dataset.episode(0), other)


def test_a_world_that_does_not_start_at_the_first_row_is_known(tmp_path, dataset):
    from demonstrations.editing.rows import RowRange, copy_rows
    from demonstrations.editing.transaction import Edit

    whole = dataset.episode(0)
    assert starts_at_its_seed(ReplayPolicy(whole, fake_embodiment()))
    assert starts_at_its_seed(ReplayPolicy(make_dataset(tmp_path / "b", 1).episode(0), fake_embodiment()))
    with Edit(dataset, "split") as edit:
        for a, b in ((0, 20), (20, len(whole))):
            copy_rows(whole, RowRange(a, b), edit.new_episode(), dataset.description, edit=f"{a}:{b}")
        edit.commit([0])
    answers = [starts_at_its_seed(ReplayPolicy(part, fake_embodiment())) for part in dataset]
    assert answers == [True, False]
