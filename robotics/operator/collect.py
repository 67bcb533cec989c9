"""Collects demonstrations in real time: reset, begin, move, judge, keep or not, until there are enough."""

import contextlib
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import replace
from typing import Protocol

from robotics.errors import RoboticsError
from robotics.operator.attempt import Attempt, CollectConfig, Ending
from robotics.operator.collect_status import CollectDisplay, CollectStatus, Phase, RecordingLoad
from robotics.operator.home import move_home
from robotics.operator.live_judge import LiveJudge
from robotics.operator.robot_watch import RobotSnapshot, RobotWatch
from robotics.operator.shared_control import SharedControl
from robotics.policy import Policy
from robotics.session import STOPPED_MODES, Event, EventKind, RobotMode, RobotSession
from robotics.task import EpisodeSetup
from robotics.teleoperator import TeleoperatorEvent as Said

_LOOK_EVERY_S = 0.02
_OUTCOME_WAIT_S = 0.5
"""How long the end of an episode waits for its outcome to come back in the state stream."""
_HOPELESS = 40
"""So many episodes in a row without a success end a recording that nobody attends."""


class EpisodeSink(Protocol):
    """What keeps the episodes; it follows the robot's streams by itself."""

    def begin(self, setup: EpisodeSetup) -> None: ...

    def commit(self, success: bool, progress: float | None, text: str) -> "Future[int]": ...

    def discard(self) -> None: ...

    def load(self) -> RecordingLoad:
        """
        Raises:
            RoboticsError: Recording has failed.
        """
        ...


class Collecting:
    """One recording session; `run` returns what was attempted. The robot holds between episodes."""

    def __init__(
        self,
        session: RobotSession,
        watch: RobotWatch,
        policy: Policy,
        sink: EpisodeSink,
        display: CollectDisplay,
        config: CollectConfig,
        *,
        listen: Callable[[], Iterable[Said]],
        person: Policy | None = None,
    ):
        """
        Args:
            session: In real time; it leads.
            policy: Who moves the robot.
            listen: What the person has said since the last call, by whatever key.
            person: Who takes over from the policy when the person says so.
        """
        self._session, self._watch, self._policy = session, watch, policy
        self._sink, self._display, self._config = sink, display, config
        self._listen, self._person = listen, person
        self._simulated = session.describe().simulated
        self._attempts: list[Attempt] = []
        self._commits: list[Future[int]] = []
        self._started_s = time.monotonic()
        self._status = CollectStatus(
            Phase.RESET, config.task, "", None, wanted=config.wanted, kept=config.kept
        )

    def run(self, seeds: Iterable[int]) -> list[Attempt]:
        """Attempt seed after seed until enough succeeded, the seeds are used up, or the person quits.

        Raises:
            RoboticsError: The robot, the recording or (time after time) the policy failed.
        """
        unattended_failures, text = 0, ""
        for seed in seeds:
            ending = Ending.RERECORD
            while ending is Ending.RERECORD:
                if self._kept >= self._config.wanted:
                    return self._finish()
                attempt = self._attempt(seed)
                self._attempts.append(attempt)
                ending, text = attempt.ending, attempt.text
            if ending is Ending.QUIT:
                break
            unattended_failures = 0 if ending is Ending.SUCCESS else unattended_failures + 1
            if not self._config.attended and unattended_failures >= _HOPELESS:
                raise RoboticsError(f"{_HOPELESS} episodes and no success; the last: {text}")
        return self._finish()

    @property
    def _kept(self) -> int:
        return self._config.kept + self._count(Ending.SUCCESS)

    def _count(self, ending: Ending) -> int:
        return sum(attempt.ending is ending for attempt in self._attempts)

    def _finish(self) -> list[Attempt]:
        for commit in self._commits:
            commit.result()
        return self._attempts

    def _attempt(self, seed: int) -> Attempt:
        setup, said = self._prepare(seed)
        if said is None:
            return self._record(setup)
        ending = {Said.QUIT: Ending.QUIT, Said.RERECORD: Ending.RERECORD}.get(said, Ending.DISCARD)
        return Attempt(setup, ending, "before it began", 0.0, 0)

    def _prepare(self, seed: int) -> tuple[EpisodeSetup, Said | None]:
        """The scene is ready, and the person too; or what they said instead."""
        config = self._config
        setup = EpisodeSetup(config.task, seed, config.instruction or "")
        self._show(Phase.RESET, setup)
        if (said := self._wait_while_stopped(setup)) is not None:
            return setup, said
        if self._simulated:
            setup = self._session.reset(config.task, seed, config.instruction)
        else:
            move_home(self._session)
            self._session.annotate(Event(EventKind.INSTRUCTION, setup.instruction))
        if not config.attended:
            return setup, None
        ask = "" if self._simulated else "put the scene back as it begins, then "
        self._display.say(f"{ask}Enter begins: {setup.instruction}")
        return setup, self._wait_for_start(Phase.READY, setup)

    def _wait_while_stopped(self, setup: EpisodeSetup) -> Said | None:
        """A person releases a stopped robot; only where nobody is there, the guard's own stop ends here."""
        mode = self._session.state().mode
        if mode not in STOPPED_MODES:
            return None
        if self._config.attended or mode is RobotMode.EMERGENCY_STOP:
            self._display.say("the robot is stopped: Enter releases it", trouble=True)
            if (said := self._wait_for_start(Phase.STOPPED, setup)) is not None:
                return said
        if self._session.state().mode in STOPPED_MODES:
            self._session.release()
        return None

    def _wait_for_start(self, phase: Phase, setup: EpisodeSetup) -> Said | None:
        while True:
            if phase is Phase.STOPPED and self._watch.snapshot().state.mode not in STOPPED_MODES:
                return None  # released by somebody else
            for said in self._listen():
                if said is Said.START:
                    return None
                if said in (Said.QUIT, Said.DISCARD, Said.RERECORD):
                    return said
            self._show(phase, setup)
            self._raise_failures()
            time.sleep(_LOOK_EVERY_S)

    def _record(self, setup: EpisodeSetup) -> Attempt:
        self._policy.reset()
        self._sink.begin(setup)
        moving = SharedControl(self._session, self._policy, self._person)
        begun_ns = self._session.state().joints.time_ns
        snapshot = self._watch.snapshot()
        try:
            self._display.beep(1)
            moving.start()
            judge = LiveJudge(self._session, begun_ns, self._config)
            while True:
                time.sleep(_LOOK_EVERY_S)
                snapshot = self._watch.snapshot()
                self._raise_failures()
                found = self._hear(moving) or judge.look(snapshot.state, moving.failure)
                self._show(Phase.RECORDING, setup, snapshot, judge.elapsed_s, moving.by_hand)
                if found is not None:
                    break
        except KeyboardInterrupt:
            self._sink.discard()  # but where the robot was lost, the recorder keeps what there was
            raise
        finally:
            moving.stop()
            with contextlib.suppress(RoboticsError):  # a stopped robot stands
                self._session.hold()
        attempt = Attempt(setup, *found, judge.elapsed_s, moving.interventions)
        self._keep(attempt, snapshot, begun_ns)
        return attempt

    def _hear(self, moving: SharedControl) -> tuple[Ending, str] | None:
        for said in self._listen():
            if said in (Said.INTERVENTION_START, Said.INTERVENTION_END):
                if not moving.hand_over():
                    self._display.say("nobody to take over: --intervene teleop", trouble=True)
            elif said is not Said.START:
                return Ending(said.value), f"{said.value}, as the operator says"
        return None

    def _keep(self, attempt: Attempt, snapshot: RobotSnapshot, begun_ns: int) -> None:
        self._display.beep(2 if attempt.ending is Ending.SUCCESS else 3)
        self._display.say(f"{attempt.ending.value} after {attempt.duration_s:.1f} s: {attempt.text}")
        if attempt.ending not in (Ending.SUCCESS, Ending.FAILURE):
            self._sink.discard()
            return
        self._annotate_outcome(attempt.ending.value, begun_ns)
        task = snapshot.state.task
        progress = task.progress if task is not None else None
        commit = self._sink.commit(attempt.ending is Ending.SUCCESS, progress, attempt.text)
        self._commits.append(commit)

    def _annotate_outcome(self, outcome: str, begun_ns: int) -> None:
        """The outcome is part of the recording: wait until it is in the state stream.

        The judge of a simulation has said it already, where that is what ended the episode.
        """
        end_s = time.monotonic() + _OUTCOME_WAIT_S
        said = False
        while time.monotonic() < end_s:
            events = self._watch.snapshot().events
            if any(
                e.kind is EventKind.OUTCOME and e.text == outcome and e.time_ns >= begun_ns for e in events
            ):
                return
            if not said:
                said = True
                self._session.annotate(Event(EventKind.OUTCOME, outcome))
            time.sleep(_LOOK_EVERY_S)

    def _raise_failures(self) -> None:
        if self._watch.failure is not None:
            raise self._watch.failure
        self._sink.load()

    def _show(
        self,
        phase: Phase,
        setup: EpisodeSetup,
        snapshot: RobotSnapshot | None = None,
        elapsed_s: float = 0.0,
        by_hand: bool = False,
    ) -> None:
        snapshot = snapshot or self._watch.snapshot()
        successes = self._count(Ending.SUCCESS)
        left = self._config.wanted - self._kept
        spent_s = time.monotonic() - self._started_s
        self._status = replace(
            self._status,
            phase=phase,
            instruction=setup.instruction,
            seed=setup.seed if self._simulated else None,
            elapsed_s=elapsed_s,
            kept=self._kept,
            failed=self._count(Ending.FAILURE),
            left_s=left * spent_s / successes if successes else None,
            control_rate_hz=snapshot.control_rate_hz,
            missed_deadlines=snapshot.state.missed_deadlines,
            by_hand=by_hand,
            load=self._sink.load(),
        )
        self._display.show(self._status)
