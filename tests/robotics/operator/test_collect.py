"""A recording session: who begins and ends episodes, what is kept, takeovers, stops, failures."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment
from contracts.realtime_session import RealtimeFakeSession
from contracts.waiting import eventually

from robotics.action import ActionChunk
from robotics.errors import DatasetError, RoboticsError
from robotics.observation import Observation
from robotics.operator import collect
from robotics.operator.attempt import Attempt, CollectConfig, Ending
from robotics.operator.collect import Collecting
from robotics.operator.collect_status import CollectStatus, Phase, RecordingLoad
from robotics.operator.robot_watch import RobotWatch
from robotics.session import EventKind, RobotMode, RobotState
from robotics.task import EpisodeSetup
from robotics.teleoperator import TeleoperatorEvent as Said

TASK = "turn_left_arm"


class TurnPolicy:
    """Turns the first joint of the left arm by `goal` [rad]; `failing` chunks raise."""

    name, cameras, replan_steps = "turn", (), 10

    def __init__(self, goal: float, failing: bool = False):
        self.goal, self.failing = goal, failing
        self.resets = self.acts = 0

    def reset(self) -> None:
        self.resets += 1

    def act(self, observation: Observation) -> ActionChunk:
        self.acts += 1
        if self.failing:
            raise RoboticsError("lost the camera")
        positions = np.tile(fake_embodiment().home, (30, 1))
        positions[:, 0] += self.goal
        return ActionChunk.answering(observation, fake_embodiment(), positions)


class StayPolicy(TurnPolicy):
    """A person who takes over and keeps the arms where they are."""

    name, replan_steps = "stay", 1

    def __init__(self):
        super().__init__(0.0)
        self.first: np.ndarray | None = None

    def act(self, observation: Observation) -> ActionChunk:
        self.acts += 1
        if self.first is None:
            self.first = observation.joints.target.copy()
        return ActionChunk.answering(observation, fake_embodiment(), np.tile(self.first, (50, 1)))


class Sink:
    """Remembers what was kept; `error` is what recording failed with."""

    def __init__(self):
        self.running: EpisodeSetup | None = None
        self.kept: list[tuple[int, bool, str]] = []
        self.discarded: list[int] = []
        self.error: RoboticsError | None = None

    def begin(self, setup: EpisodeSetup) -> None:
        assert self.running is None
        self.running = setup

    def commit(self, success: bool, progress: float | None, text: str) -> "Future[int]":
        assert self.running is not None
        self.kept.append((self.running.seed, success, text))
        self.running = None
        done: Future[int] = Future()
        done.set_result(len(self.kept) - 1)
        return done

    def discard(self) -> None:
        assert self.running is not None
        self.discarded.append(self.running.seed)
        self.running = None

    def load(self) -> RecordingLoad:
        if self.error is not None:
            raise self.error
        return RecordingLoad()


class Person:
    """Says something once the display shows a phase; the script's next line waits for its own phase."""

    def __init__(self, script: list[tuple[Phase, float, Said]]):
        self._script = deque(script)
        self._said: list[Said] = []
        self.shown: list[CollectStatus] = []
        self.texts: list[str] = []
        self.beeps: list[int] = []

    def show(self, status: CollectStatus) -> None:
        self.shown.append(status)
        if self._script:
            phase, after_s, said = self._script[0]
            if status.phase is phase and status.elapsed_s >= after_s:
                self._script.popleft()
                self._said.append(said)

    def say(self, text: str, trouble: bool = False) -> None:
        self.texts.append(text)

    def beep(self, times: int) -> None:
        self.beeps.append(times)

    def listen(self) -> list[Said]:
        said, self._said = self._said, []
        return said


class Bench:
    """A session on the fake robot with everything at hand."""

    def __init__(self, session: RealtimeFakeSession):
        self.session = session
        self.sink = Sink()
        self.states: list[RobotState] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for state in self.session.states():
            self.states.append(state)

    def run(
        self, policy, script=(), *, person=None, seeds: Iterable[int] = range(100), **config
    ) -> list[Attempt]:
        self.operator = Person(list(script))
        options = {
            "task": TASK,
            "instruction": None,
            "wanted": 1,
            "kept": 0,
            "attended": False,
            "time_limit_s": 5.0,
            "settle_s": 0.1,
        }
        self.collecting = Collecting(
            self.session,
            RobotWatch(self.session, lambda: ""),
            policy,
            self.sink,
            self.operator,
            CollectConfig(**{**options, **config}),
            listen=self.operator.listen,
            person=person,
        )
        return self.collecting.run(seeds)

    def expect(self, kind: EventKind, texts: list[str]) -> None:
        """The state stream has had these, or will in a moment; and it stays so for another tick."""
        eventually(lambda: len(self.events(kind)) >= len(texts))
        seen = len(self.states)
        eventually(lambda: len(self.states) > seen + 1)
        assert self.events(kind) == texts

    def events(self, kind: EventKind) -> list[str]:
        return [event.text for state in self.states for event in state.events if event.kind is kind]


@pytest.fixture
def bench() -> Iterator[Bench]:
    session = RealtimeFakeSession()
    yield Bench(session)
    session.close()


def test_unattended_episodes_begin_by_themselves_until_enough_succeeded(bench: Bench):
    attempts = bench.run(TurnPolicy(0.6), wanted=3, kept=1, seeds=iter([4, 9, 11]))
    assert [a.ending for a in attempts] == [Ending.SUCCESS] * 2
    assert bench.sink.kept == [(4, True, "the judge is satisfied"), (9, True, "the judge is satisfied")]
    bench.expect(EventKind.OUTCOME, ["success", "success"])  # once each
    bench.expect(EventKind.SUBTASK, ["turning", "done"] * 2)
    assert bench.session.held >= 2
    last = bench.operator.shown[-1]
    assert (last.kept, last.wanted) == (2, 3)
    assert bench.operator.beeps == [1, 2, 1, 2]


def test_a_person_begins_and_judges(bench: Bench):
    attempts = bench.run(
        TurnPolicy(0.1),
        [
            (Phase.READY, 0, Said.START),
            (Phase.RECORDING, 0.1, Said.FAILURE),
            (Phase.READY, 0, Said.START),
            (Phase.RECORDING, 0.1, Said.RERECORD),
            (Phase.READY, 0, Said.START),
            (Phase.RECORDING, 0.1, Said.DISCARD),
            (Phase.READY, 0, Said.DISCARD),
            (Phase.READY, 0, Said.START),
            (Phase.RECORDING, 0.1, Said.SUCCESS),
        ],
        attended=True,
    )
    assert [(a.setup.seed, a.ending) for a in attempts] == [
        (0, Ending.FAILURE),
        (1, Ending.RERECORD),
        (1, Ending.DISCARD),
        (2, Ending.DISCARD),
        (3, Ending.SUCCESS),
    ]
    assert [(seed, success) for seed, success, _ in bench.sink.kept] == [(0, False), (3, True)]
    assert bench.sink.discarded == [1, 1]
    bench.expect(EventKind.OUTCOME, ["failure", "success"])
    assert bench.sink.running is None


def test_quitting_keeps_what_there_is(bench: Bench):
    script = [(Phase.READY, 0, Said.START), (Phase.RECORDING, 0.1, Said.QUIT)]
    attempts = bench.run(TurnPolicy(0.1), script, attended=True, wanted=5)
    assert [a.ending for a in attempts] == [Ending.QUIT]
    assert (bench.sink.kept, bench.sink.discarded) == ([], [0])


def test_an_episode_that_takes_too_long_has_failed(bench: Bench):
    bench.run(TurnPolicy(0.1), time_limit_s=0.3, seeds=iter([0]))
    assert bench.sink.kept == [(0, False, "not done within 0.3 s")]


def test_a_person_takes_over_and_gives_back_and_the_data_say_when(bench: Bench):
    policy, person = TurnPolicy(0.45), StayPolicy()
    script = [
        (Phase.RECORDING, 0.2, Said.INTERVENTION_START),
        (Phase.RECORDING, 1.0, Said.INTERVENTION_START),
        (Phase.RECORDING, 1.3, Said.SUCCESS),
    ]
    (attempt,) = bench.run(policy, script, person=person, seeds=iter([0]))
    assert attempt.interventions == 1
    assert person.resets == 1
    assert policy.resets == 2  # at the start, and when it was given back
    bench.expect(EventKind.INTERVENTION, ["start", "end"])
    marks = [i for i, s in enumerate(bench.states) if any(e.kind is EventKind.INTERVENTION for e in s.events)]
    assert person.first is not None
    held = [np.array_equal(s.requested, person.first) for s in bench.states[marks[0] : marks[1]]]
    assert held[-1]
    assert all(held[held.index(True) :])  # nothing of the policy comes after it
    applied = np.array([state.applied for state in bench.states])[:, 0]
    limit = fake_embodiment().velocity_limit[0] * 0.02
    during = applied[marks[0] - 3 : marks[1] + 20]
    assert np.abs(np.diff(during)).max() <= limit + 1e-9
    assert any(status.by_hand for status in bench.operator.shown)


def test_an_episode_that_ends_by_hand_says_until_when(bench: Bench):
    script = [(Phase.RECORDING, 0.1, Said.INTERVENTION_START), (Phase.RECORDING, 0.3, Said.SUCCESS)]
    (attempt,) = bench.run(TurnPolicy(0.1), script, person=StayPolicy(), seeds=iter([0]))
    assert (attempt.ending, attempt.interventions) == (Ending.SUCCESS, 1)
    bench.expect(EventKind.INTERVENTION, ["start", "end"])


def test_without_a_person_nobody_takes_over(bench: Bench):
    bench.run(TurnPolicy(0.6), [(Phase.RECORDING, 0.0, Said.INTERVENTION_START)])
    bench.expect(EventKind.INTERVENTION, [])
    assert any("--intervene" in text for text in bench.operator.texts)


def on_show(monkeypatch: pytest.MonkeyPatch, do: Callable[[CollectStatus], None]) -> None:
    """Do something each time that the display is drawn."""
    show = Person.show

    def show_and_do(self: Person, status: CollectStatus) -> None:
        do(status)
        show(self, status)

    monkeypatch.setattr(Person, "show", show_and_do)


def test_an_emergency_stop_fails_the_episode_and_a_person_releases_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    stops = []

    def stop_once(status: CollectStatus) -> None:
        if status.phase is Phase.RECORDING and status.elapsed_s > 0.1 and not stops:
            stops.append(bench.session.stop("test"))

    on_show(monkeypatch, stop_once)
    script = [(Phase.READY, 0, Said.START), (Phase.STOPPED, 0, Said.START), (Phase.READY, 0, Said.QUIT)]
    bench.run(TurnPolicy(0.1), script, attended=True, wanted=3)
    ((_, success, text),) = bench.sink.kept
    assert not success
    assert text.startswith("emergency_stop: test")
    assert bench.session.state().mode is RobotMode.HOLDING


def test_a_failing_policy_fails_the_episode_and_ends_a_hopeless_recording(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(collect, "_HOPELESS", 2)
    with pytest.raises(RoboticsError, match="2 episodes and no success; the last: lost the camera"):
        bench.run(TurnPolicy(0.6, failing=True))
    assert [success for _, success, _ in bench.sink.kept] == [False, False]


def test_a_recorder_that_fails_ends_the_session_and_the_arms_hold(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    def fail(status: CollectStatus) -> None:
        if status.phase is Phase.RECORDING:
            bench.sink.error = DatasetError("disk full")

    on_show(monkeypatch, fail)
    with pytest.raises(DatasetError, match="disk full"):
        bench.run(TurnPolicy(0.1))
    assert bench.session.held >= 1
    assert bench.sink.running is not None  # left for the recorder, which saves what there is


def test_ctrl_c_discards_the_episode_in_work_and_the_arms_hold(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    def interrupt(status: CollectStatus) -> None:
        if status.phase is Phase.RECORDING:
            raise KeyboardInterrupt

    on_show(monkeypatch, interrupt)
    with pytest.raises(KeyboardInterrupt):
        bench.run(TurnPolicy(0.1))
    assert bench.sink.discarded == [0]
    assert bench.session.held >= 1


def test_a_real_robot_goes_home_and_its_person_is_asked_to_put_the_scene_back(
    monkeypatch: pytest.MonkeyPatch,
):
    session = RealtimeFakeSession(simulated=False)
    homes = []
    monkeypatch.setattr(collect, "move_home", homes.append)
    try:
        bench = Bench(session)
        script = [(Phase.READY, 0, Said.START), (Phase.RECORDING, 0.1, Said.SUCCESS)]
        bench.run(TurnPolicy(0.1), script, attended=True, instruction="tidy the table")
    finally:
        session.close()
    assert homes == [session]
    assert any(
        text.startswith("put the scene back as it begins, then Enter") for text in bench.operator.texts
    )
    assert "tidy the table" in bench.events(EventKind.INSTRUCTION)
    assert bench.operator.shown[-1].seed is None
