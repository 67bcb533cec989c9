"""The `robotics` program: help, errors, exit codes."""

import importlib.util
import subprocess
import sys

import pytest

from robotics.cli import main as program
from robotics.cli.main import COMMANDS, EXIT_ERROR, EXIT_INTERRUPTED, EXIT_OK, main
from robotics.errors import RoboticsError


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]):
    assert main(["--help"]) == EXIT_OK
    shown = capsys.readouterr().out
    for command in COMMANDS:
        assert " ".join(command.words) in shown


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from robotics.cli.main import main; main(['--help']);"
        "heavy = {'numpy', 'torch', 'mujoco', 'grpc', 'tyro', 'rich', 'zarr'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: " ".join(c.words))
def test_every_command_exists_and_its_help_has_an_example(command, capsys: pytest.CaptureFixture[str]):
    assert importlib.util.find_spec(command.module) is not None
    with pytest.raises(SystemExit) as stopped:
        main([*command.words, "--help"])
    assert stopped.value.code == 0
    shown = capsys.readouterr().out
    assert f"robotics {' '.join(command.words)}" in shown.split("Example:")[1]


@pytest.mark.parametrize(
    ("typed", "hint"),
    [(["evla"], "'eval'"), (["serve", "robt"], "'serve robot'"), (["embodiment", "lst"], "list")],
)
def test_a_mistyped_command_is_one_line_with_the_nearest_names(
    typed, hint, capsys: pytest.CaptureFixture[str]
):
    assert main(typed) == EXIT_ERROR
    shown = capsys.readouterr().err
    assert hint in shown
    assert shown.count("\n") == 1


def test_the_first_word_of_a_family_lists_the_family(capsys: pytest.CaptureFixture[str]):
    assert main(["serve", "--help"]) == EXIT_OK
    assert "robotics serve policy" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("raised", "code", "line"),
    [
        (RoboticsError("the arm is unplugged"), EXIT_ERROR, "RoboticsError: the arm is unplugged\n"),
        (KeyboardInterrupt(), EXIT_INTERRUPTED, "interrupted\n"),
    ],
)
def test_errors_and_interrupts_are_one_line_without_traceback(
    raised, code, line, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def fail(command, rest):
        raise raised

    monkeypatch.setattr(program, "_run", fail)
    assert main(["task", "list"]) == code
    assert capsys.readouterr().err == line
