"""Commands and program of docs/planner.md are as the program understands them."""

import importlib
import re
import shlex
from pathlib import Path

import pytest
import tyro

from policies.planner.program.code_check import check_code
from robotics.cli.main import find_command

PAGE = (Path(__file__).parents[2] / "docs/planner.md").read_text()
COMMANDS = re.findall(r"^(robotics .*)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_page_is_understood(line: str):
    command, rest = find_command(shlex.split(line)[1:])
    arguments = importlib.import_module(command.module).Arguments
    assert tyro.cli(arguments, args=rest, config=(tyro.conf.FlagCreatePairsOff,))


def test_the_program_of_the_page_is_allowed():
    (program,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    check_code(program)
