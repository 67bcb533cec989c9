"""The real-time run: success, time-out, stops, failures, Ctrl-C; and what it leaves behind."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment
from contracts.realtime_session import RealtimeFakeSession
from rich.console import Console

from robotics.action import ActionChunk
from robotics.errors import RoboticsError
from robotics.observation import Observation
from robotics.operator.artifacts import write_film, write_joint_plot, write_report
from robotics.operator.black_box import BlackBox
from robotics.operator.live_terminal import LiveTerminal, progress_line
from robotics.operator.run import RunOutcome, run, warm_up
from robotics.session import RobotMode


class TurnPolicy:
    """Turns the first joint of the left arm by `goal` [rad]."""

    name = "turn"
    cameras = ("overhead",)
    replan_steps = 10

    def __init__(self, goal: float = 0.6, after_acts: int = 10**9, error: Exception | None = None):
        self.goal, self.after_acts, self.error = goal, after_acts, error
        self.acts = self.resets = 0

    def reset(self) -> None:
        self.resets += 1

    def act(self, observation: Observation) -> ActionChunk:
        self.acts += 1
        if self.acts > self.after_acts and self.error is not None:
            raise self.error
        embodiment = fake_embodiment()
        positions = np.tile(embodiment.home, (30, 1))
        positions[:, 0] = embodiment.home[0] + self.goal
        return ActionChunk.answering(observation, embodiment, positions)


@pytest.fixture
def session() -> Iterator[RealtimeFakeSession]:
    session = RealtimeFakeSession()
    yield session
    session.close()


def run_turn(session: RealtimeFakeSession, policy: TurnPolicy, time_limit_s: float = 4.0, **options):
    setup = session.reset("turn_left_arm", 0)
    box = BlackBox(session, ("overhead", "wrist_left"))
    try:
        result = run(
            session,
            policy,
            box,
            task=setup.task,
            instruction=setup.instruction,
            time_limit_s=time_limit_s,
            **options,
        )
    finally:
        box.close()
    return result, box


def test_a_run_that_succeeds_ends_by_itself_holds_and_leaves_film_plot_and_report(
    session: RealtimeFakeSession, tmp_path: Path
):
    import av

    result, box = run_turn(session, TurnPolicy())
    assert result.outcome is RunOutcome.SUCCESS
    assert session.held == 1
    assert result.last.chunk.count >= 1
    assert result.last.progress == 1.0
    assert 0 < result.last.elapsed_s < 4
    states = box.states()
    embodiment = fake_embodiment()
    errors = write_joint_plot(tmp_path / "joints.png", states, embodiment)
    assert tuple(errors) == embodiment.action_names
    write_report(tmp_path / "report.json", result, errors, {"seed": 0}, {"time": "now"})
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["success"] is True
    assert report["act"]["count"] == result.last.act.count
    assert not write_film(tmp_path / "none.mp4", [], states, embodiment)
    assert write_film(tmp_path / "run.mp4", box.pictures(), states, embodiment)
    with av.open(str(tmp_path / "run.mp4")) as film:
        assert film.streams.video[0].frames >= 3


def test_a_run_that_takes_too_long_ends_as_time_out(session: RealtimeFakeSession):
    result, _ = run_turn(session, TurnPolicy(goal=0.1), time_limit_s=0.6)
    assert result.outcome is RunOutcome.TIME_OUT
    assert session.held == 1


def test_an_emergency_stop_ends_the_run(session: RealtimeFakeSession):
    looks = []

    def look(progress) -> None:
        looks.append(progress)
        if len(looks) == 3:
            session.stop("test")

    result, _ = run_turn(session, TurnPolicy(goal=0.1), on_progress=look)
    assert result.outcome is RunOutcome.STOPPED or result.outcome is RunOutcome.FAILED
    assert session.state().mode is RobotMode.EMERGENCY_STOP


@pytest.mark.parametrize("error", [RoboticsError("lost the camera"), ZeroDivisionError("oops")])
def test_a_failing_policy_ends_the_run_and_the_arms_hold(session: RealtimeFakeSession, error: Exception):
    result, _ = run_turn(session, TurnPolicy(goal=0.1, after_acts=1, error=error))
    assert result.outcome is RunOutcome.FAILED
    assert str(error) in result.message
    assert session.held == 1


def test_the_operator_can_end_a_run(session: RealtimeFakeSession):
    result, _ = run_turn(session, TurnPolicy(goal=0.1), aborted=lambda: True)
    assert result.outcome is RunOutcome.ABORTED


def test_ctrl_c_leaves_the_arms_holding(session: RealtimeFakeSession):
    def interrupt(progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_turn(session, TurnPolicy(goal=0.1), on_progress=interrupt)
    assert session.held == 1


def test_a_policy_is_warm_and_fresh_before_the_run(session: RealtimeFakeSession):
    policy = TurnPolicy()
    assert warm_up(session, policy) >= 0
    assert (policy.acts, policy.resets) == (1, 2)


def test_the_terminal_says_what_matters(session: RealtimeFakeSession, capsys: pytest.CaptureFixture[str]):
    result, _ = run_turn(session, TurnPolicy())
    with LiveTerminal(Console(force_terminal=True, width=100)) as terminal:
        terminal.show(result.last)
    shown = capsys.readouterr().out
    for part in ("turn_left_arm", "Hz", "missed deadlines", "starvations", "chunk latency"):
        assert part in shown
    assert "progress 1.00" in progress_line(result.last)
