"""`record` and `eval` as a user runs them, on the simulated robot."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from demonstrations import DemonstrationDataset
from robotics.cli.main import EXIT_ERROR, EXIT_INTERRUPTED, EXIT_OK, main


def record(out: Path, episodes: int, *more: str) -> int:
    where = ("--out", str(out), "--cameras", "overhead")
    return main(
        ["record", "--task", "put_in_bowl", *where, "--episodes", str(episodes), "--perturbation", "0", *more]
    )


def test_recording_continues_where_it_stopped(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "bowl"
    assert record(out, 1) == EXIT_OK
    assert record(out, 2) == EXIT_OK
    dataset = DemonstrationDataset.open(out)
    assert len({entry.seed for entry in dataset.entries}) == len(dataset) == 2
    assert all(entry.success for entry in dataset.entries)
    assert record(out, 2) == EXIT_OK
    assert "already" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--task", "put_in_bwl"], "'put_in_bowl'"),
        (["--task", "put_in_bowl", "--cameras", "overhed"], "'overhead'"),
        (["--task", "put_in_bowl", "--source", "exprt"], "'expert'"),
        (["--task", "put_in_bowl", "--robot", "sim:aloha"], "'aloha2'"),
        (["--task", "put_in_bowl", "--instruction", "fly to the moon"], "red cube"),
        (["--task", "put_in_bowl", "--episodes", "0"], "at least one"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    arguments: list[str], hint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["record", "--out", str(tmp_path / "data"), *arguments]) == EXIT_ERROR
    shown = capsys.readouterr().err.strip()
    assert hint in shown
    assert "\n" not in shown
    assert not (tmp_path / "data").exists()


def test_ctrl_c_keeps_the_episodes_so_far(tmp_path: Path):
    out = tmp_path / "bowl"
    where = ("--out", str(out), "--cameras", "overhead")
    words = ("record", "--task", "put_in_bowl", *where, "--episodes", "500")
    process = subprocess.Popen(
        [sys.executable, "-m", "robotics.cli.main", *words],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while not list(out.glob("episodes/*")):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)  # a terminal's Ctrl-C reaches the whole group
        _, shown = process.communicate(timeout=30)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == EXIT_INTERRUPTED
    assert "Traceback" not in shown
    assert shown.strip().endswith("interrupted")
    dataset = DemonstrationDataset.open(out)
    assert dataset.recovered == ()
    assert len(dataset.demonstrations("put_in_bowl")) == len(dataset) >= 1


def test_an_evaluation_leaves_results_report_and_films(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out, extra = tmp_path / "report", tmp_path / "extra" / "results.json"
    where = ("--out", str(out), "--json", str(extra), "--film-successes", "--videos", "1")
    code = main(["eval", "--policy", "expert", "--task", "put_in_bowl", "--episodes", "2", *where])
    assert code == EXIT_OK
    data = json.loads(extra.read_text())
    assert data == json.loads((out / "results.json").read_text())
    assert (data["overall"]["episodes"], data["overall"]["successes"]) == (2, 2)
    assert [episode["seed"] for episode in data["episodes"]] == [1_000_000, 1_000_001]
    assert data["environment"]["packages"]["mujoco"].startswith("3.")
    page = (out / "report.html").read_text()
    assert "videos/put_in_bowl-1000000.mp4" in page
    assert (out / "videos" / "put_in_bowl-1000000.mp4").stat().st_size > 1000
    assert "2/2 = 100.0 %" in capsys.readouterr().out


def test_a_remote_robot_cannot_be_evaluated_in_lockstep(capsys: pytest.CaptureFixture[str]):
    assert main(["eval", "--policy", "expert", "--robot", "localhost:1"]) == EXIT_ERROR
    assert "sim:NAME" in capsys.readouterr().err
