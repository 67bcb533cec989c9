"""docs/state_change.md: its commands are as the program understands them, its Python runs."""

import importlib
import re
import shlex
from pathlib import Path

import pytest
import tyro

from robotics.cli.main import find_command

PAGE = (Path(__file__).parents[2] / "docs/state_change.md").read_text()
LINES = [
    line
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("robotics ")
]


@pytest.mark.parametrize("line", LINES)
def test_a_command_of_the_page_is_understood(line: str):
    command, rest = find_command(shlex.split(line)[1:])
    tyro.cli(
        importlib.import_module(command.module).Arguments, args=rest, config=(tyro.conf.FlagCreatePairsOff,)
    )


def test_the_python_of_the_page_runs(capsys: pytest.CaptureFixture[str]):
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(example, "state_change.md", "exec"), {})
    assert 0 <= float(capsys.readouterr().out) <= 1
