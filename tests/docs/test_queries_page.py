"""What docs/queries.md says of queries is so."""

import importlib
import re
import shlex
from pathlib import Path

import pytest
import tyro

from robotics.cli.main import find_command
from robotics.reasoning.language.attributes import PATTERNS, RELATIONS, SIZES
from robotics.reasoning.language.families import COLOURS, FAMILIES

PAGE = (Path(__file__).parents[2] / "docs/queries.md").read_text()


def test_the_python_of_the_page_runs(capsys):
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(block, "docs/queries.md", "exec"), {})
    said = capsys.readouterr().out.strip()
    assert said in block


@pytest.mark.parametrize("line", re.findall(r"^(robotics .*)$", PAGE, re.MULTILINE))
def test_a_command_of_the_page_is_understood(line: str):
    command, rest = find_command(shlex.split(line)[1:])
    arguments = importlib.import_module(command.module).Arguments
    assert tyro.cli(arguments, args=rest, config=(tyro.conf.FlagCreatePairsOff,))


def test_the_page_names_the_vocabulary_that_there_is():
    assert f"the {len(FAMILIES)} families" in PAGE
    assert f"| {len(COLOURS)}, each" in PAGE
    for word in (*PATTERNS, *SIZES, *(relation.value for relation in RELATIONS)):
        assert word in PAGE, word
