"""`data export` and `data import` as a user runs them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from contracts.demonstration_episodes import make_dataset
from contracts.fake_embodiment import FAKE_EMBODIMENT_FILE
from contracts.interchange_round_trip import assert_same_but_for_pictures, make_varied_dataset

from demonstrations.dataset import DemonstrationDataset
from robotics.cli.main import EXIT_ERROR, EXIT_INTERRUPTED, EXIT_OK, main


@pytest.mark.parametrize("name", ["lerobot", "aloha"])
def test_there_and_back(tmp_path, capsys, name):
    original = make_varied_dataset(tmp_path / "set")
    there, back = str(tmp_path / "there"), str(tmp_path / "back")
    quality = ["--crf", "10"] if name == "lerobot" else []
    assert (
        main(["data", "export", str(tmp_path / "set"), "--format", name, "--out", there, *quality]) == EXIT_OK
    )
    assert "3 episodes" in capsys.readouterr().out
    robot = ["--robot", str(FAKE_EMBODIMENT_FILE)]
    assert main(["data", "import", there, "--format", name, *robot, "--out", back]) == EXIT_OK
    assert "3 episodes, 60 ticks" in capsys.readouterr().out
    assert_same_but_for_pictures(original, DemonstrationDataset.open(back), largest_error=10)


@pytest.mark.parametrize("name", ["robomimic", "diffusion-policy", "mcap"])
def test_the_other_formats_write_the_episodes_asked_for(tmp_path, capsys, name):
    make_varied_dataset(tmp_path / "set")
    words = ["--format", name, "--episodes", "0,2", "--out", str(tmp_path / "out")]
    assert main(["data", "export", str(tmp_path / "set"), *words]) == EXIT_OK
    assert "2 episodes" in capsys.readouterr().out
    assert any((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--format", "lerobt"], "'lerobot'"),
        (["--format", "lerobot", "--episodes", "5"], "there are: 0"),
        (["--format", "lerobot", "--episodes", "one"], "got 'one'"),
        (["--format", "lerobot", "--task", "turn"], "turn_left_arm"),
        (["--format", "lerobot", "--rate", "100"], "at most the control rate, 50 Hz"),
        (["--format", "lerobot", "--crf", "99"], "wanted crf 0 .. 51"),
        (["--format", "mcap", "--rate", "25"], "as recorded"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(tmp_path, capsys, words, hint):
    make_dataset(tmp_path / "set", episodes=1, ticks=4)
    assert (
        main(["data", "export", str(tmp_path / "set"), "--out", str(tmp_path / "out"), *words]) == EXIT_ERROR
    )
    lines = [line for line in capsys.readouterr().err.splitlines() if "Error" in line]
    assert len(lines) == 1
    assert hint in lines[0]
    assert [p.name for p in tmp_path.iterdir()] == ["set"]


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--format", "lerobot", "--robot", "aloha3"], "aloha2"),
        (["--format", "mcap", "--robot", "aloha2"], "lerobot, aloha"),
        (["--format", "lerobot", "--robot", "aloha2"], "has no meta/info.json"),
        (["--format", "aloha", "--robot", "aloha2", "--cameras", "top"], "THEIRS=OURS, got 'top'"),
        (["--format", "aloha", "--robot", "aloha2"], "has no episode_"),
    ],
)
def test_what_cannot_be_imported_is_one_line(tmp_path, capsys, words, hint):
    assert main(["data", "import", str(tmp_path), "--out", str(tmp_path / "out"), *words]) == EXIT_ERROR
    shown = capsys.readouterr().err.strip()
    assert hint in shown
    assert "\n" not in shown
    assert [*tmp_path.iterdir()] == []


def test_an_existing_folder_is_not_overwritten(tmp_path, capsys):
    make_dataset(tmp_path / "set", episodes=1, ticks=4)
    (tmp_path / "out").mkdir()
    words = ["--format", "aloha", "--out", str(tmp_path / "out")]
    assert main(["data", "export", str(tmp_path / "set"), *words]) == EXIT_ERROR
    assert "already exists" in capsys.readouterr().err


def test_ctrl_c_leaves_no_half_export(tmp_path: Path):
    make_dataset(tmp_path / "set", episodes=1, ticks=3000)
    words = ["data", "export", str(tmp_path / "set"), "--format", "lerobot", "--out", str(tmp_path / "out")]
    process = subprocess.Popen(
        [sys.executable, "-m", "robotics.cli.main", *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not [*tmp_path.glob("out.*.partial/videos/*/*/*.mp4")]:
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, shown = process.communicate(timeout=60)
    assert process.returncode == EXIT_INTERRUPTED
    assert "Traceback" not in shown
    assert [p.name for p in tmp_path.iterdir()] == ["set"]
