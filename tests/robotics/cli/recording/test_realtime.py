"""`robotics record` in real time: on a robot without processes, and once as a person at a terminal has it."""

import os
import pty
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from contracts.fake_embodiment import fake_embodiment
from contracts.realtime_session import RealtimeFakeSession

from demonstrations import DemonstrationDataset
from demonstrations.verify import verify
from robotics.action import ActionChunk
from robotics.cli.main import EXIT_ERROR, EXIT_OK, main
from robotics.cli.recording import realtime
from robotics.observation import Observation
from robotics.session import EventKind


class TurnPolicy:
    """Does the fake robot's task."""

    name, cameras, replan_steps = "turn", ("overhead",), 10

    def reset(self) -> None:
        """It remembers nothing."""

    def act(self, observation: Observation) -> ActionChunk:
        positions = np.tile(fake_embodiment().home, (30, 1))
        positions[:, 0] += 0.6
        return ActionChunk.answering(observation, fake_embodiment(), positions)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[RealtimeFakeSession]:
    session = RealtimeFakeSession()
    monkeypatch.setattr(realtime, "connect", lambda robot, **_: session)
    monkeypatch.setattr(realtime, "make_policy", lambda source, session: TurnPolicy())
    yield session
    session.close()


def record(out: Path, *more: str) -> int:
    words = ("--robot", "localhost:1", "--source", "turn", "--task", "turn_left_arm", "--out", str(out))
    return main(["record", *words, *more])


def test_a_policy_records_until_there_are_enough_and_goes_on_where_it_stopped(
    session: RealtimeFakeSession, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch
):
    out = tmp_path / "data"
    assert record(out, "--episodes", "1", "--operator", "Ada") == EXIT_OK
    again = RealtimeFakeSession()
    monkeypatch.setattr(realtime, "connect", lambda robot, **_: again)
    assert record(out, "--episodes", "2") == EXIT_OK
    dataset = DemonstrationDataset.open(out)
    assert [entry.seed for entry in dataset.entries] == [0, 1]
    assert verify(dataset) == []
    meta = dataset.episode(0).metadata
    assert (meta.operator, meta.source, meta.task, meta.success) == ("Ada", "turn", "turn_left_arm", True)
    assert {"outcome", "subtask"} <= {event.kind.value for event in meta.events}
    assert meta.missing_ticks == 0
    shown = capsys.readouterr()
    assert "seeds recorded 0-1; failed none" in shown.out
    assert "1 success" in shown.out
    assert "recording on" in shown.err
    assert record(out, "--episodes", "2") == EXIT_OK
    assert "already" in capsys.readouterr().out


def test_failures_are_kept_and_told(
    session: RealtimeFakeSession, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch
):
    monkeypatch.setattr("robotics.operator.collect._HOPELESS", 1)
    assert record(tmp_path / "data", "--episodes", "1", "--time-limit", "0.2") == EXIT_ERROR
    assert "no success; the last: not done within 0.2 s" in capsys.readouterr().err
    (episode,) = DemonstrationDataset.open(tmp_path / "data")
    assert (episode.metadata.success, episode.metadata.outcome) == (False, "not done within 0.2 s")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--realtime", "--source", "expert"], "teleop"),
        (["--source", "teleop"], "--realtime"),
        (["--source", "expert", "--intervene", "teleop"], "--realtime"),
        (["--realtime", "--source", "teleop", "--intervene", "teleop"], "has control already"),
        (["--realtime", "--source", "teleop", "--time-limit", "0"], "--time-limit"),
    ],
)
def test_what_does_not_fit_together_is_one_line(
    arguments: list[str], hint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["record", "--task", "put_in_bowl", "--out", str(tmp_path / "d"), *arguments]) == EXIT_ERROR
    shown = capsys.readouterr().err.strip()
    assert hint in shown
    assert "\n" not in shown
    assert not (tmp_path / "d").exists()


def test_an_unknown_task_leaves_nothing(
    session: RealtimeFakeSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "data"
    words = ("record", "--robot", "localhost:1", "--source", "x", "--task", "turn", "--out", str(out))
    assert main(words) == EXIT_ERROR
    assert "turn_left_arm" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("more", "hint"),
    [
        (["--cameras", "overhed"], "'overhead'"),
        (["--intervene", "teleop:gamepda"], "teleop:gamepad"),
        (["--intervene", "teleop:terminal"], "missing.xml"),
    ],
)
def test_what_is_wrong_is_told_before_a_dataset_is_made(
    session: RealtimeFakeSession,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: list[str],
    hint: str,
):
    assert record(tmp_path / "data", *more) == EXIT_ERROR
    assert hint in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_a_real_robot_wants_an_instruction(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    session = RealtimeFakeSession(simulated=False)
    monkeypatch.setattr(realtime, "connect", lambda robot, **_: session)
    assert record(tmp_path / "data") == EXIT_ERROR
    assert "--instruction" in capsys.readouterr().err


class Terminal:
    """A person's terminal with `robotics` in it."""

    def __init__(self, *words: str):
        self.process, self._descriptor = pty.fork()
        if not self.process:
            os.execv(sys.executable, [sys.executable, "-m", "robotics.cli.main", *words])
        os.set_blocking(self._descriptor, False)
        self.shown = ""

    def type(self, keys: str) -> None:
        os.write(self._descriptor, keys.encode())

    def read(self) -> bool:
        """False once it has ended."""
        try:
            self.shown += os.read(self._descriptor, 65536).decode(errors="replace")
        except BlockingIOError:
            time.sleep(0.02)
        except OSError:
            return False
        return True

    def wait_for(self, text: str, after: int = 0, limit_s: float = 60.0) -> int:
        """Where the text begins; what was shown before `after` does not count."""
        end_s = time.monotonic() + limit_s
        while text not in self.shown[after:]:
            assert self.read() and time.monotonic() < end_s, self.shown
        return self.shown.index(text, after)


def test_a_person_moves_an_arm_by_keys_and_keeps_the_episode(tmp_path: Path):
    out = tmp_path / "data"
    words = ("--realtime", "--source", "teleop:terminal", "--task", "put_in_bowl", "--cameras", "overhead")
    terminal = Terminal("record", *words, "--episodes", "2", "--out", str(out))
    place = terminal.wait_for("Enter begins")
    terminal.type("\n")
    terminal.wait_for("REC", place)
    end_s = time.monotonic() + 1.0
    while time.monotonic() < end_s:
        terminal.type("d")
        terminal.read()
    terminal.type("g")
    place = terminal.wait_for("success after")
    terminal.wait_for("Enter begins", place)
    terminal.type("q")
    terminal.wait_for("seeds recorded 0;")
    while terminal.read():
        pass
    assert os.waitstatus_to_exitcode(os.waitpid(terminal.process, 0)[1]) == EXIT_OK
    dataset = DemonstrationDataset.open(out)
    assert verify(dataset) == []
    (episode,) = dataset
    assert episode.metadata.success
    assert [e.text for e in episode.metadata.events if e.kind is EventKind.OUTCOME] == ["success"]
    assert episode.metadata.cameras["overhead"].mount == "world"
    assert np.abs(episode.applied[-1] - episode.applied[0])[:6].max() > 0.05
    np.testing.assert_array_equal(episode.applied[-1][7:], episode.applied[0][7:])
