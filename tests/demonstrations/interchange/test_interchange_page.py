"""The examples of docs/interchange.md run, its commands exist, and its table has every format."""

import re
import shlex
from pathlib import Path

import pytest
from contracts.demonstration_episodes import make_dataset

from demonstrations.interchange.formats import FORMATS
from robotics.cli.main import find_command

PAGE = Path(__file__).parents[3] / "docs/interchange.md"
TEXT = PAGE.read_text()


@pytest.mark.parametrize("example", re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL))
def test_an_example_of_the_page_runs(tmp_path, monkeypatch, capsys, example):
    make_dataset(tmp_path / "data/put_in_bowl", episodes=2)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, str(PAGE), "exec"), {})
    assert "2 episodes" in capsys.readouterr().out


def test_the_commands_of_the_page_are_understood():
    import tyro

    from robotics.cli import data_export, data_import

    lines = [line for line in TEXT.splitlines() if line.startswith("robotics data")]
    assert len(lines) >= 5
    for line in lines:
        command, rest = find_command(shlex.split(line)[1:])
        module = {"export": data_export, "import": data_import}[command.words[1]]
        assert tyro.cli(module.Arguments, args=rest).out


def test_the_table_lists_every_format_and_what_is_read():
    rows = re.findall(r"^\| `([\w-]+)` \|.*?\|.*?\| (yes|no) \|", TEXT, re.MULTILINE)
    assert dict(rows) == {known.name: "yes" if known.reader else "no" for known in FORMATS}


def test_every_script_that_it_names_is_there():
    named = set(re.findall(r"`(?:docs/peers/)?(\w+\.(?:py|sh))`", TEXT))
    assert named
    for name in named:
        assert (PAGE.parent / "peers" / name).is_file()
