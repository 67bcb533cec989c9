"""A watch boils the state stream of a robot down to true rates, and says when the robot is lost."""

import dataclasses
import itertools
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment
from contracts.realtime_session import RealtimeFakeSession
from contracts.waiting import eventually

from robotics.action import ActionChunk
from robotics.errors import ChunkRefusedError, ConnectionFailedError, RoboticsError
from robotics.operator.robot_watch import RobotWatch
from robotics.session import Event, EventKind, LatencyStatistics, RobotState

PERIOD_NS = fake_embodiment().control_period_ns


@pytest.fixture
def session() -> Iterator[RealtimeFakeSession]:
    running = RealtimeFakeSession()
    yield running
    running.close()


class ScriptedSession:
    """States by hand, for what a robot in real time does too rarely to wait for."""

    def __init__(self, session: RealtimeFakeSession):
        self._first = session.state()
        self._given: list[RobotState] = []
        self._more = threading.Condition()
        self.error: RoboticsError | None = None

    def state(self) -> RobotState:
        return self._first

    def give(self, tick: int, **changed) -> None:
        joints = dataclasses.replace(self._first.joints, tick=tick, time_ns=tick * PERIOD_NS)
        with self._more:
            self._given.append(dataclasses.replace(self._first, joints=joints, **changed))
            self._more.notify_all()

    def fail(self, error: RoboticsError | None) -> None:
        with self._more:
            self.error = error
            self._given.append(None)  # type: ignore[arg-type]
            self._more.notify_all()

    def states(self) -> Iterator[RobotState]:
        for index in itertools.count():
            with self._more:
                self._more.wait_for(lambda index=index: len(self._given) > index)
            if self._given[index] is None:
                if self.error is not None:
                    raise self.error
                return
            yield self._given[index]


def heard(watch: RobotWatch, tick: int) -> bool:
    return watch.snapshot().state.joints.tick == tick


def test_a_running_robot_is_seen_at_its_rate_with_its_stages_leader_and_events(session: RealtimeFakeSession):
    watch = RobotWatch(session, lambda: "anna")
    observation, embodiment = session.observe(), session.describe().embodiment
    wrong = np.full((5, embodiment.action_dim), np.nan)
    with pytest.raises(ChunkRefusedError):
        session.send(ActionChunk.answering(observation, embodiment, wrong))
    session.annotate(Event(EventKind.NOTE, "first"))
    session.annotate(Event(EventKind.NOTE, "second"))
    watch.wait_for_report(30)
    snapshot = watch.snapshot()
    assert snapshot.leader == "anna" and watch.failure is None
    assert 0 < snapshot.control_rate_hz <= 50.001
    assert {"read", "tick"} <= {row.name for row in snapshot.stages}
    assert [event.text for event in snapshot.events][:2] == ["second", "first"]
    assert {row.kind: row.count for row in snapshot.guard} == {"refused": 1, "refused/not_finite": 1}


def test_missed_ticks_lower_the_rate(session: RealtimeFakeSession):
    scripted = ScriptedSession(session)
    watch = RobotWatch(scripted, lambda: "")  # type: ignore[arg-type]
    for tick in range(0, 101, 2):
        scripted.give(tick)
    eventually(lambda: heard(watch, 100))
    assert watch.snapshot().control_rate_hz == pytest.approx(25)


def test_rates_of_stages_and_cameras_are_by_the_time_between_reports(session: RealtimeFakeSession):
    scripted = ScriptedSession(session)
    watch = RobotWatch(scripted, lambda: "")  # type: ignore[arg-type]

    def rows(count: int) -> tuple[LatencyStatistics, ...]:
        return tuple(LatencyStatistics(name, count, 1, 1, 1, 1) for name in ("tick", "frame:overhead"))

    scripted.give(0, statistics=rows(7))
    scripted.give(1)
    eventually(lambda: heard(watch, 1))
    assert watch.snapshot().stages == ()  # nobody knows how long those seven took
    scripted.give(100, statistics=rows(50))
    scripted.give(101)
    eventually(lambda: heard(watch, 101))
    snapshot = watch.snapshot()
    assert [(row.name, row.rate_hz) for row in snapshot.stages] == [("tick", pytest.approx(25))]
    assert [(row.name, row.rate_hz) for row in snapshot.cameras] == [("overhead", pytest.approx(25))]


def test_the_guard_has_a_rate_of_the_last_ten_seconds(session: RealtimeFakeSession):
    scripted = ScriptedSession(session)
    watch = RobotWatch(scripted, lambda: "")  # type: ignore[arg-type]
    for second in range(21):
        scripted.give(second * 50, guard_counts={"velocity": 1000 + max(0, second - 15) * 4})
    eventually(lambda: heard(watch, 1000))
    (row,) = watch.snapshot().guard
    assert (row.count, row.rate_hz) == (1020, 2.0)


@pytest.mark.parametrize("error", [ConnectionFailedError("no robot answers"), None])
def test_a_robot_that_goes_is_told_and_ends_the_waiting(session: RealtimeFakeSession, error):
    scripted = ScriptedSession(session)
    watch = RobotWatch(scripted, lambda: "")  # type: ignore[arg-type]
    assert watch.failure is None
    scripted.fail(error)
    watch.wait_for_report(30)
    assert isinstance(watch.failure, ConnectionFailedError)


def test_a_snapshot_as_json_names_the_joints(session: RealtimeFakeSession):
    names = session.describe().embodiment.action_names
    watch = RobotWatch(session, lambda: "")
    told = watch.snapshot().as_json(names)
    assert set(told["position"]) == set(names) and told["mode"] == "holding"
