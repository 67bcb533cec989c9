"""`run`, `home` and `serve robot` as a user runs them: real robot processes, real time, a scripted policy."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from robotics.cli.main import EXIT_ERROR, EXIT_INTERRUPTED, EXIT_NOT_SUCCEEDED, EXIT_OK, main

# a policy that waves; checkpoints are tested with the policies
WAVE = """
import sys
import numpy as np
from robotics.action import ActionChunk
from robotics.cli import main as program, run

class Wave:
    name, cameras, replan_steps = "wave", ("overhead",), 10
    def __init__(self, session):
        self.embodiment = session.describe().embodiment
    def reset(self):
        pass
    def act(self, observation):
        targets = np.tile(self.embodiment.home, (30, 1))
        targets[:, 0] += 0.2
        return ActionChunk.answering(observation, self.embodiment, targets)

run.make_policy = lambda name, session: Wave(session)
sys.exit(program.main(sys.argv[1:]))
"""


def start(*words: str, code: str = "") -> subprocess.Popen[str]:
    program = ["-c", code] if code else ["-m", "robotics.cli.main"]
    return subprocess.Popen(
        [sys.executable, *program, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    )


def read_until(process: subprocess.Popen[str], wanted: str) -> str:
    """Lines of output up to the one that holds `wanted`."""
    assert process.stdout is not None
    shown = ""
    for line in process.stdout:
        shown += line
        if wanted in line:
            return shown
    raise AssertionError(f"never said '{wanted}':\n{shown}")


def interrupt(process: subprocess.Popen[str]) -> str:
    """Ctrl-C as a terminal sends it; returns the rest of the output."""
    os.killpg(process.pid, signal.SIGINT)
    try:
        return process.communicate(timeout=30)[0]
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def test_a_run_over_grpc_leaves_film_plot_and_report(tmp_path: Path):
    out = tmp_path / "run"
    process = start("run", "open the drawer", "--time-limit", "1.5", "--out", str(out), code=WAVE)
    shown, _ = process.communicate(timeout=120)
    assert process.returncode == EXIT_NOT_SUCCEEDED, shown
    assert "NOT DONE (time out)" in shown
    assert "missed deadlines" in shown
    assert "arms    home" in shown
    report = json.loads((out / "report.json").read_text())
    assert (report["success"], report["task"], report["conditions"]["policy"]) == (
        False,
        "open_drawer",
        "wave",
    )
    assert report["chunk"]["count"] >= 2
    for name in ("run.mp4", "joints.png"):
        assert (out / name).stat().st_size > 1000


def test_ctrl_c_during_a_run_is_one_word_and_ends_every_process(tmp_path: Path):
    process = start("run", "open the drawer", "--out", str(tmp_path / "run"), code=WAVE)
    read_until(process, "progress")
    shown = interrupt(process)
    assert process.returncode == EXIT_INTERRUPTED
    assert "Traceback" not in shown
    assert shown.strip().endswith("interrupted")
    deadline = time.monotonic() + 10
    while robot_processes_of(process.pid):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def robot_processes_of(parent: int) -> list[str]:
    """Processes of a robot that name this parent in their configuration."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_text()
        except OSError:
            continue
        if "robotics.bridge." in words and f'"parent": {parent}' in words:
            found.append(words)
    return found


def test_a_served_robot_goes_home_for_a_client_and_ends_with_ctrl_c(capfd: pytest.CaptureFixture[str]):
    process = start("serve", "robot", "--port", "0")
    shown = read_until(process, "in real time at")
    address = shown.rsplit("in real time at ", 1)[1].split(";")[0]
    assert main(["home", "--robot", address]) == EXIT_OK
    assert "home" in capfd.readouterr().out
    # the port is taken now
    assert main(["serve", "robot", "--port", address.rsplit(":", 1)[1]]) == EXIT_ERROR
    assert "in use" in capfd.readouterr().err
    assert "Traceback" not in interrupt(process)
    assert process.returncode == EXIT_INTERRUPTED
    # nobody answers any more
    assert main(["home", "--robot", address]) == EXIT_ERROR
    assert capfd.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["fly to the moon"], "no task understands"),
        (["open the drawer", "--policy", "expert"], "robotics eval"),
        (["open the drawer", "--policy", "chekpoints/mine"], "no policy"),
        (["open the drawer", "--robot", "sim:alpha2"], "'aloha2'"),
    ],
)
def test_bad_input_is_one_clear_line(words: list[str], hint: str, tmp_path: Path):
    code = WAVE if words[0].startswith("fly") else ""
    process = start("run", *words, "--out", str(tmp_path / "run"), code=code)
    shown, _ = process.communicate(timeout=60)
    assert process.returncode == EXIT_ERROR
    assert hint in shown
    assert "Traceback" not in shown
