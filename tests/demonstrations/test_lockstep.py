"""Lockstep recording: row i is tick i, cameras keep their rates, only successes are kept unless asked."""

import numpy as np
import pytest
from contracts.demonstration_episodes import PERIOD_NS
from contracts.fake_embodiment import fake_embodiment
from contracts.fake_robot import FakeCameraRig, FakeRobot, joint_as_pixel

from demonstrations.dataset import DemonstrationDataset
from demonstrations.lockstep import record_lockstep
from demonstrations.verify import verify
from robotics.action import ActionChunk
from robotics.bridge.local_session import LocalSession
from robotics.errors import UnknownNameError
from robotics.session import EventKind


class TurnArm:
    """Turns the first joint at a steady pace; intends a little less than it asks for."""

    name = "turn arm"
    replan_steps = 7

    def __init__(self, speed: float = 0.5, cameras: tuple[str, ...] = ()):
        self.speed, self.cameras = speed, cameras
        self.resets = 0

    def reset(self):
        self.resets += 1

    def act(self, observation):
        assert set(self.cameras) <= {*observation.images}
        ramp = observation.joints.target + np.zeros((20, 14))
        ramp[:, 0] += self.speed * 0.02 * np.arange(1, 21)
        return ActionChunk.answering(observation, fake_embodiment(), ramp, intended=ramp - 0.001)


@pytest.fixture
def session():
    session = LocalSession(FakeRobot(), FakeCameraRig())
    yield session
    session.close()


@pytest.fixture
def writer(tmp_path):
    dataset = DemonstrationDataset.create(tmp_path / "data", fake_embodiment(), ["overhead"])
    with dataset.writer(fake_embodiment()) as writer:
        yield writer


def test_a_success_is_recorded_tick_by_tick(session, writer):
    policy = TurnArm(cameras=("wrist_left",))
    made = record_lockstep(session, policy, writer, "turn_left_arm", 5, operator="Ada", settle_s=0.2)
    assert made.index == 0
    assert made.outcome.success
    assert policy.resets == 1
    episode = writer.dataset.episode(0)
    meta = episode.metadata
    assert len(episode) == made.length
    assert (meta.task, meta.seed, meta.source, meta.operator) == ("turn_left_arm", 5, "turn arm", "Ada")
    assert meta.instruction == made.setup.instruction
    assert meta.success
    assert meta.missing_ticks == 0
    assert {event.kind for event in meta.events} >= {EventKind.EPISODE, EventKind.INSTRUCTION}
    assert set(np.diff(episode.time_ns)) == {PERIOD_NS}
    np.testing.assert_array_equal(episode.target[1:], episode.applied[:-1])
    np.testing.assert_allclose(episode.requested - episode.intended, 0.001, atol=1e-12)
    success_tick = int(np.argmax(episode.state["progress"] >= 1))
    assert len(episode) - success_tick - 1 == 10  # settle_s


def test_frames_show_the_row_that_they_belong_to(session, writer):
    record_lockstep(session, TurnArm(), writer, "turn_left_arm", 0)
    episode = writer.dataset.episode(0)
    rows = episode.row_of_frames("overhead")
    assert rows.tolist() == list(range(0, len(episode), 2))
    np.testing.assert_array_equal(episode.image_time_ns("overhead"), episode.time_ns[rows])
    reds = episode.frames("overhead", range(len(rows)))[:, 0, 0, 0].astype(int)
    wanted = [joint_as_pixel(episode.position[row, 0]) for row in rows]
    assert np.corrcoef(reds, wanted)[0, 1] > 0.9


def test_failures_are_forgotten_unless_asked_for(session, writer):
    lost = record_lockstep(session, TurnArm(0.0), writer, "turn_left_arm", 0, time_limit_s=0.5)
    assert (lost.index, lost.outcome.success, lost.outcome.text) == (None, False, "time limit")
    assert len(writer.dataset) == 0
    assert [*(writer.dataset.path / "staging").iterdir()] == []
    kept = record_lockstep(
        session, TurnArm(0.0), writer, "turn_left_arm", 0, time_limit_s=0.5, keep_failures=True
    )
    assert (kept.index, kept.length) == (0, 25)
    assert writer.dataset.episode(0).metadata.success is False
    assert writer.dataset.demonstrations() == []


def test_a_refused_chunk_ends_the_episode_as_a_failure(session, writer):
    made = record_lockstep(session, TurnArm(5.0), writer, "turn_left_arm", 0, settle_s=1.0)
    assert made.outcome.success is False
    assert "ChunkRefusedError" in made.outcome.text
    assert made.index is None


def test_the_same_seed_gives_the_same_ticks(session, writer):
    first, second = (record_lockstep(session, TurnArm(), writer, "turn_left_arm", 3) for _ in range(2))
    one, two = (writer.dataset.episode(made.index) for made in (first, second))
    for name in ("position", "velocity", "requested", "applied"):
        np.testing.assert_array_equal(one.state[name], two.state[name])
    assert verify(writer.dataset) == []


def test_an_unknown_task_is_named(session, writer):
    with pytest.raises(UnknownNameError, match="turn_left_arm"):
        record_lockstep(session, TurnArm(), writer, "turn_left", 0)
    assert not writer.recording


def test_the_stages_of_the_task_are_kept_with_their_times(session, writer):
    made = record_lockstep(session, TurnArm(), writer, "turn_left_arm", 0)
    episode = writer.dataset.episode(made.index)
    stages = [event for event in episode.metadata.events if event.kind is EventKind.SUBTASK]
    assert [event.text for event in stages] == ["turning", "done"]
    assert stages[0].time_ns == episode.time_ns[0]
    assert stages[1].time_ns in episode.time_ns
